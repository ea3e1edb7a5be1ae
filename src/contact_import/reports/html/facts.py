"""Build the facts about an import: those in the head of the report, and the technical details at its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from contact_import.reports.html.template import format_timestamp
from contact_import.reports.masking import escape_control_chars

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "^": "caret", "~": "tilde"}


def build_head_facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield term and text of the facts that a reader looks for first: where the contacts are now."""
    yield "List", escape_control_chars(", ".join(result["list"])) or "no list"
    yield "Tags", escape_control_chars(", ".join(result["tags"])) or "no tags"
    if account := result.get("account"):
        yield "Cellcast account", escape_control_chars(account["name"])
    if (verified := result.get("verified")) and not verified["error"]:
        yield "Found in Cellcast afterwards", f"{verified['found']:,} of {verified['found'] + verified['missing']:,}"


def build_technical_details(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield term and text of the facts that only the operator of the importer needs."""
    requests, file_format = result["requests"], result["format"]
    yield "File" if result["source"]["kind"] == "s3" else "Source", escape_control_chars(result["source"]["key"])
    if file_format.get("sheet"):
        yield "Sheet", escape_control_chars(file_format["sheet"])
        yield from _describe_header(file_format["header_line"])
    if file_format["encoding"]:
        yield "Encoding", file_format["encoding"]
    if file_format["delimiter"]:
        yield "Delimiter", _DELIMITERS.get(file_format["delimiter"], file_format["delimiter"])
        yield from _describe_header(file_format["header_line"])
    if result.get("mapping"):
        yield "Mapping from", escape_control_chars(result["mapping"])
    if requests["sent"]:
        yield "Requests to Cellcast", _format_requests(requests)
    yield "Started", format_timestamp(result["started_at"])
    yield "Finished", format_timestamp(result["finished_at"])
    yield "Import ID", result["import_id"]


def _describe_header(number: int | None) -> Iterator[tuple[str, str]]:
    yield "Header", f"row {number}" if number else "none; columns recognised by their values"


def _format_requests(requests: Mapping[str, int]) -> str:
    more = [
        f"{requests[name]:,} {words}"
        for name, words in (
            ("retried", "retried"),
            ("throttled", "slowed down by Cellcast"),
            ("possibly_repeated", "possibly sent twice"),
        )
        if requests[name]
    ]
    return ", ".join([f"{requests['sent']:,}", *more])
