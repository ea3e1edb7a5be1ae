"""A cell to a day of birth, `YYYY-MM-DD`."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

OLDEST_YEARS = 120

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_COMPACT_DAY = re.compile(r"(\d{2})(\d{2})((?:19|20)\d{2})")
_EITHER = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_DAY_MONTH_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[-/ .,]*(?:of |de )?([^\W\d_]{3,})\.?,?[-/ .]*(?:de )?(\d{4}|\d{2})"
)
_YEAR_MONTH_NAME = re.compile(r"(\d{4})[-/ .]([^\W\d_]{3,})[-/ .](\d{1,2})")
_MONTH_NAME_DAY = re.compile(r"([^\W\d_]{3,})\.?[-/ ]*(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{4}|\d{2})")
_TIME = re.compile(
    r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT)?(?:[+-]\d{2}:?(?:\d{2})?)?$"
)
_ASIDE = re.compile(r"\s*\([^()]*\)$")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* +", re.IGNORECASE)
_SIGN = re.compile(r" *([-/.]) *")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")  # four digits are a year
_WITHOUT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}\.?|\d{1,2}[-/. ]*[^\W\d_]{3,}|[^\W\d_]{3,}\.?[-/ ]*\d{1,2}")

# Excel counts days from 1899-12-31 and takes 1900 for a leap year (learn.microsoft.com, "DATE systems in Excel").
_EXCEL_ZERO = date(1899, 12, 30)
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


_SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u5e74": "-", "\u6708": "-", "\u65e5": ""}
)


class Birthday(NamedTuple):
    """`iso` is "" when there is none; `caution` then says why, or else what was guessed."""

    iso: str
    caution: str = ""


NONE = Birthday("")
_NOT_A_DATE = Birthday("", "not a date")
_NO_YEAR = Birthday("", "a day without a year")
_UNREAL = Birthday("", "a day that nobody living can have been born on")
_EITHER_WAY = "day and month could be either; read as day first"


def day_first(cells: Iterable[str]) -> bool | None:
    """What a column says as a whole: the first value above 12 settles it. None when no value does."""
    for cell in cells:
        text = _bare(cell)
        if found := _EITHER.fullmatch(text if text.isascii() else _plainer(text)):
            if int(found[1]) > 12 >= int(found[2]):
                return True
            if int(found[2]) > 12 >= int(found[1]):
                return False
    return None


def read_birthday(cell: str, *, today: date, day_first: bool | None = None) -> Birthday:
    """`day_first` is what the column says; a value that can only be read the other way is read that way."""
    text = _bare(cell)
    if not text:
        return NONE
    found = _read(text, today, day_first)
    return _read(_plainer(text), today, day_first) if found is _NOT_A_DATE else found


def _read(text: str, today: date, day_first: bool | None) -> Birthday:
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _made(found[1], int(found[2]), int(found[3]), today)
    if found := _EITHER.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        return _of_either(int(found[1]), int(found[2]), found[3], today, day_first)
    if found := _DAY_MONTH_NAME.fullmatch(text):
        return _of_name(found[3], found[2], found[1], today)
    if found := _MONTH_NAME_DAY.fullmatch(text):
        return _of_name(found[3], found[1], found[2], today)
    if found := _YEAR_MONTH_NAME.fullmatch(text):
        return _of_name(found[1], found[2], found[3], today)
    if found := _SERIAL.fullmatch(text):
        return _checked(_EXCEL_ZERO + timedelta(days=int(found[1])), today)
    return _NO_YEAR if _WITHOUT_YEAR.fullmatch(text) else _NOT_A_DATE


def from_parts(year: str, month: str, day: str, *, today: date) -> Birthday:
    """Three columns of their own. All of them or none."""
    parts = [part.strip().removesuffix(".0") for part in (year, month, day)]
    if not any(parts):
        return NONE
    number = parts[1] if parts[1].isdecimal() else str(_MONTHS.get(parts[1].casefold().rstrip("."), ""))
    if not all(part.isdecimal() and len(part) <= 4 for part in (parts[0], number, parts[2])):
        return _NO_YEAR if not parts[0] else _NOT_A_DATE
    return _made(parts[0], int(number), int(parts[2]), today)


def _bare(cell: str) -> str:
    text = cell[:90].strip().lstrip("'").strip()
    if len(text) > 10:
        text = _TIME.sub("", text).strip()
    return "" if text.casefold() in ("-", "n/a", "na", "null", "none", "nil", "#n/a") else text


def _plainer(text: str) -> str:
    """Without what a date can do without: signs and digits of other kinds, the day of the week, blanks, an aside."""
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = _TIME.sub("", _ASIDE.sub("", text.strip('="'))).strip()
    return _SIGN.sub(r"\1", _WEEKDAY.sub("", text))


def _of_either(first: int, second: int, year: str, today: date, column: bool | None) -> Birthday:
    day_leads = column if column is not None else True
    if first > 12 >= second:
        day_leads = True
    elif second > 12 >= first:
        day_leads = False
    day, month = (first, second) if day_leads else (second, first)
    found = _made(year, month, day, today)
    undecided = column is None and first <= 12 and second <= 12 and first != second
    return Birthday(found.iso, _EITHER_WAY) if found.iso and undecided else found


def _of_name(year: str, month: str, day: str, today: date) -> Birthday:
    number = _MONTHS.get(month.casefold()) or _MONTHS.get(month.casefold()[:3])
    return _made(year, number, int(day), today) if number else _NOT_A_DATE


def _made(year: str, month: int, day: int, today: date) -> Birthday:
    number = int(year)
    if len(year) <= 2:
        # The last hundred years: a birthday is never in the future.
        number += today.year // 100 * 100
        if (number, month, day) > (today.year, today.month, today.day):
            number -= 100
    try:
        return _checked(date(number, month, day), today)
    except ValueError:
        return _NOT_A_DATE


def _checked(day: date, today: date) -> Birthday:
    if day > today or day.year < today.year - OLDEST_YEARS:
        return _UNREAL
    return Birthday(day.isoformat())
