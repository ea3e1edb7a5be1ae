"""accepted.csv: the accepted rows, as a record of the import and to undo it by."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.reports.csv_lines import CsvLineFormatter


class AcceptedCsv:
    """Writes one line for each accepted row: the columns of the upload and `_row`.

    `header` is that of the upload; `write` receives text in pieces.
    """

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._formatter = CsvLineFormatter(header)
        write(self._formatter.format_header(["_row"]))

    def write_rows(self, outcomes: Iterable[Outcome], accepted: Iterable[AcceptedLines] = ()) -> None:
        """Write the accepted rows among `outcomes` and the lines of `accepted`, in the order of their row numbers."""
        rows = [outcome.row for outcome in outcomes if outcome.status is Status.ACCEPTED]
        lines = list(zip((row.number for row in rows), format_accepted_rows(self._formatter, rows), strict=True))
        for batch in accepted:
            lines.extend(zip(batch.row_numbers, batch.lines, strict=True))
        self._write("".join(line for _, line in sorted(lines)))


def format_accepted_rows(formatter: CsvLineFormatter, rows: Sequence[Row]) -> list[str]:
    """Return the line of accepted.csv for each row."""
    return formatter.format_rows([row.cells for row in rows], [[str(row.number) for row in rows]])


def build_accepted_formatter(header: Sequence[str]) -> Callable[[Sequence[Row]], list[str]]:
    """Return a function that returns the line of accepted.csv for each row of an upload with this header."""
    return partial(format_accepted_rows, CsvLineFormatter(header))
