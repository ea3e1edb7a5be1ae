"""Suggest a repair for a failed row, if one is certain. It is never applied: a person decides."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from contact_import.columns.detect import Column
from contact_import.columns.header_match import is_excluded_header
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.fields.birthday import read_birthday
from contact_import.fields.phone import match_common_mobile
from contact_import.fields.phone_reasons import INTERNATIONAL

# Duplicates and opted-out people need no repair.
_REPAIRABLE_STATUSES = (Status.INVALID, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)
_MAX_CHARS = 40  # a number with everything around it
# Each pattern below is a known way in which a number or date is damaged; a repair that is only likely is not made, as
# it could be another person's number.
_LOOKALIKE_TO_DIGIT = str.maketrans("OoQlI|", "000111")
_DIGITS_AND_LOOKALIKES = compile_lazily(r"[+()0-9 .OoQlI|-]+")
_REPEATED_PREFIX = compile_lazily(r"(?:00|0|61){2,}(4[0-9]{8})")  # 61 61 491 570 006, 61 0491 570 006
_AMERICAN_PREFIX = compile_lazily(r"\+?1[ -]?(4[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3})")  # too short for an American number
_MOBILE_WITHOUT_ZERO = compile_lazily(r"4[0-9]{8}")
_LOST_ZERO_REASON = "the leading zero was lost"
_UNNAMED_COLUMN_REASON = "found in a column without a name"
_YEAR_FIRST = compile_lazily(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = compile_lazily(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")


class Suggestions:
    """A finder of repairs for rows of a file with these columns.

    `region` is the default country of phone numbers, which are repaired only if it is "AU"; birthdays always are.
    `today` decides which birthdays are possible.
    """

    def __init__(self, columns: Sequence[Column], region: str, today: date) -> None:
        self._column_names = [column.header.strip()[:_MAX_CHARS] for column in columns]
        self._phone_columns = [index for index, column in enumerate(columns) if column.field == "phone_number"]
        self._birthday_columns = [index for index, column in enumerate(columns) if column.field == "birthday"]
        self._excluded_columns = {
            *self._phone_columns,
            *(index for index, column in enumerate(columns) if is_excluded_header(column.header)),
        }
        self._can_suggest_phone = region == "AU" and bool(self._phone_columns)
        self._today = today

    def suggest(self, outcome: Outcome) -> str:
        """Return a repair such as `Mobile: 0491570156 (a letter was typed for a digit)`, "" if none is certain."""
        if outcome.status not in _REPAIRABLE_STATUSES or outcome.row.parse_error:
            return ""
        return self._suggest_phone(outcome) or self._suggest_birthday(outcome.row)

    def _suggest_phone(self, outcome: Outcome) -> str:
        row = outcome.row
        if not self._can_suggest_phone:
            return ""
        # This importer could read the number and Cellcast rejected it: the only known cause is a missing zero.
        if outcome.status is Status.REFUSED:
            return self._restore_zero(row)
        # The number of another country must not be made an Australian stranger's.
        if outcome.reason.startswith(("row: ", "file: ")) or f": {INTERNATIONAL}" in outcome.reason:
            return ""
        for index, cell in _get_cells(row, self._phone_columns):
            for repaired, reason in _propose_repairs(cell):
                if number := match_common_mobile(repaired):
                    return self._format_phone(index, number, reason)
        return self._find_in_other_columns(row)

    def _restore_zero(self, row: Row) -> str:
        for index, cell in _get_cells(row, self._phone_columns):
            number = match_common_mobile(cell.strip())
            if number and _MOBILE_WITHOUT_ZERO.fullmatch(cell.strip()):
                return self._format_phone(index, number, _LOST_ZERO_REASON)
        return ""

    def _find_in_other_columns(self, row: Row) -> str:
        """Suggest the only mobile in the other columns, except those about another person (`Partner`)."""
        found = {
            number: index
            for index, cell in enumerate(row.cells)
            if index not in self._excluded_columns
            and len(cell) <= _MAX_CHARS
            and (number := match_common_mobile(cell.strip()))
        }
        # Of two different numbers, only the person knows the right one.
        if len(found) != 1:
            return ""
        ((number, index),) = found.items()
        name = self._column_names[index] if index < len(self._column_names) else ""
        return self._format_phone(
            self._phone_columns[0], number, f"found under {name}" if name else _UNNAMED_COLUMN_REASON
        )

    def _format_phone(self, index: int, number: str, reason: str) -> str:
        return f"{self._column_names[index]}: 0{number.removeprefix('+61')} ({reason})"

    def _suggest_birthday(self, row: Row) -> str:
        if len(self._birthday_columns) != 1:  # none, or day, month and year apart
            return ""
        for index, cell in _get_cells(row, self._birthday_columns):
            if not read_birthday(cell, today=self._today).iso and (swapped := _swap_day_and_month(cell, self._today)):
                return f"{self._column_names[index]}: {swapped} (day and month are swapped)"
        return ""


def _get_cells(row: Row, indexes: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield index and text of these cells, without empty and long cells."""
    for index in indexes:
        if index < len(row.cells) and 0 < len(row.cells[index]) <= _MAX_CHARS:
            yield index, row.cells[index]


def _propose_repairs(cell: str) -> Iterator[tuple[str, str]]:
    """Yield repaired cells, each with the reason. The caller checks that one is a number."""
    text = cell.strip()
    if _DIGITS_AND_LOOKALIKES.fullmatch(text) and not text.isdecimal():
        yield text.translate(_LOOKALIKE_TO_DIGIT), "a letter was typed for a digit"
    if found := _AMERICAN_PREFIX.fullmatch(text):
        yield found[1], "a program may have put +1 in front"
    if found := _REPEATED_PREFIX.fullmatch(re.sub(r"[^0-9]", "", text)):
        yield found[1], "the country code was there twice"


def _swap_day_and_month(cell: str, today: date) -> str:
    """Return the date with day and month swapped, as YYYY-MM-DD, "" if that is no date either."""
    text = cell.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, day, month = found.groups()
    elif found := _YEAR_LAST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return ""
    return read_birthday(f"{year}-{month}-{day}", today=today).iso
