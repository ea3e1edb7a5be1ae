"""failed.csv and accepted.csv: the rows of the upload, to correct and drop again, to keep or to undo by.

UTF-8 with BOM, comma, CRLF (RFC 4180; Excel wants the BOM).
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import compress, zip_longest
from operator import attrgetter, not_

from contact_import.domain.outcomes import AcceptedLines, Outcome, Status
from contact_import.domain.row import Row
from contact_import.files.formula_escape import REPORT_COLUMNS, escape_column, escape_formula
from contact_import.ledger.records import BatchRecord

_ROWS_PER_WRITE = 200
_BOM = "\ufeff"


class _CsvFormatter:
    """Rows of an upload with that header as lines. The columns that an earlier failed.csv added are left out."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        self._column_indexes = [index for index, name in enumerate(header) if name not in REPORT_COLUMNS]

    def format_header(self, extra_names: Iterable[str]) -> str:
        cells = [*(escape_formula(self._header[index]) for index in self._column_indexes), *extra_names]
        return "".join(format_csv_lines([cells]))

    def format_rows(self, rows: Sequence[tuple[str, ...]], extra_columns: Iterable[Sequence[str]]) -> list[str]:
        """One for each row. `added` are columns of cells, to stand behind its own as they are."""
        columns = list(zip_longest(*rows, fillvalue=""))
        blank = ("",) * len(rows)
        escaped = [escape_column(columns[index]) if index < len(columns) else blank for index in self._column_indexes]
        return format_csv_lines(zip(*escaped, *extra_columns, strict=True))


class _Lines(list[str]):
    """A file for `csv.writer`, which calls `write` once a row, with the whole line."""

    write = list.append


def format_csv_lines(rows: Iterable[Iterable[str]]) -> list[str]:
    """Return one CSV line a row of cells, with its line ending."""
    lines = _Lines()
    csv.writer(lines).writerows(rows)
    return lines


class FailedCsv:
    """One line for each row that is not accepted, handed to `write` in pieces."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._formatter = _CsvFormatter(header)
        self._column_count = len(header)
        self._pending_rows: list[tuple[str, ...]] = []
        self._pending_extra_cells: list[tuple[str, ...]] = []
        write(_BOM + self._formatter.format_header(("_row", "_status", "_reason", "_suggestion", "_surplus")))

    def write_row(self, outcome: Outcome, suggestion: str = "") -> None:
        surplus = _join_surplus(outcome.row.cells[self._column_count :])
        number, status = str(outcome.row.number), outcome.status.value
        self._pending_rows.append(outcome.row.cells)
        self._pending_extra_cells.append(
            (number, status, escape_formula(outcome.reason), escape_formula(suggestion), surplus)
        )
        if len(self._pending_rows) >= _ROWS_PER_WRITE:
            self.flush()

    def flush(self) -> None:
        self._write(
            "".join(self._formatter.format_rows(self._pending_rows, zip(*self._pending_extra_cells, strict=True)))
        )
        self._pending_rows.clear()
        self._pending_extra_cells.clear()


def build_accepted_formatter(header: Sequence[str]) -> Callable[[Sequence[Row]], list[str]]:
    """What gives the lines of accepted.csv for rows of an upload with that header: its cells and `_row`."""
    formatter = _CsvFormatter(header)

    def format_accepted(rows: Sequence[Row]) -> list[str]:
        numbers, cells, _, _ = zip(*rows, strict=True) if rows else ((),) * 4
        return formatter.format_rows(cells, [list(map(str, numbers))])

    return format_accepted


def build_compactor(header: Sequence[str]) -> Callable[[BatchRecord], BatchRecord]:
    """What gives a part with its accepted rows as what is left to do with them: to stand in accepted.csv.

    Those that lost something on their way in keep their outcomes, for the report; and all of a batch do of which a
    later run may send more.
    """
    format_accepted = build_accepted_formatter(header)

    def compact(record: BatchRecord) -> BatchRecord:
        batch_result = record.result
        if batch_result.retry_rows:
            return record
        is_plain = [one.status is Status.ACCEPTED and not one.warnings for one in batch_result.outcomes]
        rows = list(map(attrgetter("row"), compress(batch_result.outcomes, is_plain)))
        accepted = AcceptedLines(tuple(map(attrgetter("number"), rows)), tuple(format_accepted(rows)))
        others = tuple(compress(batch_result.outcomes, map(not_, is_plain)))
        return replace(record, result=replace(batch_result, outcomes=others), accepted=accepted)

    return compact


class AcceptedCsv:
    """One line for each accepted row, handed to `write` in pieces."""

    def __init__(self, write: Callable[[str], None], header: Sequence[str]) -> None:
        self._write = write
        self._format_rows = build_accepted_formatter(header)
        write(_BOM + _CsvFormatter(header).format_header(("_row",)))

    def write_rows(self, outcomes: Iterable[Outcome], accepted: Iterable[AcceptedLines] = ()) -> None:
        """Those of the outcomes that are accepted, and rows that are lines already, in the order of their numbers."""
        accepted_rows = [one.row for one in outcomes if one.status is Status.ACCEPTED]
        lines = list(zip((row.number for row in accepted_rows), self._format_rows(accepted_rows), strict=True))
        for row_lines in accepted:
            lines.extend(zip(*row_lines, strict=True))
        self._write("".join(line for _, line in sorted(lines)))


def _join_surplus(surplus: Sequence[str]) -> str:
    """The cells beyond the header, as one cell that is itself CSV."""
    if not any(surplus):
        return ""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(surplus)
    return escape_formula(line.getvalue())
