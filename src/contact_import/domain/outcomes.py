"""What became of a row: exactly one `Outcome` for each `Row` that was read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from contact_import.domain.row import Row


class Status(StrEnum):
    ACCEPTED = "accepted"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    OPTED_OUT = "opted_out"
    REFUSED = "refused"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something that a contact lost, or that was guessed, on its way in. It never costs the contact.

    `field` is one of Cellcast's names (`birthday`); `reason` has no cell of the file in it, so that equal
    reasons can be counted together.
    """

    field: str
    reason: str


class Outcome(NamedTuple):
    """`reason` is for people, empty only for `accepted`; it never repeats a cell of the row."""

    row: Row
    status: Status
    reason: str = ""
    warnings: tuple[RowWarning, ...] = ()


class AcceptedLines(NamedTuple):
    """Rows that went in and lost nothing, nearly all of them: their numbers, and their lines of accepted.csv."""

    row_numbers: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()
