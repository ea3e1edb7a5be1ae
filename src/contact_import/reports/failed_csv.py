"""failed.csv: the rows that are not accepted, with the reason beside each, to correct and upload again."""

import csv
import io
from collections.abc import Callable, Sequence

from contact_import.domain.outcomes import Outcome
from contact_import.files.formula_escape import FAILED_COLUMNS, escape_formula
from contact_import.reports.csv_lines import CsvLineFormatter

# The formatter works by column, which pays only for many rows at a time.
_ROWS_PER_WRITE = 200


class FailedCsv:
    """Writes one line for each row that is not accepted. Rows are buffered: call `flush` after the last one.

    The lines have the columns of the upload and `FAILED_COLUMNS`. `header` is that of the upload; `write` receives
    text in pieces of up to 200 lines.
    """

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._formatter = CsvLineFormatter(header)
        self._column_count = len(header)
        self._pending_rows: list[tuple[str, ...]] = []
        self._pending_extra_cells: list[tuple[str, ...]] = []
        write(self._formatter.format_header(FAILED_COLUMNS))

    def write_row(self, outcome: Outcome, suggestion: str = "") -> None:
        """Write a row with its status, its reason, a suggested repair and the cells beyond the header."""
        row, status, reason, _ = outcome
        surplus = _join_surplus(row.cells[self._column_count :])
        self._pending_rows.append(row.cells)
        self._pending_extra_cells.append(
            (str(row.number), status.value, escape_formula(reason), escape_formula(suggestion), escape_formula(surplus))
        )
        if len(self._pending_rows) >= _ROWS_PER_WRITE:
            self.flush()

    def flush(self) -> None:
        """Write the rows that are still buffered."""
        lines = self._formatter.format_rows(self._pending_rows, zip(*self._pending_extra_cells, strict=True))
        self._write("".join(lines))
        self._pending_rows.clear()
        self._pending_extra_cells.clear()


def _join_surplus(surplus: Sequence[str]) -> str:
    """Return the cells beyond the header as one cell that is itself a CSV line."""
    if not any(surplus):
        return ""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(surplus)
    return line.getvalue()
