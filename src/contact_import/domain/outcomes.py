"""Define the outcomes of rows. Each `Row` that is read has exactly one `Outcome`, in result.json and failed.csv."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from contact_import.domain.row import Row


class Status(StrEnum):
    """The statuses of result.json and failed.csv; docs/result.md describes them."""

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


# A named tuple, because each row of a file has one: see `Row`.
class Outcome(NamedTuple):
    """The final status of a row.

    `reason` is a text for the person who uploaded the file, empty only for `accepted`. It never repeats a cell.
    """

    row: Row
    status: Status
    reason: str = ""
    warnings: tuple[RowWarning, ...] = ()
