"""Render report.html: the result of an import on one page."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contact_import.cellcast.response_body import is_routine
from contact_import.reports.advice import Todo, count_todos
from contact_import.reports.html.facts import build_head_facts, build_technical_details
from contact_import.reports.html.masked_text import MaskedText, mask_cell, mask_sentence
from contact_import.reports.html.sample_rows import FailedRow, SampleRows
from contact_import.reports.html.spreadsheet_steps import find_steps
from contact_import.reports.html.template import format_timestamp, render_page, shorten_name
from contact_import.reports.html.todo_cards import build_todo_sections
from contact_import.reports.mail.links import build_page_link
from contact_import.reports.masking import escape_control_chars
from contact_import.reports.summary import (
    STATUS_MEANINGS,
    count_missing,
    format_took,
    get_conditional,
    get_field_label,
    name_column,
    summarize_result,
)

PRINTED_ROWS = 50  # of masked rows: 500 are 35 sheets of dots
_BAR_WIDTH = 1000.0  # the view box of the template's SVG
_MIN_SEGMENT_WIDTH = 6.0  # one row of a million is still visible


def render_report(result: Mapping[str, Any], sample_rows: SampleRows | None = None, *, page_address: str = "") -> str:
    """Return the page for the content of a result.json and the first failed rows.

    It links to the import page at `page_address`, "" for none.
    """
    sample_rows = sample_rows or SampleRows()
    failed = result["rows"]["read"] - result["rows"]["accepted"]
    return render_page(
        "report.html.jinja",
        ("local_time.js", "report.js"),
        **_build_head(result),
        **_build_table(sample_rows),
        **_build_columns(result["columns"]),
        failed=failed,
        accepted=result["rows"]["accepted"],
        needs_action=_needs_action(result),
        failed_csv=base64.b64encode(sample_rows.failed_csv if failed else b"").decode(),
        todo_sections=list(build_todo_sections(result["reasons"], dry_run=result["dry_run"])),
        source="file" if result["source"]["kind"] == "s3" else "delivery",
        imported=f"{get_conditional(result)}imported",
        warnings=list(_build_warnings(result)),
        consent=_build_consent(result.get("consent") or {}),
        messages=[mask_sentence(text) for text in result["messages"] if not is_routine(text)],
        page_link=build_page_link(page_address, result["import_id"]),
        technical_details=list(build_technical_details(result)),
    )


def _build_head(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the page's head: how the import ended, and where its contacts are."""
    rows, error = result["rows"], result["error"] or ""
    return {
        "tone": _choose_tone(result),
        "name": shorten_name(result["source"]["key"].rpartition("/")[2] or result["import_id"]),
        "summary": summarize_result(result),
        "dry_run": result["dry_run"],
        "sandbox": result.get("sandbox", False),
        "error": mask_sentence(error),
        "steps": find_steps(error) if not rows["read"] else (),
        "bar": list(_compute_bar(rows)),
        "statuses": [(status, rows[status]) for status in STATUS_MEANINGS if rows[status]],
        "head_facts": list(build_head_facts(result)),
        "finished_at": result["finished_at"],
        "finished": format_timestamp(result["finished_at"]),
        "took": format_took(result),
    }


def _build_table(sample_rows: SampleRows) -> dict[str, Any]:
    """Return the table of failed rows."""
    return {
        "column_names": [escape_control_chars(name) for name in sample_rows.column_names],
        "lead_count": sample_rows.lead_count,
        "rows": [_build_row(row) for row in sample_rows.rows],
        "printed_rows": PRINTED_ROWS,
        "shown_statuses": list(dict.fromkeys(row.status for row in sample_rows.rows)),
    }


def _choose_tone(result: Mapping[str, Any]) -> str:
    """Return the CSS class of the page's head: red if nothing was imported although there was something to import."""
    if result["status"] == "failed" or (_needs_action(result) and not result["rows"]["accepted"]):
        return "bad"
    return "mixed" if _needs_action(result) or count_missing(result) else "good"


def _needs_action(result: Mapping[str, Any]) -> bool:
    """Return whether a person has to do something about the rows that were not imported."""
    return bool(count_todos(result["reasons"]).keys() - {Todo.NOTHING})


def _compute_bar(rows: Mapping[str, int]) -> Iterator[tuple[str, float, float]]:
    """Yield status, position and width of each segment of a bar that is `_BAR_WIDTH` wide."""
    # In the order of STATUS_MEANINGS, which is that of the legend below the bar.
    counts = {status: rows[status] for status in STATUS_MEANINGS if rows[status]}
    total = sum(counts.values())
    widths = {status: max(_MIN_SEGMENT_WIDTH, _BAR_WIDTH * count / total) for status, count in counts.items()}
    # Widened segments make the bar too long: all of them shrink by the same factor.
    scale = _BAR_WIDTH / (sum(widths.values()) or 1)
    position = 0.0
    for status, width in widths.items():
        yield status, round(position, 1), round(width * scale, 1)
        position += width * scale


class _ShownRow(NamedTuple):
    number: int
    status: str
    reason: MaskedText
    suggestion: MaskedText
    cells: Sequence[MaskedText]


def _build_row(row: FailedRow) -> _ShownRow:
    cells = [mask_cell(cell) for cell in row.cells]
    return _ShownRow(row.number, row.status, mask_sentence(row.reason), mask_sentence(row.suggestion), cells)


def _build_columns(columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the columns that were imported, each with its field, and the headers of those that were not."""
    return {
        "columns": [
            (escape_control_chars(one["header"]), get_field_label(one["field"])) for one in columns if one["field"]
        ],
        # Columns that begin with "_" are this importer's own, of a failed.csv.
        "ignored_columns": [
            escape_control_chars(one["header"])
            for one in columns
            if not one["field"] and one["header"].strip() and not one["header"].startswith("_")
        ],
    }


def _build_warnings(result: Mapping[str, Any]) -> Iterator[tuple[str, str, int, int]]:
    """Yield the user's column, the reason, the number of rows and the first of them."""
    for warning in result["warnings"]:
        column = escape_control_chars(name_column(result, warning["field"]))
        yield column, warning["reason"], warning["count"], warning["first_row"]


def _build_consent(consent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts, and a line for each value of each column."""
    return {
        **{name: consent.get(name, 0) for name in ("yes", "no", "silent", "required")},
        "unclear_count": sum(consent.get("unclear", {}).values()),
        "columns": [
            (escape_control_chars(column["header"]), escape_control_chars(one["value"]), one["taken_for"], one["count"])
            for column in consent.get("columns", ())
            for one in column["values"]
        ],
    }
