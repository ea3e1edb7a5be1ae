"""Read a birthday from a cell, or from three cells, as `YYYY-MM-DD`."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from contact_import.fields.text import is_empty_word

MAX_AGE_YEARS = 120

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_COMPACT_DAY = re.compile(r"(\d{2})(\d{2})((?:19|20)\d{2})")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_DAY_MONTH_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[-/ .,]*(?:of |de )?([^\W\d_]{3,})\.?,?[-/ .]*(?:de )?(\d{4}|\d{2})"
)
_YEAR_MONTH_NAME = re.compile(r"(\d{4})[-/ .]([^\W\d_]{3,})[-/ .](\d{1,2})")
_MONTH_NAME_DAY = re.compile(r"([^\W\d_]{3,})\.?[-/ ]*(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{4}|\d{2})")
_TIME_SUFFIX = re.compile(
    r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT)?(?:[+-]\d{2}:?(?:\d{2})?)?$"
)
_PARENTHESIS_SUFFIX = re.compile(r"\s*\([^()]*\)$")
_WEEKDAY_PREFIX = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* +", re.IGNORECASE)
_SPACED_SEPARATOR = re.compile(r" *([-/.]) *")
_EXCEL_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")  # four digits are a year
_WITHOUT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}\.?|\d{1,2}[-/. ]*[^\W\d_]{3,}|[^\W\d_]{3,}\.?[-/ ]*\d{1,2}")

# Excel counts days from 1899-12-31 and takes 1900 for a leap year (learn.microsoft.com, "DATE systems in Excel").
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


class Birthday(NamedTuple):
    """A day as `YYYY-MM-DD`, "" for none. `warning` says why there is none, or what was inferred."""

    iso: str
    warning: str = ""


NO_BIRTHDAY = Birthday("")
_NOT_A_DATE = Birthday("", "not a date")
_NO_YEAR = Birthday("", "a day without a year")
_IMPLAUSIBLE = Birthday("", "a day that nobody living can have been born on")
_AMBIGUOUS_ORDER_WARNING = "day and month could be either; read as day first"


def infer_day_first(cells: Iterable[str]) -> bool | None:
    """Return whether a column writes the day before the month, by its first value above 12; None without one."""
    for cell in cells:
        text = _strip_cell(cell)
        if found := _NUMERIC_DATE.fullmatch(text if text.isascii() else _normalize_date_text(text)):
            if int(found[1]) > 12 >= int(found[2]):
                return True
            if int(found[2]) > 12 >= int(found[1]):
                return False
    return None


def read_birthday(cell: str, *, today: date, day_first: bool | None = None) -> Birthday:
    """Read a birthday in any usual spelling, Excel's serial numbers and names of months in seven languages included.

    `day_first` is the order that `infer_day_first` found in the column; None reads an ambiguous date day first, with
    a warning. A date that is valid in one order only is read in that order.
    """
    text = _strip_cell(cell)
    if not text:
        return NO_BIRTHDAY
    found = _parse_date(text, today, day_first)
    return _parse_date(_normalize_date_text(text), today, day_first) if found is _NOT_A_DATE else found


def _parse_date(text: str, today: date, day_first: bool | None) -> Birthday:
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _build_birthday(found[1], int(found[2]), int(found[3]), today)
    if found := _NUMERIC_DATE.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        return _resolve_day_and_month(int(found[1]), int(found[2]), found[3], today, day_first)
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
    """Read a birthday from three cells. A row needs all of them."""
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
    """Return the text with plain digits and dashes, without the weekday, spare blanks and text in parentheses."""
    text = unicodedata.normalize("NFKC", text).translate(_SEPARATOR_REPLACEMENTS)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = _TIME_SUFFIX.sub("", _PARENTHESIS_SUFFIX.sub("", text.strip('="'))).strip()
    return _SPACED_SEPARATOR.sub(r"\1", _WEEKDAY_PREFIX.sub("", text))


def _resolve_day_and_month(first: int, second: int, year: str, today: date, day_first: bool | None) -> Birthday:
    is_day_first = day_first if day_first is not None else True
    if first > 12 >= second:
        is_day_first = True
    elif second > 12 >= first:
        is_day_first = False
    day, month = (first, second) if is_day_first else (second, first)
    found = _build_birthday(year, month, day, today)
    is_ambiguous = day_first is None and first <= 12 and second <= 12 and first != second
    return Birthday(found.iso, _AMBIGUOUS_ORDER_WARNING) if found.iso and is_ambiguous else found


def _parse_month_name(year: str, month: str, day: str, today: date) -> Birthday:
    number = _MONTHS.get(month.casefold()) or _MONTHS.get(month.casefold()[:3])
    return _build_birthday(year, number, int(day), today) if number else _NOT_A_DATE


def _build_birthday(year: str, month: int, day: int, today: date) -> Birthday:
    number = int(year)
    if len(year) <= 2:
        # Two digits mean the last hundred years: a birthday is never in the future.
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
