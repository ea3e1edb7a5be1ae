"""Choose the sheet with the contacts in a workbook, and open it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from contact_import.columns.detect import Columns
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields.consent.answer import find_refusal
from contact_import.files.spreadsheets.workbook import Workbook

_SAMPLE_ROWS = 200
_MAX_SHEETS = 50  # further sheets are ignored
_MAX_NAMES, _MAX_NAME_CHARS = 10, 40  # in one sentence
_EMPTY = "All sheets of the workbook are empty."
_REFUSAL = (
    "The sheet \u201c{}\u201d seems to contain people who left. Mark them in the sheet with the other contacts (Yes in "
    "a column Unsubscribed) and delete this sheet, or rename it if they agreed to SMS. Then upload the workbook again."
)
_HIDDEN = "All sheets with content are hidden; unhide the one to import, and upload the workbook again."


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """The sheet that is imported, by its index among the sheets, and the names of other sheets that are not empty."""

    index: int
    name: str
    unread: tuple[str, ...] = ()

    def list_warnings(self) -> tuple[RowWarning, ...]:
        """Return a warning with the names of the sheets that are not imported, if there are any."""
        if not self.unread:
            return ()
        name, *others = (f"\u201c{one[:_MAX_NAME_CHARS]}\u201d" for one in (self.name, *self.unread[:_MAX_NAMES]))
        more = len(self.unread) - _MAX_NAMES
        names = ", ".join(others) + (f" and {more} more" if more > 0 else "")
        return (RowWarning("file", f"only the sheet {name} is read, not {names}"),)


class OpenedSheet(NamedTuple):
    """A sheet and its rows. `tell` returns the number of bytes of the upload that have been read."""

    choice: SheetChoice
    rows: Iterator[Row]
    tell: Callable[[], int]


class _Candidate(NamedTuple):
    opened: OpenedSheet
    columns: Columns
    skip: int

    @property
    def rank(self) -> tuple[bool, bool]:
        """Return how likely the sheet has the contacts: by its phones, then by a header above them."""
        return self.columns.has_phones, self.columns.has_phones and self.columns.header_line is not None


def open_sheet(workbook: Workbook, choice: SheetChoice, skip: int) -> OpenedSheet:
    """Open a chosen sheet after its first `skip` rows. The end of the rows closes the workbook."""
    opened = _open_sheet(workbook, choice)
    return OpenedSheet(choice, _close_at_end(islice(opened.rows, skip, None), workbook), opened.tell)


def _open_sheet(workbook: Workbook, choice: SheetChoice) -> OpenedSheet:
    sheet = workbook.sheets[choice.index]
    source = workbook.open_rows(sheet)
    return OpenedSheet(choice, iter(source), lambda: workbook.tell(sheet, source))


def _close_at_end(rows: Iterator[Row], workbook: Workbook) -> Iterator[Row]:
    yield from rows
    workbook.close()


def choose_sheet(
    workbook: Workbook, detect: Callable[[Sequence[Row]], tuple[Columns, int]]
) -> tuple[OpenedSheet, Columns, int]:
    """Open the first visible sheet with a header and phones, else the first with phones, else the first.

    Return it with what `detect` found in its first 200 rows: its columns, and how many rows are a preamble or header.
    Raise FileError when no sheet can be read, and the error of `detect` when it fails for all sheets. Raise FileError
    also for a sheet of phones named `Unsubscribed` or alike: its people may be in the imported sheet as well.
    """
    candidates: list[_Candidate] = []
    names: dict[int, str] = {}
    refusals: list[str] = []
    error: FileError | None = None
    for index, sheet in enumerate(workbook.sheets[:_MAX_SHEETS]):
        opened = _open_sheet(workbook, SheetChoice(index, sheet.name))
        sample = list(islice(opened.rows, _SAMPLE_ROWS))
        if not sample:
            continue
        names[index] = sheet.name
        try:
            columns, skip = detect(sample)
        except FileError as problem:  # the user's mapping may be of another sheet
            error = error or problem
            continue
        if columns.has_phones and find_refusal(sheet.name):
            refusals.append(sheet.name)
        if sheet.is_visible:
            rest = OpenedSheet(opened.choice, chain(sample[skip:], opened.rows), opened.tell)
            candidates.append(_Candidate(rest, columns, skip))
    if refusals:
        raise FileError(_REFUSAL.format(refusals[0][:_MAX_NAME_CHARS]))
    if not candidates:
        raise error or FileError(_HIDDEN if names else _EMPTY)
    best = max(candidates, key=lambda candidate: candidate.rank)  # `max` returns the first of equals
    index = best.opened.choice.index
    choice = SheetChoice(index, names[index], tuple(name for place, name in names.items() if place != index))
    opened = OpenedSheet(choice, _close_at_end(best.opened.rows, workbook), best.opened.tell)
    return opened, best.columns, best.skip
