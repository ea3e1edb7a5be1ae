"""The result of an import in one sentence, for the report, the mail and the terminal."""

from collections.abc import Mapping
from typing import Any


def summarize_result(result: Mapping[str, Any]) -> str:
    """Return how many contacts of a result.json's content went in, as one sentence."""
    rows, dry_run = result["rows"], result["dry_run"]
    read, accepted, unknown = rows["read"], rows["accepted"], rows["unknown"]
    imported = "would go in" if dry_run else "would have been added" if result.get("sandbox") else "went in"
    if not read:
        return "Nothing went in: no contact could be read."
    caveats = f", and {unknown:,} may be in" if unknown else ""
    if missing := count_missing(result):
        caveats += f", but Cellcast does not show {f'{missing:,} of them' if read > 1 else 'it'}"
    if accepted == read:
        return f"{f'All {read:,} contacts' if read > 1 else 'The one contact'} {imported}{caveats}."
    return f"{accepted:,} of {read:,} contacts {imported}{caveats}."


def count_missing(result: Mapping[str, Any]) -> int:
    """Return how many accepted contacts the check after the import did not find; 0 if it was not done."""
    return int((result.get("verified") or {"missing": 0})["missing"])
