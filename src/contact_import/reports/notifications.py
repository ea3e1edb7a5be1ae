"""Build the notifications about a finished import: an event for programs, a mail for the person who uploaded it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contact_import.reports.mail.body import build_body
from contact_import.reports.mail.links import ResultLinks
from contact_import.reports.mail.subject import build_subject

# Enough of result.json for a program to decide whether to read the rest. It has no personal data, because EventBridge
# rules may pass an event on to anything.
_EVENT_FIELDS = (
    "import_id status dry_run source started_at finished_at rows requests error failed_csv report_html".split()
)
# Of a callback, which leaves the account: not the source, since a file may be named after a person, and not the error,
# which may quote a cell.
_CALLBACK_FIELDS = "import_id status dry_run started_at finished_at rows requests".split()
_RESULT_FILES = ("failed.csv", "accepted.csv", "report.html")


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail about an import. It names the file, but no person in it."""

    subject: str
    text: str


def build_event_detail(result: Mapping[str, Any], result_key: str) -> dict[str, Any]:
    """Return the detail of the event "Contact Import Finished", which docs/operations.md describes."""
    return {name: result[name] for name in _EVENT_FIELDS} | {"result_json": result_key}


def build_callback_body(result: Mapping[str, Any], api_url: str) -> str:
    """Return the body of a callback, in the form that Standard Webhooks recommends. It has no personal data.

    Its links need a token of the API at `api_url`; a file that the import did not write has none.
    """
    address = f"{api_url}/imports/{result['import_id']}"
    links: dict[str, str | None] = {name.replace(".", "_"): f"{address}/{name}" for name in _RESULT_FILES}
    links |= {name: None for name in ("failed_csv", "report_html") if result[name] is None}
    data = {name: result[name] for name in _CALLBACK_FIELDS} | {"links": {"import": address} | links}
    return json.dumps({"type": "import.finished", "timestamp": result["finished_at"], "data": data})


def has_mail(result: Mapping[str, Any]) -> bool:
    """Return whether a mail is sent about an import: for files only, because a busy form would fill the mailbox."""
    return bool(result["source"]["kind"] == "s3")


def build_notification(
    result: Mapping[str, Any],
    region: str,
    make_link: Callable[[str, str], str] | None = None,
    *,
    link_days: int = 0,
    page_address: str = "",
) -> Notification:
    """Return the mail about a file.

    `make_link` makes a link from an import id and the name of a file; for `link_days` it opens without a login. Without
    it the links lead to the AWS console. `page_address` is the address of the import page, "" for none.
    """
    links = ResultLinks(result, region, make_link, link_days, page_address)
    return Notification(build_subject(result), build_body(result, links))
