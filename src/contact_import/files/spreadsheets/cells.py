"""The value of a typed cell as the text that a CSV file would have in its place."""

import re
from datetime import date, datetime, time, timedelta
from math import isfinite

from contact_import.domain.lazy_pattern import compile_lazily

# ECMA-376, 18.8.30: the formats that have a number and no code. 27 to 36 and 50 to 58 are those of East Asia.
BUILTIN_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
_NOT_A_CODE = compile_lazily(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
_ELAPSED_TIME = compile_lazily(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE_CODE = compile_lazily("[dmyhs]", re.IGNORECASE)
_LAST_SERIAL = 2_958_465  # 31 December 9999
_MAX_EXACT = 10**15  # a spreadsheet keeps 15 digits
_SECONDS_OF_DAY = 24 * 60 * 60


def is_date_format(code: str) -> bool:
    """Return whether a number format (`dd/mm/yyyy`) shows a number as a date or a time of day."""
    if _ELAPSED_TIME.search(code):
        return False
    return _DATE_CODE.search(_NOT_A_CODE.sub("", code.partition(";")[0])) is not None


def format_number(text: str) -> str:
    """Return a number without exponent and without a tail: a phone is `491570006`, however it is stored."""
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
    """Return the day, and the time if there is one, of a serial number: `1990-05-14`, `1990-05-14 10:30:00`.

    A number that is no date, such as a phone in a column that is formatted as dates, stays a number.
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
        day += 1  # Excel counts 29 February 1900, a day that never was
    try:
        start = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
        moment = datetime.combine(start, time()) + timedelta(days=day, seconds=seconds)
    except OverflowError:
        return format_number(text)
    return moment.isoformat(sep=" ") if seconds else moment.date().isoformat()


def format_iso_date(text: str) -> str:
    """Return a date that is stored as ISO 8601 in the same form."""
    return text.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")


def format_boolean(text: str) -> str:
    """Return what Excel shows."""
    return {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}.get(text.strip(), text)
