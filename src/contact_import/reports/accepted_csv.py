"""accepted.csv: the accepted rows, as a record of the import and to undo it by."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from contact_import.domain.outcomes import AcceptedLines, Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.records import BatchRecord
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


def build_compactor(header: Sequence[str]) -> Callable[[BatchRecord], BatchRecord]:
    """Return a function that replaces the outcomes of accepted rows in a record by their lines of accepted.csv.

    Rows with a warning keep their outcome, since the report counts warnings. A record that has rows to retry is
    returned as it is: the next attempt reads the outcomes of all of its rows.
    """
    # With all outcomes in JSON, parsed and formatted as CSV at the end, records took over 25 % of an import's CPU time.
    formatter = CsvLineFormatter(header)

    def compact(record: BatchRecord) -> BatchRecord:
        if record.result.retry_rows:
            return record
        plain_rows: list[Row] = []
        others: list[Outcome] = []
        for outcome in record.result.outcomes:
            if outcome.status is Status.ACCEPTED and not outcome.warnings:
                plain_rows.append(outcome.row)
            else:
                others.append(outcome)
        lines = format_accepted_rows(formatter, plain_rows)
        accepted = AcceptedLines(tuple(row.number for row in plain_rows), tuple(lines))
        return replace(record, result=replace(record.result, outcomes=tuple(others)), accepted=accepted)

    return compact
