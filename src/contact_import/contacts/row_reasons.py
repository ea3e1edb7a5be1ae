"""Say why a row is not sent, with the name of the user's own column."""

import re

from contact_import.columns.detect import Columns
from contact_import.domain.outcomes import Outcome
from contact_import.domain.roles import Role

MAX_HEADER_CHARS = 60
DUPLICATE = "same number as row {}"
DUPLICATE_BEFORE = "same number as a row of the earlier import, so it was not sent again"
OPTED_OUT_BEFORE = "consent: held back in the earlier import, and nothing in the row says yes since"
UNREADABLE_BEFORE = "row: damaged in the first upload; check its cells, then empty its _status cell"

_FIRST_ROW = re.compile(r": same number as row (\d+)$")


def name_phone_column(columns: Columns, index: int | None = None) -> str:
    """Return the name of the phone column at an index, by default of the best one."""
    indexes = columns.role_indexes.get(Role.PHONE, ()) if index is None else (index,)
    return name_column(columns, indexes[0]) if indexes else "Phone number"


def name_column(columns: Columns, index: int) -> str:
    """Return the header of a column, shortened to one line, or `column 2` for one without."""
    header = " ".join(columns.columns[index].header.split()) if index < len(columns.columns) else ""
    if columns.header_line is None or not header:
        return f"column {index + 1}"
    return header if len(header) <= MAX_HEADER_CHARS else f"{header[: MAX_HEADER_CHARS - 1]}…"


def explain_duplicate(columns: Columns, first_row: int) -> str:
    """Return why a row is not sent whose number an earlier row has."""
    return f"{name_phone_column(columns)}: {DUPLICATE.format(first_row)}"


def is_held_again(outcome: Outcome) -> bool:
    """Return whether a row was not sent because an earlier import did not send it, and nothing else is known."""
    return outcome.reason.endswith((DUPLICATE_BEFORE, OPTED_OUT_BEFORE, UNREADABLE_BEFORE))


def read_first_row(reason: str) -> int:
    """Return the earlier row that `explain_duplicate` named, 0 for another reason."""
    found = _FIRST_ROW.search(reason)
    return int(found[1]) if found else 0
