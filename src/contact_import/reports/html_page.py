"""report.html: the result on one page that needs no network, and runs nothing but its own few lines."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contact_import.reports.advice import STATUS_MEANINGS, ReasonGroup, get_status_meanings, group_reasons
from contact_import.reports.masking import escape_control_chars, mask, mask_personal_data
from contact_import.reports.sample_rows import FailedRow, SampleRows

if TYPE_CHECKING:
    from jinja2 import Template

RUNNING_MARKER = 'data-state="running"'  # stands in every page that tells no result yet, and in no other
_STAGE_HEADLINES = {
    "waiting": "The import waits for its turn.",
    "reading": "The file is being read.",
    "sending": "The import is running.",
    "writing": "The results are being written.",
}
_TEMPLATE_DIR = Path(__file__).parent / "templates"
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_MAX_REASONS_PER_CAUSE = 10  # of one cause
_BAR_WIDTH = 1000.0
_STATUSES_WITHOUT_ACTION = ("read", "accepted", "duplicate", "opted_out")  # of such rows nothing is to be corrected
_MIN_SEGMENT_WIDTH = 6.0  # so that one row of a million is seen


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Text that may hold people's data: what is seen at first, and the whole."""

    shown: str
    full: str

    @property
    def is_masked(self) -> bool:
        return self.shown != self.full


def render_report(result: Mapping[str, Any], sample_rows: SampleRows | None = None) -> str:
    """The page for a result.json's content and the first failed rows. Every text in it is escaped."""
    sample_rows = sample_rows or SampleRows()
    rows = result["rows"]
    groups = group_reasons(result["reasons"])
    style, script = _read_asset("report.css"), _read_asset("report.js")
    return _load_template("report.html.jinja").render(
        content_security_policy=_build_content_security_policy(style, script),
        style=style,
        script=script,
        tone=_choose_tone(result),
        name=escape_control_chars(result["source"]["key"].rpartition("/")[2] or result["import_id"]),
        summary=summarize_result(result),
        dry_run=result["dry_run"],
        error=_mask_sentence(result["error"] or ""),
        bar=list(_compute_bar(rows)),
        statuses=[
            (status, rows[status], meaning)
            for status, meaning in get_status_meanings(dry_run=result["dry_run"]).items()
            if rows[status]
        ],
        groups=[_build_group(group, sample_rows) for group in groups],
        needs_no_correction=not any(count for status, count in rows.items() if status not in _STATUSES_WITHOUT_ACTION),
        source="file" if result["source"]["kind"] == "s3" else "delivery",
        column_names=[escape_control_chars(name) for name in sample_rows.column_names],
        rows=[_build_row(row) for row in sample_rows.rows],
        failed=rows["read"] - rows["accepted"],
        shown_statuses=list(dict.fromkeys(row.status for row in sample_rows.rows)),
        facts=list(_build_facts(result)),
        columns=[(escape_control_chars(one["header"]), one["field"]) for one in result["columns"] if one["field"]],
        ignored_columns=[
            escape_control_chars(one["header"])
            for one in result["columns"]
            if not one["field"] and one["header"].strip()
        ],
        warnings=result["warnings"],
        messages=[_mask_sentence(message) for message in result["messages"]],
        result=result,
    )


def render_running_page(progress: Mapping[str, Any], key: str) -> str:
    """The page of an import that is not over, for the content of its progress.json."""
    style, script = _read_asset("report.css"), _read_asset("running.js")
    return _load_template("running.html.jinja").render(
        running_marker=RUNNING_MARKER,
        content_security_policy=_build_content_security_policy(style, script),
        style=style,
        script=script,
        name=escape_control_chars(key.rpartition("/")[2]),
        headline=_STAGE_HEADLINES[progress["stage"]],
        progress=progress,
        started=_format_timestamp(progress["started_at"]),
        updated=_format_timestamp(progress["updated_at"]),
    )


def summarize_result(result: Mapping[str, Any]) -> str:
    """What became of the import in one line."""
    rows, dry = result["rows"], result["dry_run"]
    read, accepted, unknown = rows["read"], rows["accepted"], rows["unknown"]
    imported = "would go in" if dry else "went in"
    if not read:
        return "Nothing went in: no contact could be read."
    caveats = f", and {unknown:,} may be in" if unknown else ""
    if missing := _count_missing(result):
        caveats += f", but Cellcast does not show {f'{missing:,} of them' if read > 1 else 'it'}"
    if accepted == read:
        return f"{f'All {read:,} contacts' if read > 1 else 'The one contact'} {imported}{caveats}."
    return f"{accepted:,} of {read:,} contacts {imported}{caveats}."


def _count_missing(result: Mapping[str, Any]) -> int:
    """How many that were taken were not found afterwards, where they were looked for."""
    return int((result.get("verified") or {"missing": 0})["missing"])


def _choose_tone(result: Mapping[str, Any]) -> str:
    tone = {"completed": "good", "completed_with_failures": "mixed"}.get(result["status"], "bad")
    return "mixed" if tone == "good" and _count_missing(result) else tone


def _compute_bar(rows: Mapping[str, int]) -> Iterator[tuple[str, float, float]]:
    """Status, place and width of each piece, on a bar of 1,000: none too narrow to be seen."""
    counts = {status: rows[status] for status in STATUS_MEANINGS if rows[status]}
    total = sum(counts.values())
    widths = {status: max(_MIN_SEGMENT_WIDTH, _BAR_WIDTH * count / total) for status, count in counts.items()}
    scale = _BAR_WIDTH / (sum(widths.values()) or 1)
    at = 0.0
    for status, width in widths.items():
        yield status, round(at, 1), round(width * scale, 1)
        at += width * scale


@dataclass(frozen=True, slots=True)
class _Reason:
    text: MaskedText
    count: int
    first_rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class _ShownGroup:
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


def _build_facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    file_format, requests = result["format"], result["requests"]
    yield "File" if result["source"]["kind"] == "s3" else "Door", escape_control_chars(result["source"]["key"])
    if account := result.get("account"):
        yield "Account filled", escape_control_chars(account["name"])
    if file_format["encoding"]:
        yield "Encoding", file_format["encoding"]
    if file_format["delimiter"]:
        yield "Delimiter", _DELIMITERS.get(file_format["delimiter"], file_format["delimiter"])
        yield (
            "Header",
            f"line {file_format['header_line']}"
            if file_format["header_line"]
            else "none: columns known by their values",
        )
    for word, names in (("Tags", result["tags"]), ("Lists", result["list"])):
        if names:
            yield word, escape_control_chars(", ".join(names))
    if result.get("mapping"):
        yield "Columns told by", escape_control_chars(result["mapping"])
    if requests["sent"]:
        yield "Requests", _format_requests(requests)
    if (verified := result.get("verified")) and not verified["error"]:
        yield "Looked up afterwards", f"{verified['found']:,} of {verified['found'] + verified['missing']:,} are there"
    yield "Started", _format_timestamp(result["started_at"])
    yield "Finished", _format_timestamp(result["finished_at"])
    yield "Import", result["import_id"]


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


def _format_timestamp(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M:%S} UTC".lstrip("0")


def _build_content_security_policy(*texts: str) -> str:
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def _read_asset(name: str) -> str:
    """Between its tags the text stands on lines of its own, and the policy's digest is of all that is between."""
    return f"\n{(_TEMPLATE_DIR / name).read_text('utf-8')}"


@cache
def _load_template(name: str) -> "Template":
    import jinja2  # noqa: PLC0415  no cold start waits for it: only who writes a page does

    loader = jinja2.FileSystemLoader(_TEMPLATE_DIR)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment.get_template(name)
