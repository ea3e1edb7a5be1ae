"""Summarise the result of an import in a few words, for the report, the mail and the terminal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contact_import.reports.advice import Todo, adapt_to_dry_run, count_todos
from contact_import.reports.counts import LATER_DELIVERY

STATUS_MEANINGS = {
    "accepted": "Added to Cellcast.",
    "invalid": "This row has a problem. Fix it in failed.csv and upload that file.",
    "duplicate": "Same number as an earlier row. Nothing to do.",
    "opted_out": "Opted out of SMS, or it is unclear. Not imported.",
    "refused": "Rejected by Cellcast; see the reason next to the row.",
    "unsent": "Not sent, so not in Cellcast. Check the reason, then upload failed.csv.",
    "unknown": "Cellcast's reply was lost or unclear: the contact may already be there. Check in Cellcast before "
    "uploading it again.",
}
_FIELD_LABELS = {
    "name": "Full name",
    "phone_number": "Mobile number",
    "phone_country": "Country code of the number",
    "area_code": "Area code of the number",
    "birth_year": "Birthday: year",
    "birth_month": "Birthday: month",
    "birth_day": "Birthday: day",
    "postal_code": "Postcode",
    "title": "Title (Mr, Ms)",
    "consent": "SMS consent",
    "opt_out": "SMS opt-out",
}


def get_status_meanings(*, dry_run: bool, sandbox: bool = False) -> dict[str, str]:
    """Return a sentence for each status, in the order of `Status`; dry and practice runs send nothing to Cellcast."""
    if dry_run:
        meanings = {status: adapt_to_dry_run(meaning) for status, meaning in STATUS_MEANINGS.items()}
        return meanings | {"accepted": "Would be added to Cellcast."}
    return STATUS_MEANINGS | {"accepted": "Would have been added to Cellcast."} if sandbox else STATUS_MEANINGS


def summarize_result(result: Mapping[str, Any]) -> str:
    """Return one sentence about the content of a result.json: `7 of 17 contacts imported; 1 could not be confirmed.`"""
    rows, would_be = result["rows"], get_conditional(result)
    read, accepted, unknown = rows["read"], rows["accepted"], rows["unknown"]
    if not read:
        return f"Nothing {'would be' if result['dry_run'] else 'was'} imported."
    if _is_superseded(result):
        return "Replaced: a later delivery with the same number was imported in its place."
    caveats = f"; {unknown:,} could not be confirmed" if unknown else ""
    if missing := count_missing(result):
        caveats += f", but Cellcast does not list {f'{missing:,} of them' if read > 1 else 'it'}"
    if accepted == read:
        return f"{f'All {read:,} contacts' if read > 1 else '1 contact'} {would_be}imported{caveats}."
    if accepted:
        return f"{accepted:,} of {read:,} contacts {would_be}imported{caveats}."
    if read > 1:
        return f"None of the {read:,} contacts {would_be or 'was '}imported{caveats}."
    return f"The contact {would_be.replace('would', 'would not') or 'was not '}imported{caveats}."


def _is_superseded(result: Mapping[str, Any]) -> bool:
    """Return whether all people of a delivery came again in a later one."""
    return result["rows"]["duplicate"] == result["rows"]["read"] and all(
        reason["reason"] == LATER_DELIVERY for reason in result["reasons"]
    )


def get_conditional(result: Mapping[str, Any]) -> str:
    """Return the words in front of "imported" if nothing reached a real account ("would be "), else ""."""
    if result["dry_run"]:
        return "would be "
    return "would have been " if result.get("sandbox") else ""


def summarize_todos(result: Mapping[str, Any]) -> str:
    """Return what to do with the rows that were not imported: `6 to correct \u00b7 2 need nothing`, "" for none."""
    return " \u00b7 ".join(
        f"{count:,} {format_todo(todo, count)}" for todo, count in count_todos(result["reasons"]).items()
    )


def format_todo(todo: Todo, count: int) -> str:
    """Return the words behind a number of rows: 1 `needs nothing`, 2 `need nothing`."""
    return todo.replace("need ", "needs ") if count == 1 else todo.value


def count_missing(result: Mapping[str, Any]) -> int:
    """Return how many accepted contacts the check after the import did not find; 0 if it was not done."""
    return int((result.get("verified") or {"missing": 0})["missing"])


def format_took(result: Mapping[str, Any]) -> str:
    """Return how long the import took: `3 s`, `4 min 5 s`, `1 h 12 min`."""
    started, finished = (datetime.fromisoformat(result[name]) for name in ("started_at", "finished_at"))
    seconds = max(0, int((finished - started).total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours:,} h {minutes % 60} min"
    if minutes:
        return f"{minutes} min {seconds % 60} s"
    return f"{max(1, seconds)} s"


def get_field_label(field: str) -> str:
    """Return how people call a field: "Mobile number" for `phone_number`. The import page has the same labels."""
    return _FIELD_LABELS.get(field) or field.replace("_", " ").capitalize()


def name_column(result: Mapping[str, Any], field: str) -> str:
    """Return the header of the column that a field was read from, or how people call the field."""
    headers = [one["header"] for one in result["columns"] if one["field"] == field]
    # A field of several columns could have been read from any of them.
    return headers[0] if len(headers) == 1 and headers[0].strip() else get_field_label(field)
