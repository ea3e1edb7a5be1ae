"""Write failed.csv: the rows that are not accepted, with the reason beside each, to correct and upload again."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from contact_import.contacts.failed_row_marker import RowAdditions
from contact_import.domain.outcomes import Outcome
from contact_import.reports.csv_lines import CsvLineFormatter
from contact_import.resubmission.formula_escape import escape_formula
from contact_import.resubmission.report_columns import FAILED_COLUMNS

# The formatter works by column, which is quicker only for many rows at a time.
_ROWS_PER_WRITE = 200

type RowsDescriber = Callable[[Sequence[Outcome]], Iterable[RowAdditions]]


class FailedCsv:
    """A writer of failed.csv: one line for each row that is not accepted.

    Rows are buffered: call `flush` after the last one. The lines have the columns of the upload, then
    `FAILED_COLUMNS`, then one for the importer itself, named `importer_header`, which it reads when the file is
    uploaded again. `header` is that of the upload; `write` receives text in pieces of up to 200 lines; `describe`
    returns the additions to each row: its labels, surplus cells and mark.
    """

    def __init__(
        self, write: Callable[[str], None], header: Sequence[str], importer_header: str, describe: RowsDescriber
    ) -> None:
        self._write, self._describe = write, describe
        self._formatter = CsvLineFormatter(header)
        self._column_count = len(header)
        self._pending: list[tuple[Outcome, str]] = []
        write(self._formatter.format_header((*FAILED_COLUMNS, importer_header)))

    def write_row(self, outcome: Outcome, suggestion: str = "") -> None:
        """Write a row with its status, its reason, a suggested repair and the cells beyond the header."""
        self._pending.append((outcome, suggestion))
        if len(self._pending) >= _ROWS_PER_WRITE:
            self.flush()

    def flush(self) -> None:
        """Write the rows that are still buffered."""
        if not self._pending:
            return
        outcomes, suggestions = zip(*self._pending, strict=True)
        extra_cells = map(self._format_extra_cells, outcomes, suggestions, self._describe(outcomes))
        rows = [outcome.row.cells for outcome in outcomes]
        self._write("".join(self._formatter.format_rows(rows, zip(*extra_cells, strict=True))))
        self._pending.clear()

    def _format_extra_cells(self, outcome: Outcome, suggestion: str, additions: RowAdditions) -> tuple[str, ...]:
        row, status, reason, _ = outcome
        surplus = _join_surplus(row.cells[self._column_count :]) or additions.surplus
        texts = map(escape_formula, (reason, suggestion, surplus, additions.lists, additions.tags))
        return (str(row.number), status.value, *texts, additions.mark)


def _join_surplus(surplus: Sequence[str]) -> str:
    """Return the cells beyond the header as one cell that is itself a CSV line."""
    if not any(surplus):
        return ""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(surplus)
    return line.getvalue()
