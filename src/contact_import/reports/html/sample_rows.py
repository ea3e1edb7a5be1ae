"""The first failed rows of an import, for its report. Memory is bounded, whatever the file contains."""

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
    """A failed row with its cells of `SampleRows.column_names`, long ones truncated."""

    number: int
    status: str
    reason: str
    suggestion: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class SampleRows:
    """A sample that grows until it is full: up to 500 rows with up to 8 columns of the file.

    `first_rows` has the numbers of the first 5 rows for each status and reason.
    """

    file_columns: Sequence[Column] = ()
    rows: list[FailedRow] = field(default_factory=list)
    first_rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _column_indexes: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        indexes = [index for index, column in enumerate(self.file_columns) if not column.header.startswith("_")]
        # Mapped columns come first when there are too many. The sort is stable, so the file's order stays.
        indexes.sort(key=lambda index: self.file_columns[index].field is None)
        self._column_indexes = sorted(indexes[:_MAX_COLUMNS])

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the headers of the shown columns, in the order of the file."""
        return tuple(self.file_columns[index].header for index in self._column_indexes)

    def add(self, outcome: Outcome, reason: str, suggestion: str = "") -> None:
        """Add a failed row; `reason` is the one that `Counts` counts it under."""
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
