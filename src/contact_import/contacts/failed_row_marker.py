"""Mark the rows of failed.csv for the import in which they come back. `returned_rows` defines the marks."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_reader import ConsentReader, RefusalReader
from contact_import.contacts.normalize import BlockWarnings, Normalizer, ValidationRules
from contact_import.contacts.returned_rows import (
    Mark,
    digest_number,
    get_report_cells,
    read_returned,
    resolve_row_labels,
)
from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.row_reasons import explain_silence, is_held_again, read_first_row
from contact_import.domain.labels import Labels, format_names
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.resubmission.report_columns import IMPORTER, SURPLUS

_NOT_IN_CELLCAST = (Status.REFUSED, Status.UNSENT, Status.INVALID)


class RowAdditions(NamedTuple):
    """The cells that failed.csv adds to a row for the import in which it comes back."""

    lists: str
    tags: str
    mark: str
    surplus: str


class FailedRowMarker:
    """A marker of the rows of one failed.csv. It gets them in the order of the file."""

    def __init__(
        self, columns: Columns, labels: Labels, today: date, *, phone_region: str = "AU", mobile_only: bool = True
    ) -> None:
        self._columns, self._labels = columns, labels
        self._normalizer = Normalizer(ValidationRules(today, phone_region, mobile_only))
        self._reader, self._refusals = ConsentReader(self._columns, today), RefusalReader(self._columns)
        # Row numbers in ascending order, in four bytes each: a file may have millions of failed rows.
        self._failed_rows, self._doubtful_rows = array("I"), array("I")

    def describe(self, outcomes: Sequence[Outcome]) -> Iterator[RowAdditions]:
        """Yield the additions for the row of each outcome."""
        block = RowBlock([outcome.row for outcome in outcomes], self._columns)
        marks = self._find_marks(block, outcomes)
        numbers = self._read_numbers(outcomes, marks)
        labels = resolve_row_labels(block, self._labels)
        returned = read_returned(block)
        surplus = get_report_cells(block, SURPLUS)
        for index, outcome in enumerate(outcomes):
            mark = f"{marks[index]}-{digest_number(numbers.get(index, ''))}" if index in marks else ""
            # A row that is held back again keeps its mark: a spreadsheet may have damaged its number since.
            if is_held_again(outcome) and returned[index].mark:
                mark = block.get_column(self._columns.report_indexes[IMPORTER])[index].strip()
            yield RowAdditions(
                format_names(labels[index].lists), format_names(labels[index].tags), mark, surplus[index]
            )

    def _find_marks(self, block: RowBlock, outcomes: Sequence[Outcome]) -> dict[int, Mark]:
        refusals = self._refusals.read_block(block)
        marks = {}
        for index, outcome in enumerate(outcomes):
            if outcome.row.parse_error:
                marks[index] = Mark.UNREADABLE
            elif outcome.status is Status.DUPLICATE:
                marks[index] = self._mark_duplicate(read_first_row(outcome.reason))
            elif outcome.status is Status.OPTED_OUT:
                marks[index] = self._mark_opted_out(outcome, is_text_refusing=index in refusals)
            if outcome.status in _NOT_IN_CELLCAST:
                self._failed_rows.append(outcome.row.number)
            elif outcome.status in (Status.OPTED_OUT, Status.UNKNOWN):
                self._doubtful_rows.append(outcome.row.number)
        return marks

    def _mark_duplicate(self, first_row: int) -> Mark:
        # The first row of a number comes before its duplicates, so its outcome is known here.
        if _contains(self._failed_rows, first_row):
            return Mark.FIRST_FAILED
        return Mark.MAYBE_IN_CELLCAST if _contains(self._doubtful_rows, first_row) else Mark.IN_CELLCAST

    def _mark_opted_out(self, outcome: Outcome, *, is_text_refusing: bool) -> Mark:
        cells = tuple(_get_cell(outcome.row, column.index) for column in self._reader.columns)
        if cells and self._reader.read_row(cells).verdict.is_held_back:
            return Mark.OWN_ANSWER
        if is_text_refusing:
            return Mark.TEXT
        return Mark.OWN_ANSWER if outcome.reason == explain_silence(self._columns) else Mark.NUMBER

    def _read_numbers(self, outcomes: Sequence[Outcome], indexes: Iterable[int]) -> dict[int, str]:
        marked = list(indexes)
        if not marked:
            return {}
        e164s, _ = self._normalizer.normalize_phones(
            RowBlock([outcomes[index].row for index in marked], self._columns), BlockWarnings()
        )
        return dict(zip(marked, e164s, strict=True))


def _get_cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _contains(rows: "array[int]", row: int) -> bool:
    place = bisect_left(rows, row)
    return place < len(rows) and rows[place] == row
