"""Format the value of a typed cell as the text that a CSV file would have."""

import re
from datetime import date, datetime, time, timedelta
from math import isfinite

from contact_import.domain.lazy_pattern import compile_lazily

# ECMA-376, part 1, 18.8.30: the built-in formats of dates and times, which have a number and no code
# (ecma-international.org/publications-and-standards/standards/ecma-376). 27 to 36 and 50 to 58 are East Asian.
BUILTIN_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
# Parts of a format that are shown as they are (`"days"`, `\d`, `_)`) or are colours and locales (`[Red]`).
_NOT_A_CODE = compile_lazily(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
_ELAPSED_TIME = compile_lazily(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_CODE = compile_lazily("[dmyhs]", re.IGNORECASE)
_LAST_SERIAL = 2_958_465  # 31 December 9999, the last day that Excel has
_MAX_EXACT = 10**15  # Excel keeps 15 digits (support.microsoft.com, "Excel specifications and limits")
_SECONDS_OF_DAY = 24 * 60 * 60


def is_date_format(code: str) -> bool:
    """Return whether a number format (`dd/mm/yyyy`) shows a number as a date or time, but not as a duration."""
    if _ELAPSED_TIME.search(code):
        return False
    return _DATE_CODE.search(_NOT_A_CODE.sub("", code.partition(";")[0])) is not None


def format_number(text: str) -> str:
    """Return a number without exponent and decimal zeros: `4.91570006E8` is the phone `491570006`."""
    if text.isdecimal():
        return text
    try:
        value = float(text)
    except ValueError:
        return text
    if not isfinite(value):
        return text
    return str(int(value)) if value.is_integer() and abs(value) < _MAX_EXACT else repr(value)


def format_date(text: str, *, is_1904: bool) -> str:
    """Return the day of a serial number, with its time if it has one: `1990-05-14`, `1990-05-14 10:30:00`.

    Serial numbers count days from 1899-12-31, or from 1904-01-01 if `is_1904` (ECMA-376, part 1, 18.17.4.1). A number
    out of range, such as a phone in a column that is formatted as dates, stays a number.
    """
    try:
        value = float(text)
    except ValueError:
        return text
    if not 0 <= value <= _LAST_SERIAL:
        return format_number(text)
    day, seconds = divmod(round(value * _SECONDS_OF_DAY), _SECONDS_OF_DAY)
    if not day:
        minutes, second = divmod(seconds, 60)
        return time(minutes // 60, minutes % 60, second).isoformat() if seconds else format_number(text)
    if not is_1904 and day < 60:
        day += 1  # Excel counts 29 February 1900, which never existed
    try:
        start = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
        moment = datetime.combine(start, time()) + timedelta(days=day, seconds=seconds)
    except OverflowError:
        return format_number(text)
    return moment.isoformat(sep=" ") if seconds else moment.date().isoformat()


def format_iso_date(text: str) -> str:
    """Return a date that is stored as ISO 8601 in the form of `format_date`."""
    return text.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")


def format_boolean(text: str) -> str:
    """Return a truth value as Excel shows it: `TRUE` or `FALSE`."""
    return {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}.get(text.strip(), text)
