"""Build the text of a mail: how much was imported, why the rest was not, what to do, and where the files are.

A mail leaves the account and is forwarded, so it contains numbers of rows and no cell of the file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contact_import.domain.ids import is_api_upload
from contact_import.domain.object_keys import INCOMING, VALIDATE
from contact_import.reports.advice import Todo, count_todos, find_advice, find_todo
from contact_import.reports.mail.links import ResultLinks
from contact_import.reports.masking import escape_control_chars, mask_personal_data
from contact_import.reports.summary import format_took, name_column, summarize_result, summarize_todos

_MAX_REASONS = 5
_QUOTED = re.compile("\u201c[^\u201d]*\u201d")


def build_body(result: Mapping[str, Any], links: ResultLinks) -> str:
    """Return the text of the mail. Empty blocks are left out."""
    # The most important block first: many people read a mail in the preview of their phone.
    todos = summarize_todos(result)
    name = _get_file_name(result)
    headline = [f"{name}: {summarize_result(result)}", *([todos] if todos else [])]
    blocks = (
        [*headline, "This was a check: nothing was sent."] if result["dry_run"] else headline,
        [_put_on_one_line(mask_personal_data(result["error"]))] if result["error"] else [],
        list(_list_reasons(result)),
        list(_describe_todos(result, links)),
        list(_list_links(result, links)),
        list(_list_warnings(result)),
        list(_list_facts(result)),
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _list_reasons(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the commonest reasons, each with its first rows, and how many more there are."""
    # Of equally common ones, those with something to do come first.
    reasons = sorted(
        result["reasons"],
        key=lambda reason: (-reason["count"], find_todo(reason["status"], reason["reason"]) is Todo.NOTHING),
    )
    if not reasons:
        return
    yield "Why rows were not imported:"
    for reason in reasons[:_MAX_REASONS]:
        yield f"  {_count_rows(reason)}: {_describe_reason(reason)}{_format_rows(reason)}"
    if (more := len(reasons) - _MAX_REASONS) > 0:
        yield f"  and {more:,} more {'reason' if more == 1 else 'reasons'} in the report"


def _describe_reason(reason: Mapping[str, Any]) -> str:
    """Return a reason without words that may be about one person."""
    if reason["count"] > 1 or reason["status"] != "refused":
        # A value that occurs once may be a remark about a person; a value of many rows is a choice of a form.
        text = _QUOTED.sub("\u201c\u2026\u201d", reason["reason"]) if reason["count"] == 1 else reason["reason"]
        return _put_on_one_line(mask_personal_data(text))
    return f"{find_advice(reason['status'], reason['reason']).cause} (its message is in the report)"


def _format_rows(reason: Mapping[str, Any]) -> str:
    first_rows = reason.get("first_rows", ())
    if not first_rows:
        return ""
    more = ", \u2026" if reason["count"] > len(first_rows) else ""
    return f" (row{'s' if reason['count'] > 1 else ''} {', '.join(map(str, first_rows))}{more})"


def _describe_todos(result: Mapping[str, Any], links: ResultLinks) -> Iterator[str]:
    """Yield what to do: which file to correct, and where to upload it."""
    todos, name = count_todos(result["reasons"]), _get_file_name(result)
    place = _name_upload_place(result["source"]["key"], has_page=bool(links.page))
    if result["dry_run"]:
        if result["status"] != "failed":
            correct = f"Correct the rows in {name}, then upload" if Todo.CORRECT in todos else "To import it, upload"
            yield f"{correct} {name} {place}."
        return
    if Todo.CORRECT in todos:
        yield (
            f"Correct the rows in failed.csv (not in {name}) and upload failed.csv {place}. "
            "Only these rows are imported then."
        )
    elif Todo.SEND_AGAIN in todos:
        yield f"Upload failed.csv {place} when the cause is fixed. Only these rows are sent."
    if Todo.LOOK_UP in todos:
        yield (
            "The rows to look up may already be in Cellcast. Delete their lines from failed.csv if you find the "
            "contacts there."
        )


def _name_upload_place(key: str, *, has_page: bool) -> str:
    """Return where a corrected file is uploaded: people do not know the folder of a file from the import page."""
    if is_api_upload(key):
        return "on the import page"
    # A checked file is under validate/; the one to import goes to the same folder under incoming/.
    folder = _put_on_one_line(key.rpartition("/")[0]).replace(VALIDATE.rstrip("/"), INCOMING.rstrip("/"), 1)
    return f"to {folder}/ or on the import page" if has_page else f"to {folder}/"


def _list_links(result: Mapping[str, Any], links: ResultLinks) -> Iterator[str]:
    yield "Report:"
    yield links.build(result["report_html"])
    if result["rows"]["read"] > result["rows"]["accepted"]:
        yield "Rows that were not imported (failed.csv):"
        yield links.build(result["failed_csv"])
    yield links.note
    if links.page:
        yield f"On the import page, with your token: {links.page}"


def _list_warnings(result: Mapping[str, Any]) -> Iterator[str]:
    warnings = sorted(result["warnings"], key=lambda warning: -warning["count"])
    if warnings:
        yield "Imported with warnings:" if not result["dry_run"] else "Warnings:"
    for warning in warnings[:_MAX_REASONS]:
        column = _put_on_one_line(name_column(result, warning["field"]))
        reason = _put_on_one_line(mask_personal_data(warning["reason"]))
        yield f"  {_count_rows(warning)}: {column}: {reason} (first in row {warning['first_row']})"


def _list_facts(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"List: {_put_on_one_line(', '.join(result['list'])) or 'no list'}"
    yield f"Tags: {_put_on_one_line(', '.join(result['tags'])) or 'no tags'}"
    if account := result.get("account"):
        yield f"Cellcast account: {_put_on_one_line(account['name'])}"
    yield f"Took: {format_took(result)}"
    yield f"File: {_put_on_one_line(result['source']['key'])}"
    yield f"Import ID: {result['import_id']}"


def _count_rows(counted: Mapping[str, Any]) -> str:
    return f"{counted['count']:,} {'row' if counted['count'] == 1 else 'rows'}"


def _get_file_name(result: Mapping[str, Any]) -> str:
    return _put_on_one_line(result["source"]["key"].rpartition("/")[2])


def _put_on_one_line(text: str) -> str:
    """Return a text of a file or of Cellcast on one line: it must not add lines to the mail, or reverse them."""
    return escape_control_chars(" ".join(text.split()))
