"""What is told when an import is over: an event for programs, and a mail for the person who dropped the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contact_import.domain.object_keys import INCOMING
from contact_import.reports.advice import get_status_meanings
from contact_import.reports.summary import summarize_result

# Of everything in result.json, what a program needs to decide whether to read the rest.
_EVENT_FIELDS = (
    "import_id status dry_run source started_at finished_at rows requests error failed_csv report_html".split()
)
_MAX_SUBJECT = 99  # docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII, one line, below 100 characters


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail about an import. Nobody who stands in the file is named in it; the file is."""

    subject: str
    text: str


def build_event_detail(result: Mapping[str, Any], result_key: str) -> dict[str, Any]:
    """The detail of the event "Contact Import Finished": docs/operations.md describes it."""
    return {name: result[name] for name in _EVENT_FIELDS} | {"result_json": result_key}


def build_notification(result: Mapping[str, Any], region: str) -> Notification | None:
    """The mail about a file; None for a webhook's import, since a busy form would fill the mailbox."""
    source = result["source"]
    if source["kind"] != "s3":
        return None
    name = source["key"].removeprefix(INCOMING)
    lines = [f"{_format_headline(result)}: {name}", "", summarize_result(result)]
    if result["error"]:
        lines += ["", result["error"]]
    counts = {status: count for status, count in result["rows"].items() if status != "read" and count}
    lines += ["", f"{result['rows']['read']:,} rows were read:"]
    status_meanings = get_status_meanings(dry_run=result["dry_run"])
    lines += [f"  {count:,} {status}: {status_meanings[status]}" for status, count in counts.items()]
    lines += ["", "The report:", build_console_link(source["bucket"], result["report_html"], region)]
    if set(counts) - {"accepted"}:
        lines += [
            "",
            "The rows that did not go in, with the reason beside each (correct them and drop the file again):",
            build_console_link(source["bucket"], result["failed_csv"], region),
        ]
    return Notification(
        _format_subject(f"{_format_headline(result)}: {name.rpartition('/')[2]}"), "\n".join(lines) + "\n"
    )


def _format_headline(result: Mapping[str, Any]) -> str:
    if result["status"] == "failed":
        return "Import failed"
    if result["dry_run"]:
        return "Checked, nothing was sent"
    return "Imported" if result["status"] == "completed" else "Imported, but not every row"


def _format_subject(text: str) -> str:
    """A name of the file in other letters gets question marks; its line breaks are blanks."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    return printable.encode("ascii", "replace").decode("ascii")[:_MAX_SUBJECT]


def build_console_link(bucket: str, key: str, region: str) -> str:
    """Where a person with access to the account sees the file and can download it."""
    base_url = f"https://{region}.console.aws.amazon.com/s3/object/{bucket}"
    return f"{base_url}?region={region}&prefix={quote(key, safe='')}"
