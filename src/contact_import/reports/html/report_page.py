"""report.html: the result of an import on one page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contact_import.reports.advice import STATUS_MEANINGS, ReasonGroup, get_status_meanings, group_reasons
from contact_import.reports.html.sample_rows import FailedRow, SampleRows
from contact_import.reports.html.template import format_timestamp, render_page
from contact_import.reports.masking import escape_control_chars, mask, mask_personal_data
from contact_import.reports.summary import count_missing, summarize_result

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "^": "caret", "~": "tilde"}
_MAX_REASONS_PER_CAUSE = 10
_BAR_WIDTH = 1000.0  # the view box of the template's SVG
_MIN_SEGMENT_WIDTH = 6.0  # one row of a million is still visible
_STATUSES_WITHOUT_ACTION = ("read", "accepted", "duplicate", "opted_out")  # nothing to correct in such rows


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Text that may contain personal data: `shown` at first, and `full` when the reader asks for it."""

    shown: str
    full: str

    @property
    def is_masked(self) -> bool:
        return self.shown != self.full


def render_report(result: Mapping[str, Any], sample_rows: SampleRows | None = None) -> str:
    """Return the page for the content of a result.json and the first failed rows."""
    sample_rows = sample_rows or SampleRows()
    rows, headers = result["rows"], result["columns"]
    return render_page(
        "report.html.jinja",
        "report.js",
        tone=_choose_tone(result),
        name=escape_control_chars(result["source"]["key"].rpartition("/")[2] or result["import_id"]),
        summary=summarize_result(result),
        dry_run=result["dry_run"],
        sandbox=result.get("sandbox", False),
        error=_mask_sentence(result["error"] or ""),
        bar=list(_compute_bar(rows)),
        statuses=[
            (status, rows[status], meaning)
            for status, meaning in get_status_meanings(
                dry_run=result["dry_run"], sandbox=result.get("sandbox", False)
            ).items()
            if rows[status]
        ],
        groups=[_build_group(group, sample_rows) for group in group_reasons(result["reasons"])],
        needs_no_correction=not any(count for status, count in rows.items() if status not in _STATUSES_WITHOUT_ACTION),
        source="file" if result["source"]["kind"] == "s3" else "delivery",
        column_names=[escape_control_chars(name) for name in sample_rows.column_names],
        rows=[_build_row(row) for row in sample_rows.rows],
        failed=rows["read"] - rows["accepted"],
        shown_statuses=list(dict.fromkeys(row.status for row in sample_rows.rows)),
        facts=list(_build_facts(result)),
        columns=[(escape_control_chars(one["header"]), one["field"]) for one in headers if one["field"]],
        ignored_columns=[
            escape_control_chars(one["header"]) for one in headers if not one["field"] and one["header"].strip()
        ],
        warnings=result["warnings"],
        consent=_build_consent(result.get("consent") or {}),
        messages=[_mask_sentence(message) for message in result["messages"]],
    )


def _choose_tone(result: Mapping[str, Any]) -> str:
    """Return the CSS class of the page's head."""
    tone = {"completed": "good", "completed_with_failures": "mixed"}.get(result["status"], "bad")
    return "mixed" if tone == "good" and count_missing(result) else tone


def _compute_bar(rows: Mapping[str, int]) -> Iterator[tuple[str, float, float]]:
    """Yield status, position and width of each segment of a bar that is `_BAR_WIDTH` wide."""
    counts = {status: rows[status] for status in STATUS_MEANINGS if rows[status]}
    total = sum(counts.values())
    widths = {status: max(_MIN_SEGMENT_WIDTH, _BAR_WIDTH * count / total) for status, count in counts.items()}
    # Widened segments make the bar too long: all of them shrink by the same factor.
    scale = _BAR_WIDTH / (sum(widths.values()) or 1)
    position = 0.0
    for status, width in widths.items():
        yield status, round(position, 1), round(width * scale, 1)
        position += width * scale


@dataclass(frozen=True, slots=True)
class _Reason:
    text: MaskedText
    count: int
    first_rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class _ShownGroup:
    """A `ReasonGroup` as the template shows it; `more` reasons are left out."""

    status: str
    cause: str
    advice: str
    count: int
    reasons: Sequence[_Reason]
    more: int


def _build_group(group: ReasonGroup, sample_rows: SampleRows) -> _ShownGroup:
    reasons = [
        _Reason(_mask_sentence(reason), count, sample_rows.first_rows.get((group.status, reason), ()))
        for reason, count in group.reasons[:_MAX_REASONS_PER_CAUSE]
    ]
    more = len(group.reasons) - len(reasons)
    return _ShownGroup(group.status, group.advice.cause, group.advice.advice, group.count, reasons, more)


@dataclass(frozen=True, slots=True)
class _ShownRow:
    number: int
    status: str
    reason: MaskedText
    suggestion: MaskedText
    cells: Sequence[MaskedText]


def _build_row(row: FailedRow) -> _ShownRow:
    cells = [_mask_cell(cell) for cell in row.cells]
    return _ShownRow(row.number, row.status, _mask_sentence(row.reason), _mask_sentence(row.suggestion), cells)


def _mask_cell(cell: str) -> MaskedText:
    text = escape_control_chars(cell)
    return MaskedText(mask(text), text)


def _mask_sentence(sentence: str) -> MaskedText:
    text = escape_control_chars(sentence)
    return MaskedText(mask_personal_data(text), text)


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


def _build_facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield term and text of each fact about the import."""
    requests = result["requests"]
    yield "File" if result["source"]["kind"] == "s3" else "Door", escape_control_chars(result["source"]["key"])
    if account := result.get("account"):
        yield "Account filled", escape_control_chars(account["name"])
    yield from _build_format_facts(result["format"])
    for term, names in (("Tags", result["tags"]), ("Lists", result["list"])):
        if names:
            yield term, escape_control_chars(", ".join(names))
    if result.get("mapping"):
        yield "Columns told by", escape_control_chars(result["mapping"])
    if requests["sent"]:
        yield "Requests", _format_requests(requests)
    if (verified := result.get("verified")) and not verified["error"]:
        yield "Looked up afterwards", f"{verified['found']:,} of {verified['found'] + verified['missing']:,} are there"
    yield "Started", format_timestamp(result["started_at"])
    yield "Finished", format_timestamp(result["finished_at"])
    yield "Import", result["import_id"]


def _build_format_facts(file_format: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if file_format["encoding"]:
        yield "Encoding", file_format["encoding"]
    if file_format["delimiter"]:
        yield "Delimiter", _DELIMITERS.get(file_format["delimiter"], file_format["delimiter"])
        header_line = file_format["header_line"]
        yield "Header", f"line {header_line}" if header_line else "none: columns known by their values"


def _format_requests(requests: Mapping[str, int]) -> str:
    more = [
        f"{requests[name]:,} {words}"
        for name, words in (
            ("retried", "tried again"),
            ("throttled", "slowed down by Cellcast"),
            ("possibly_repeated", "perhaps sent twice"),
        )
        if requests[name]
    ]
    return ", ".join([f"{requests['sent']:,} to Cellcast", *more])
