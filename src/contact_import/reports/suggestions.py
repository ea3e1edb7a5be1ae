"""One safe repair for a failed row, where there is one. It is told and never applied: a person decides."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from contact_import.columns.detect import Column
from contact_import.columns.header_match import is_decoy
from contact_import.domain.outcomes import Outcome, Status
from contact_import.fields.birthday import read_birthday
from contact_import.fields.phone import certain_mobile
from contact_import.files.csv_rows import Row

# Rows that are repeated, or whose people said no, need no repair.
_REPAIRED = (Status.INVALID, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)
_MAX_CHARS = 40  # a number with everything around it
_LIKE_DIGITS = str.maketrans("OoQlI|", "000111")
_DIGITS_AND_LIKE = re.compile(r"[+()0-9 .OoQlI|-]+")
_TWICE = re.compile(r"(?:00|0|61){2,}(4[0-9]{8})")
_ZERO_LOST = re.compile(r"4[0-9]{8}")
_ZERO = "a spreadsheet took the zero in front"
_NAMELESS = "it stands in a column without a name"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")


class Suggestions:
    """What could be put right in the rows of a file with these columns.

    `region` is that of the numbers; repairs are known for Australia's alone. A row costs some microseconds.
    """

    def __init__(self, columns: Sequence[Column], region: str, today: date) -> None:
        self._names = [column.header.strip()[:_MAX_CHARS] for column in columns]
        self._phones = [index for index, column in enumerate(columns) if column.field == "phone_number"]
        self._birthdays = [index for index, column in enumerate(columns) if column.field == "birthday"]
        self._others = {*self._phones, *(index for index, column in enumerate(columns) if is_decoy(column.header))}
        self._is_known = region == "AU" and bool(self._phones)
        self._today = today

    def for_row(self, outcome: Outcome) -> str:
        """`Mobile: 0491570156 (why)`, "" when nothing is certain."""
        if outcome.status not in _REPAIRED or outcome.row.unreadable:
            return ""
        return self._phone(outcome) or self._birthday(outcome.row)

    def _phone(self, outcome: Outcome) -> str:
        row = outcome.row
        if not self._is_known:
            return ""
        if outcome.status is Status.REFUSED:
            lacking = ((index, cell) for index, cell in _cells(row, self._phones) if _lacks_zero(cell))
            return next((self._say(index, certain_mobile(cell), _ZERO) for index, cell in lacking), "")
        if not outcome.reason.startswith("phone_number:"):
            return ""
        for index, cell in _cells(row, self._phones):
            for repaired, why in _repairs(cell):
                if number := certain_mobile(repaired):
                    return self._say(index, number, why)
        return self._elsewhere(row)

    def _elsewhere(self, row: Row) -> str:
        """A mobile that stands alone in a column that is not about somebody else, and is the only one there."""
        found = {
            number: index
            for index, cell in enumerate(row.cells)
            if index not in self._others and len(cell) <= _MAX_CHARS and (number := certain_mobile(cell.strip()))
        }
        if len(found) != 1:
            return ""
        ((number, index),) = found.items()
        name = self._names[index] if index < len(self._names) else ""
        return self._say(self._phones[0], number, f"it stands under {name}" if name else _NAMELESS)

    def _say(self, index: int, number: str, why: str) -> str:
        return f"{self._names[index]}: 0{number.removeprefix('+61')} ({why})"

    def _birthday(self, row: Row) -> str:
        if len(self._birthdays) != 1:  # day, month and year in columns of their own cannot be told apart here
            return ""
        for index, cell in _cells(row, self._birthdays):
            if not read_birthday(cell, today=self._today).iso and (day := _swapped(cell, self._today)):
                return f"{self._names[index]}: {day} (day and month are swapped)"
        return ""


def _cells(row: Row, places: Sequence[int]) -> Iterator[tuple[int, str]]:
    for index in places:
        if index < len(row.cells) and 0 < len(row.cells[index]) <= _MAX_CHARS:
            yield index, row.cells[index]


def _lacks_zero(cell: str) -> bool:
    return bool(_ZERO_LOST.fullmatch(cell.strip()) and certain_mobile(cell.strip()))


def _repairs(cell: str) -> Iterator[tuple[str, str]]:
    text = cell.strip()
    if _DIGITS_AND_LIKE.fullmatch(text) and not text.isdecimal():
        yield text.translate(_LIKE_DIGITS), "a letter stood for a digit"
    if found := _TWICE.fullmatch(re.sub(r"[^0-9]", "", text)):
        yield found[1], "what stands in front of the number was there twice"


def _swapped(cell: str, today: date) -> str:
    text = cell.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, day, month = found.groups()
    elif found := _YEAR_LAST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return ""
    return read_birthday(f"{year}-{month}-{day}", today=today).iso
