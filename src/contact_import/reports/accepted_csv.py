"""Write accepted.csv: the accepted rows with their evidence of consent, as a record of the import and to undo it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_reader import ConsentReader
from contact_import.domain.consent import Consent
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.reports.csv_lines import CsvLineFormatter

type Describer = Callable[[Row], str]

_SILENT = Consent.SILENT.value


class AcceptedCsv:
    """A writer of accepted.csv: one line for each accepted row, with the upload's columns, `_row`, and `_consent`.

    `header` is that of the upload; `write` receives text in pieces. `describe` returns the evidence of consent.
    """

    def __init__(
        self, write: Callable[[str], None], header: Sequence[str], describe: Describer = lambda _row: _SILENT
    ) -> None:
        self._write = write
        self._formatter, self._describe = CsvLineFormatter(header), describe
        write(self._formatter.format_header(["_row", "_consent"]))

    def write_rows(self, outcomes: Iterable[Outcome], accepted: Iterable[AcceptedLines] = ()) -> None:
        """Write the accepted rows among `outcomes` and the lines of `accepted`, in the order of their row numbers.

        The ledger has the accepted rows of a file as lines already (see `ledger.compaction`), those of a delivery as
        outcomes.
        """
        rows = [outcome.row for outcome in outcomes if outcome.status is Status.ACCEPTED]
        formatted = format_accepted_rows(self._formatter, self._describe, rows)
        lines = list(zip((row.number for row in rows), formatted, strict=True))
        for batch in accepted:
            lines.extend(zip(batch.row_numbers, batch.lines, strict=True))
        self._write("".join(line for _, line in sorted(lines)))


def format_accepted_rows(formatter: CsvLineFormatter, describe: Describer, rows: Sequence[Row]) -> list[str]:
    """Return the line of accepted.csv for each row."""
    extra_columns = [[str(row.number) for row in rows], list(map(describe, rows))]
    return formatter.format_rows([row.cells for row in rows], extra_columns)


def build_accepted_formatter(columns: Columns) -> Callable[[Sequence[Row]], list[str]]:
    """Return a function that returns the line of accepted.csv for each row of an upload with these columns."""
    return partial(format_accepted_rows, CsvLineFormatter(columns.header), build_describer(columns))


def build_describer(columns: Columns | None, origin: str = "") -> Describer:
    """Return a function that returns the evidence of a row: `yes: SMS consent = Yes`, or `silent`.

    The sender must be able to prove consent (https://www.acma.gov.au/avoid-sending-spam). `origin` is the sender and
    the time of a delivery, "" for a file.
    """
    # The consent of an accepted row had not ended on the day of its import.
    reader = ConsentReader(columns, date.min) if columns else None
    suffix = f" ({origin})" if origin else ""
    if not reader or not reader.columns:
        return lambda _row: _SILENT + suffix
    indexes = [column.index for column in reader.columns]

    def describe(row: Row) -> str:
        evidence = reader.read_row(tuple(row.cells[index] if index < len(row.cells) else "" for index in indexes))
        if evidence.verdict is Consent.SILENT:
            return _SILENT + suffix
        return f"{evidence.verdict}: {evidence.label} = {evidence.value}{suffix}"

    return describe
