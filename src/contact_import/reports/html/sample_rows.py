"""Collect the first failed rows of an import for its report, in memory that is bounded whatever the file contains."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome

MAX_ROWS = 500
_MAX_COLUMNS = 8
_MAX_CELL_CHARS = 80
_MAX_REASON_CHARS = 300
# People find a row by these fields: they come first in the table, whatever the order of the file.
_LEAD_FIELDS = ("first_name", "last_name", "name", "phone_number")


class FailedRow(NamedTuple):
    """A failed row with its cells of `SampleRows.column_names`, long ones truncated."""

    number: int
    status: str
    reason: str
    suggestion: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class SampleRows:
    """A sample that grows until it is full: up to 500 rows with up to 8 columns of the file.

    The columns are those with name and number (`lead_count` of them), then the other columns that were imported, then
    the rest. `failed_csv` is the whole file, b"" if it is too large to be part of the page.
    """

    file_columns: Sequence[Column] = ()
    rows: list[FailedRow] = field(default_factory=list)
    failed_csv: bytes = b""
    lead_count: int = field(init=False, default=0)
    _column_indexes: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        shown = [index for index, column in enumerate(self.file_columns) if not column.header.startswith("_")]
        lead_indexes: dict[str, int] = {}
        for index in shown:
            if (field_name := self.file_columns[index].field) in _LEAD_FIELDS:
                lead_indexes.setdefault(field_name, index)
        leads = [lead_indexes[field_name] for field_name in _LEAD_FIELDS if field_name in lead_indexes]
        rest = sorted(set(shown) - set(leads), key=lambda index: (self.file_columns[index].field is None, index))
        self.lead_count = len(leads)
        self._column_indexes = [*leads, *rest][:_MAX_COLUMNS]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the headers of the shown columns."""
        return tuple(self.file_columns[index].header for index in self._column_indexes)

    def add(self, outcome: Outcome, suggestion: str = "") -> None:
        """Add a failed row, unless the sample is full."""
        if len(self.rows) < MAX_ROWS:
            cells = outcome.row.cells
            shown = tuple(_truncate(cells[index]) if index < len(cells) else "" for index in self._column_indexes)
            reason = _truncate(outcome.reason, _MAX_REASON_CHARS)
            self.rows.append(FailedRow(outcome.row.number, outcome.status.value, reason, suggestion, shown))


def _truncate(text: str, max_chars: int = _MAX_CELL_CHARS) -> str:
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}\u2026"
