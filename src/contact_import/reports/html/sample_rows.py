"""The first failed rows of an import, for its page. Memory is bounded whatever the file holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome

MAX_ROWS = 500
_MAX_COLUMNS = 8
_MAX_CELL_CHARS = 80
_FIRST_ROWS_PER_REASON = 5
_MAX_REASONS = 500


@dataclass(frozen=True, slots=True)
class FailedRow:
    """`cells` stand in the order of the excerpt's columns, long ones cut."""

    number: int
    status: str
    reason: str
    suggestion: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class SampleRows:
    """`columns` are those shown: the ones that were understood, then the others, as many as a page can hold.

    `first_rows` are the numbers of the first rows with each status and reason.
    """

    file_columns: Sequence[Column] = ()
    rows: list[FailedRow] = field(default_factory=list)
    first_rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _column_indexes: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        indexes = [index for index, column in enumerate(self.file_columns) if not column.header.startswith("_")]
        indexes.sort(key=lambda index: self.file_columns[index].field is None)  # a stable sort: the file's order stays
        self._column_indexes = sorted(indexes[:_MAX_COLUMNS])

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(self.file_columns[index].header for index in self._column_indexes)

    def add(self, outcome: Outcome, reason: str, suggestion: str = "") -> None:
        """`reason` is the one that the outcome is counted under."""
        numbers = self.first_rows.get((outcome.status, reason))
        if numbers is None and len(self.first_rows) < _MAX_REASONS:
            numbers = self.first_rows[outcome.status, reason] = []
        if numbers is not None and len(numbers) < _FIRST_ROWS_PER_REASON:
            numbers.append(outcome.row.number)
        if len(self.rows) < MAX_ROWS:
            cells = outcome.row.cells
            shown = tuple(_truncate(cells[index]) if index < len(cells) else "" for index in self._column_indexes)
            self.rows.append(
                FailedRow(outcome.row.number, outcome.status.value, _truncate(outcome.reason, 300), suggestion, shown)
            )


def _truncate(text: str, max_chars: int = _MAX_CELL_CHARS) -> str:
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}\u2026"
