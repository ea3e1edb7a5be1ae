"""report.html: the result on one page that needs no network, and runs nothing but its own few lines."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contact_import.reports.advice import MEANINGS, Group, grouped, meanings
from contact_import.reports.masking import mask, mask_inside, visible
from contact_import.reports.sample_rows import Excerpt, FailedRow

if TYPE_CHECKING:
    from jinja2 import Template

RUNNING = 'data-state="running"'  # stands in every page that tells no result yet, and in no other
_RUNNING_WORDS = {
    "waiting": "The import waits for its turn.",
    "reading": "The file is being read.",
    "sending": "The import is running.",
    "writing": "The results are being written.",
}
_HERE = Path(__file__).parent / "templates"
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_MAX_REASONS = 10  # of one cause
_BAR = 1000.0
_FINAL = ("read", "accepted", "duplicate", "opted_out")  # of such rows nothing is to be corrected
_LEAST = 6.0  # so that one row of a million is seen


@dataclass(frozen=True, slots=True)
class Private:
    """Text that may hold people's data: what is seen at first, and the whole."""

    shown: str
    full: str

    @property
    def is_masked(self) -> bool:
        return self.shown != self.full


def render(result: Mapping[str, Any], excerpt: Excerpt | None = None) -> str:
    """The page for a result.json's content and the first failed rows. Every text in it is escaped."""
    excerpt = excerpt or Excerpt()
    rows = result["rows"]
    groups = grouped(result["reasons"])
    style, script = _beside("report.css"), _beside("report.js")
    return _template("report.html.jinja").render(
        policy=_policy(style, script),
        style=style,
        script=script,
        tone=_tone(result),
        name=visible(result["source"]["key"].rpartition("/")[2] or result["import_id"]),
        verdict=verdict(result),
        dry_run=result["dry_run"],
        error=_private_words(result["error"] or ""),
        bar=list(_bar(rows)),
        statuses=[
            (status, rows[status], meaning)
            for status, meaning in meanings(dry_run=result["dry_run"]).items()
            if rows[status]
        ],
        groups=[_shown(group, excerpt) for group in groups],
        is_final=not any(count for status, count in rows.items() if status not in _FINAL),
        source="file" if result["source"]["kind"] == "s3" else "delivery",
        heads=[visible(name) for name in excerpt.columns],
        rows=[_row(row) for row in excerpt.rows],
        failed=rows["read"] - rows["accepted"],
        shown_statuses=list(dict.fromkeys(row.status for row in excerpt.rows)),
        facts=list(_facts(result)),
        columns=[(visible(one["header"]), one["field"]) for one in result["columns"] if one["field"]],
        left_out=[visible(one["header"]) for one in result["columns"] if not one["field"] and one["header"].strip()],
        warnings=result["warnings"],
        messages=[_private_words(message) for message in result["messages"]],
        result=result,
    )


def render_running(figures: Mapping[str, Any], key: str) -> str:
    """The page of an import that is not over, for the content of its progress.json."""
    style, script = _beside("report.css"), _beside("running.js")
    return _template("running.html.jinja").render(
        mark=RUNNING,
        policy=_policy(style, script),
        style=style,
        script=script,
        name=visible(key.rpartition("/")[2]),
        words=_RUNNING_WORDS[figures["stage"]],
        figures=figures,
        started=_moment(figures["started_at"]),
        updated=_moment(figures["updated_at"]),
    )


def verdict(result: Mapping[str, Any]) -> str:
    """What became of the import in one line."""
    rows, dry = result["rows"], result["dry_run"]
    read, accepted, unknown = rows["read"], rows["accepted"], rows["unknown"]
    went = "would go in" if dry else "went in"
    if not read:
        return "Nothing went in: no contact could be read."
    doubts = f", and {unknown:,} may be in" if unknown else ""
    if missing := _missing(result):
        doubts += f", but Cellcast does not show {f'{missing:,} of them' if read > 1 else 'it'}"
    if accepted == read:
        return f"{f'All {read:,} contacts' if read > 1 else 'The one contact'} {went}{doubts}."
    return f"{accepted:,} of {read:,} contacts {went}{doubts}."


def _missing(result: Mapping[str, Any]) -> int:
    """How many that were taken were not found afterwards, where they were looked for."""
    return int((result.get("verified") or {"missing": 0})["missing"])


def _tone(result: Mapping[str, Any]) -> str:
    tone = {"completed": "good", "completed_with_failures": "mixed"}.get(result["status"], "bad")
    return "mixed" if tone == "good" and _missing(result) else tone


def _bar(rows: Mapping[str, int]) -> Iterator[tuple[str, float, float]]:
    """Status, place and width of each piece, on a bar of 1,000: none too narrow to be seen."""
    counts = {status: rows[status] for status in MEANINGS if rows[status]}
    total = sum(counts.values())
    widths = {status: max(_LEAST, _BAR * count / total) for status, count in counts.items()}
    scale = _BAR / (sum(widths.values()) or 1)
    at = 0.0
    for status, width in widths.items():
        yield status, round(at, 1), round(width * scale, 1)
        at += width * scale


@dataclass(frozen=True, slots=True)
class _Reason:
    text: Private
    count: int
    first_rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Shown:
    status: str
    cause: str
    advice: str
    count: int
    reasons: Sequence[_Reason]
    more: int


def _shown(group: Group, excerpt: Excerpt) -> _Shown:
    reasons = [
        _Reason(_private_words(reason), count, excerpt.first_rows.get((group.status, reason), ()))
        for reason, count in group.reasons[:_MAX_REASONS]
    ]
    more = len(group.reasons) - len(reasons)
    return _Shown(group.status, group.advice.cause, group.advice.advice, group.count, reasons, more)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    status: str
    reason: Private
    suggestion: Private
    cells: Sequence[Private]


def _row(row: FailedRow) -> _Row:
    cells = [_private(cell) for cell in row.cells]
    return _Row(row.number, row.status, _private_words(row.reason), _private_words(row.suggestion), cells)


def _private(cell: str) -> Private:
    text = visible(cell)
    return Private(mask(text), text)


def _private_words(sentence: str) -> Private:
    text = visible(sentence)
    return Private(mask_inside(text), text)


def _facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    form, requests = result["format"], result["requests"]
    yield "File" if result["source"]["kind"] == "s3" else "Door", visible(result["source"]["key"])
    if account := result.get("account"):
        yield "Account filled", visible(account["name"])
    if form["encoding"]:
        yield "Encoding", form["encoding"]
    if form["delimiter"]:
        yield "Delimiter", _DELIMITERS.get(form["delimiter"], form["delimiter"])
        yield "Header", f"line {form['header_line']}" if form["header_line"] else "none: columns known by their values"
    for word, names in (("Tags", result["tags"]), ("Lists", result["list"])):
        if names:
            yield word, visible(", ".join(names))
    if result.get("mapping"):
        yield "Columns told by", visible(result["mapping"])
    if requests["sent"]:
        yield "Requests", _requests(requests)
    if (verified := result.get("verified")) and not verified["error"]:
        yield "Looked up afterwards", f"{verified['found']:,} of {verified['found'] + verified['missing']:,} are there"
    yield "Started", _moment(result["started_at"])
    yield "Finished", _moment(result["finished_at"])
    yield "Import", result["import_id"]


def _requests(requests: Mapping[str, int]) -> str:
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


def _moment(stamp: str) -> str:
    return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M:%S} UTC".lstrip("0")


def _policy(*texts: str) -> str:
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def _beside(name: str) -> str:
    """Between its tags the text stands on lines of its own, and the policy's digest is of all that is between."""
    return f"\n{(_HERE / name).read_text('utf-8')}"


@cache
def _template(name: str) -> "Template":
    import jinja2  # noqa: PLC0415  no cold start waits for it: only who writes a page does

    loader = jinja2.FileSystemLoader(_HERE)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["counted"] = lambda number: f"{number:,}"
    return environment.get_template(name)
