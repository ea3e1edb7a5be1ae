"""Notifications about a finished import: an event for programs, and a mail for the person who uploaded the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contact_import.domain.object_keys import INCOMING
from contact_import.reports.advice import get_status_meanings
from contact_import.reports.summary import summarize_result

# The part of result.json by which a program decides whether to read the rest. It has no personal data.
_EVENT_FIELDS = (
    "import_id status dry_run source started_at finished_at rows requests error failed_csv report_html".split()
)
_MAX_SUBJECT = 99  # docs.aws.amazon.com/sns/latest/api/API_Publish.html: ASCII, one line, below 100 characters


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail about an import. It names the file, but no person in it."""

    subject: str
    text: str


def build_event_detail(result: Mapping[str, Any], result_key: str) -> dict[str, Any]:
    """Return the detail of the event "Contact Import Finished", which docs/operations.md describes."""
    return {name: result[name] for name in _EVENT_FIELDS} | {"result_json": result_key}


def build_notification(result: Mapping[str, Any], region: str) -> Notification | None:
    """Return the mail about a file; None for a submission over HTTP, since a busy form would fill the mailbox."""
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
    """Return a subject that SNS accepts: "?" for letters beyond ASCII, blanks for line breaks."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable.encode("ascii", "replace").decode("ascii")[:_MAX_SUBJECT]


def build_console_link(bucket: str, key: str, region: str) -> str:
    """Return the URL where a person with access to the AWS account sees an object and can download it."""
    base_url = f"https://{region}.console.aws.amazon.com/s3/object/{bucket}"
    return f"{base_url}?region={region}&prefix={quote(key, safe='')}"
