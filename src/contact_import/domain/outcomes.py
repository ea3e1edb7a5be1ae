"""Outcomes of rows: exactly one `Outcome` for each `Row` that was read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from contact_import.domain.row import Row


class Status(StrEnum):
    """The statuses of result.json and failed.csv; docs/files.md describes them."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    OPTED_OUT = "opted_out"
    REFUSED = "refused"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowWarning:
    """A value of an accepted contact that was dropped, repaired or inferred.

    `field` is one of Cellcast's names (`birthday`). `reason` contains no cell of the file, because equal reasons are
    counted together.
    """

    field: str
    reason: str


# A named tuple for the same reason as `Row`: there is one for every row of a file.
class Outcome(NamedTuple):
    """The final status of a row.

    `reason` is a text for people, empty only for `accepted`. It never repeats a cell of the row.
    """

    row: Row
    status: Status
    reason: str = ""
    warnings: tuple[RowWarning, ...] = ()
