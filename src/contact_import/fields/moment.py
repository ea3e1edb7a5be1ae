"""Read a moment in any notation: ISO 8601, epochs, `20250301`, RFC 5322, dates with names of months."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.birthday import DateOrder, read_birthday

# The notations of dates are those of birthdays. With this day as today, days from 1980 to 2099 are plausible.
_LATEST_DAY = date(2099, 12, 31)
_DAY = timedelta(days=1)
# Local times are between 12 hours behind UTC and 14 hours ahead of it (Kiribati).
_MAX_UTC_OFFSET = timedelta(hours=14)
_MAX_CHARS = 90
# The days that databases (0000-00-00, 1753), spreadsheets (1900) and programs (1970, 1601) write for no moment.
_ZERO_DAYS = compile_lazily(
    r"(?:0000[-/.]00[-/.]00|00[-/.]00[-/.]0000|0001[-/.]0?1[-/.]0?1|0?1[-/.]0?1[-/.]0001"
    r"|1899[-/.]12[-/.]3[01]|1900[-/.]0?1[-/.]0?[01]|0?[01][-/.]0?1[-/.]1900|1753[-/.]0?1[-/.]0?1"
    r"|1970[-/.]0?1[-/.]0?1|0?1[-/.]0?1[-/.]1970|1601[-/.]0?1[-/.]0?1|00000000|00010101|19000101|19700101)"
    r"(?:\D.*)?",
    re.DOTALL,
)
_EPOCH = compile_lazily(r"(?:/date\()?(\d{9,10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?")
_EPOCH_YEARS = range(1990, 2100)
_COMPACT = compile_lazily(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:[t _-]?\d{4,6}(?:\.\d+)?z?(?:[+-]\d{2}:?\d{2})?)?")
_SERIAL = compile_lazily(r"([34567]\d{4})(?:[.,]\d+)?")  # Excel's days from 1982 to 2119
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - moments are compared without a zone
_WEEKDAY = compile_lazily(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]*")
_CLOCK = compile_lazily(
    r"[t,@ ]*\b(?:at |um )?(?<![\d.])(?:\d{1,2}[:h]\d{2}(?:[:.]\d{2})?(?:[.,:]\d+)?\s*(?:[ap]\.?\s?m\b\.?)?"
    r"|\d{1,2}\.\d{2}(?!\.?\d)|\d{1,2}\s*[ap]\.?m\b\.?)"
    r"\s*(?:uhr\b)?\s*(?:z\b|[a-z]{3,4}\b(?!\s*\d{1,2},?\s+\d{4}))?\s*(?:[+-]\d{1,2}:?(?:\d{2})?)?(?:\[[^\]]*\])?",
)
_ISO_CLOCK = compile_lazily(r"(?<=\d)t(?=\d{1,2}[:.h]?\d{2})")
_REMARK = compile_lazily(r"\([^()]*\)|\b(?:approx|approximately|circa|on|since|from)\b\.?")
_COMPACT_CLOCK = compile_lazily(r"(\d{4}-\d{2}-\d{2})(?:[t ]\d{4,6}z?|-\d{2}\.\d{2}\.\d{2}(?:\.\d+)?)")


class Moment(NamedTuple):
    """A moment as the span that it is certainly in, because `3/1/25` may be in March or in January.

    The span is in UTC if `is_utc`, else in an unknown local time: `2025-03-01` begins in Sydney 11 hours before it does
    in UTC.
    """

    earliest: datetime
    latest: datetime
    is_utc: bool

    def is_after(self, other: "Moment") -> bool:
        """Return whether this moment is certainly later. Two local times count as times of the same clock."""
        uncertainty = timedelta() if self.is_utc == other.is_utc else _MAX_UTC_OFFSET
        return self.earliest - other.latest > uncertainty


def is_zero_moment(text: str) -> bool:
    """Return whether a text is what programs write for no moment: `0000-00-00`, `1970-01-01T00:00:00Z`."""
    return bool(_ZERO_DAYS.fullmatch(text.strip()))


def read_moment(text: str, *, is_serial_allowed: bool = False) -> Moment | None:
    """Return the moment in a text that has nothing else in it, None for any other text.

    `is_serial_allowed` is for a column of dates: there, `45717` is one of Excel's days. In other columns it is a
    number.
    """
    text = unicodedata.normalize("NFKC", text[:_MAX_CHARS]).strip().strip("'\"=").casefold()
    if not any(letter.isdecimal() for letter in text) or is_zero_moment(text):
        return None
    if found := _EPOCH.fullmatch(text):
        return _read_epoch(found[1])
    if found := _SERIAL.fullmatch(text):
        start = _EXCEL_EPOCH + timedelta(days=int(found[1]))
        return Moment(start, start + _DAY, is_utc=False) if is_serial_allowed else None
    return _read_iso(text) or _read_written_day(text)


def _read_epoch(digits: str) -> Moment | None:
    # 13 digits are milliseconds, 16 microseconds and 19 nanoseconds.
    seconds = int(digits) / 10 ** max(0, len(digits) - 10)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return Moment(moment, moment, is_utc=True) if moment.year in _EPOCH_YEARS else None


def _read_iso(text: str) -> Moment | None:
    """Return a moment in ISO 8601 with its time, None for any other text."""
    if len(text) < 16 or not text[:4].isdecimal():
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
        return Moment(moment, moment, is_utc=True)
    return Moment(moment, moment, is_utc=False)


def _read_written_day(text: str) -> Moment | None:
    """Return the day of a text, which may also have a weekday, a time and a zone. These three are ignored."""
    if found := _COMPACT.fullmatch(text):
        text = f"{found[1]}-{found[2]}-{found[3]}"
    text = _COMPACT_CLOCK.sub(r"\1", _REMARK.sub(" ", _WEEKDAY.sub(" ", text)))
    day_text = " ".join(_CLOCK.sub(" ", _ISO_CLOCK.sub(" ", text)).split()).strip(" ,;")
    orders = (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)
    readings = [read_birthday(day_text, today=_LATEST_DAY, order=order) for order in orders]
    days = [date.fromisoformat(reading.iso) for reading in readings if reading.iso]
    if not days:
        return None
    return Moment(datetime.combine(min(days), time()), datetime.combine(max(days), time()) + _DAY, is_utc=False)
