"""Read a birthday from a cell, or from three cells, as `YYYY-MM-DD`."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.dressing import undress
from contact_import.fields.text import is_empty_word

MAX_AGE_YEARS = 120

# The notations of a whole cell without its time, in this order: `1990-05-14`, `19900514`, `14051990`, `14/5/90`,
# `14th May 1990`, `1990-May-14`, `May 14, 1990`.
_ISO = compile_lazily(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = compile_lazily(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_COMPACT_DAY = compile_lazily(r"(\d{2})(\d{2})((?:19|20)\d{2})")
_NUMERIC_DATE = compile_lazily(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_DAY_MONTH_NAME = compile_lazily(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[-/ .,]*(?:of |de )?([^\W\d_]{3,})\.?,?[-/ .]*(?:de )?(\d{4}|\d{2})"
)
_YEAR_MONTH_NAME = compile_lazily(r"(\d{4})[-/ .]([^\W\d_]{3,})[-/ .](\d{1,2})")
_MONTH_NAME_DAY = compile_lazily(r"([^\W\d_]{3,})\.?[-/ ]*(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{4}|\d{2})")
_TIME_SUFFIX = compile_lazily(
    r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT)?(?:[+-]\d{2}:?(?:\d{2})?)?$"
)
_UTC_TIME = compile_lazily(r"[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.0*)?)?\s*(?:Z|UTC|GMT|[+-]00:?(?:00)?)$")
_PARENTHESIS_SUFFIX = compile_lazily(r"\s*\([^()]*\)$")
_WEEKDAY_PREFIX = compile_lazily(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* +", re.IGNORECASE
)
_SPACED_SEPARATOR = compile_lazily(r" *([-/.]) *")
_EXCEL_SERIAL = compile_lazily(r"(\d{5})(?:[.,]\d+)?")  # four digits are a year
_WITHOUT_YEAR = compile_lazily(r"\d{1,2}[-/.]\d{1,2}\.?|\d{1,2}[-/. ]*[^\W\d_]{3,}|[^\W\d_]{3,}\.?[-/ ]*\d{1,2}")

# Midnight in Sydney (with and without daylight saving), Adelaide and Perth as a time in UTC: web forms store a birthday
# as the moment at which it began.
_AUSTRALIAN_MIDNIGHTS = frozenset({(13, 0), (14, 0), (13, 30), (14, 30), (15, 0), (16, 0)})
_NOON = (12, 0)  # programs store this time because it is on the same day in nearly all time zones

# Excel counts days from 1899-12-31, and takes 1900 for a leap year (learn.microsoft.com, "Excel incorrectly assumes
# that the year 1900 is a leap year"): after February 1900, that is one day less from here.
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january janvier enero ene gennaio januari",
            "feb februar february février fev fevrier febrero febbraio februari",
            "mar märz maerz mrz march mars marzo maart",
            "apr april avril abril abr aprile",
            "may mai mayo maggio mei",
            "jun juni june juin junio giugno",
            "jul juli july juillet julio luglio",
            "aug august août aout agosto ago augustus",
            "sep sept september septembre septiembre settembre",
            "oct okt oktober october octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec dez dezember december décembre decembre diciembre dic dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_SEPARATOR_REPLACEMENTS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u5e74": "-", "\u6708": "-", "\u65e5": ""}
)


class DateOrder(StrEnum):
    """The order of day and month in the dates of a column. The values are stored in import.json."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    MIXED = "mixed"  # some rows are certainly day first and some month first
    UNKNOWN = "unknown"  # no row is certain


class Birthday(NamedTuple):
    """A day as `YYYY-MM-DD`, "" for none. `warning` explains why there is none, or what was inferred."""

    iso: str
    warning: str = ""


NO_BIRTHDAY = Birthday("")
_NOT_A_DATE = Birthday("", "not a date")
_NO_YEAR = Birthday("", "a day without a year")
_IMPLAUSIBLE = Birthday("", "an impossible birth date")
_AMBIGUOUS_ORDER_WARNING = "day and month could be either; read as day first"
_MIXED_ORDER = Birthday("", "day and month could be either, and the column has dates in both orders")
_OTHER_ORDER_WARNING = "day and month are in the other order than in the rest of the column"
_AUSTRALIAN_MIDNIGHT_WARNING = "a time in UTC that is midnight in Australia; the Australian date was used"
_UNCERTAIN_DAY = Birthday("", "a time in UTC, which may be the next day in Australia")


def infer_date_order(cells: Iterable[str]) -> DateOrder:
    """Return the order of day and month in a column: in `25/12/1990`, the day must be first.

    The cells are read up to the first two that contradict each other.
    """
    found_order = DateOrder.UNKNOWN
    for cell in cells:
        order = find_date_order(cell)
        if DateOrder.UNKNOWN not in (order, found_order) and order is not found_order:
            return DateOrder.MIXED
        if found_order is DateOrder.UNKNOWN:
            found_order = order
    return found_order


def find_date_order(cell: str) -> DateOrder:
    """Return the order of a date that is valid in only one order, UNKNOWN for any other cell."""
    found = _NUMERIC_DATE.fullmatch(cell)
    if not found:
        text = _strip_cell(cell)
        found = _NUMERIC_DATE.fullmatch(text if text.isascii() else _normalize_date_text(text))
    if found:
        if int(found[1]) > 12 >= int(found[2]):
            return DateOrder.DAY_FIRST
        if int(found[2]) > 12 >= int(found[1]):
            return DateOrder.MONTH_FIRST
    return DateOrder.UNKNOWN


def read_birthday(cell: str, *, today: date, order: DateOrder = DateOrder.UNKNOWN) -> Birthday:
    """Read a birthday in any common notation, including Excel's serial numbers and names of months in seven languages.

    `order` is the result of `infer_date_order` for the column. A date that is valid in only one order is read in that
    order. An ambiguous date (`3/4/1990`) is read in the order of the column: if that is unknown, day first and with a
    warning; if it is mixed, not at all. A birthday after `today`, or more than 120 years before, is dropped.
    """
    # The fast path for most cells takes a third of the time: they have neither a time nor a word.
    if numeric := _NUMERIC_DATE.fullmatch(cell):
        return _resolve_day_and_month(int(numeric[1]), int(numeric[2]), numeric[3], today, order)
    text = _strip_cell(cell)
    found = _parse_date(text, today, order) if text else NO_BIRTHDAY
    if found is _NOT_A_DATE:
        if not any(map(str.isdigit, text)):
            return NO_BIRTHDAY  # `  /  /    ` is an empty date
        cell = undress(cell)
        found = _parse_date(_normalize_date_text(_strip_cell(cell)), today, order)
    # Only a longer cell has a time; nearly all are shorter.
    return _apply_utc_time(found, cell, today) if len(cell) > 15 and found.iso else found


def _apply_utc_time(found: Birthday, cell: str, today: date) -> Birthday:
    """Return the day in Australia of a moment in UTC, or no day if the time leaves it open.

    Example: `1990-05-13T14:00:00Z` is midnight of 14 May in Sydney, so the birthday is 1990-05-14.
    """
    time = _UTC_TIME.search(cell.strip())
    if not time:
        return found
    moment = (int(time[1]), int(time[2]))
    if moment in _AUSTRALIAN_MIDNIGHTS and not int(time[3] or 0):
        next_day = _validate_date(date.fromisoformat(found.iso) + timedelta(days=1), today)
        return Birthday(next_day.iso, _AUSTRALIAN_MIDNIGHT_WARNING) if next_day.iso else next_day
    return found if moment <= _NOON else _UNCERTAIN_DAY


def _parse_date(text: str, today: date, order: DateOrder) -> Birthday:
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _build_birthday(found[1], int(found[2]), int(found[3]), today)
    if found := _NUMERIC_DATE.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        return _resolve_day_and_month(int(found[1]), int(found[2]), found[3], today, order)
    if found := _DAY_MONTH_NAME.fullmatch(text):
        return _parse_month_name(found[3], found[2], found[1], today)
    if found := _MONTH_NAME_DAY.fullmatch(text):
        return _parse_month_name(found[3], found[1], found[2], today)
    if found := _YEAR_MONTH_NAME.fullmatch(text):
        return _parse_month_name(found[1], found[2], found[3], today)
    if found := _EXCEL_SERIAL.fullmatch(text):
        return _validate_date(_EXCEL_EPOCH + timedelta(days=int(found[1])), today)
    return _NO_YEAR if _WITHOUT_YEAR.fullmatch(text) else _NOT_A_DATE


def read_birthday_parts(year: str, month: str, day: str, *, today: date) -> Birthday:
    """Read a birthday from three cells: `1990`, `5` or `May`, `14`. All three must be filled."""
    parts = [part.strip().removesuffix(".0") for part in (year, month, day)]
    if not any(parts):
        return NO_BIRTHDAY
    number = parts[1] if parts[1].isdecimal() else str(_MONTHS.get(parts[1].casefold().rstrip("."), ""))
    if not all(part.isdecimal() and len(part) <= 4 for part in (parts[0], number, parts[2])):
        return _NO_YEAR if not parts[0] else _NOT_A_DATE
    return _build_birthday(parts[0], int(number), int(parts[2]), today)


def _strip_cell(cell: str) -> str:
    text = cell[:90].strip().lstrip("'").strip()
    if len(text) > 10:
        text = _TIME_SUFFIX.sub("", text).strip()
    return "" if is_empty_word(text) else text


def _normalize_date_text(text: str) -> str:
    """Return the text with ASCII digits and dashes, without a weekday, spare blanks and text in parentheses."""
    text = unicodedata.normalize("NFKC", text).translate(_SEPARATOR_REPLACEMENTS)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = _TIME_SUFFIX.sub("", _PARENTHESIS_SUFFIX.sub("", text.strip('="'))).strip()
    return _SPACED_SEPARATOR.sub(r"\1", _WEEKDAY_PREFIX.sub("", text))


def _resolve_day_and_month(first: int, second: int, year: str, today: date, order: DateOrder) -> Birthday:
    is_ambiguous = first <= 12 and second <= 12 and first != second
    if is_ambiguous and order is DateOrder.MIXED:
        return _MIXED_ORDER
    expected = DateOrder.MONTH_FIRST if order is DateOrder.MONTH_FIRST else DateOrder.DAY_FIRST
    actual = expected
    if first > 12 >= second:
        actual = DateOrder.DAY_FIRST
    elif second > 12 >= first:
        actual = DateOrder.MONTH_FIRST
    day, month = (first, second) if actual is DateOrder.DAY_FIRST else (second, first)
    found = _build_birthday(year, month, day, today)
    if not found.iso or order is DateOrder.MIXED:
        return found
    if order is DateOrder.UNKNOWN:
        return Birthday(found.iso, _AMBIGUOUS_ORDER_WARNING) if is_ambiguous else found
    return found if actual is order else Birthday(found.iso, _OTHER_ORDER_WARNING)


def _parse_month_name(year: str, month: str, day: str, today: date) -> Birthday:
    number = _MONTHS.get(month.casefold()) or _MONTHS.get(month.casefold()[:3])
    return _build_birthday(year, number, int(day), today) if number else _NOT_A_DATE


def _build_birthday(year: str, month: int, day: int, today: date) -> Birthday:
    number = int(year)
    if len(year) <= 2:
        # Two digits mean the last hundred years, because a birthday is never in the future: in 2026, `27` is 1927.
        number += today.year // 100 * 100
        if (number, month, day) > (today.year, today.month, today.day):
            number -= 100
    try:
        return _validate_date(date(number, month, day), today)
    except ValueError:
        return _NOT_A_DATE


def _validate_date(day: date, today: date) -> Birthday:
    if day > today or day.year < today.year - MAX_AGE_YEARS:
        return _IMPLAUSIBLE
    return Birthday(day.isoformat())
