"""A column of cells at once: each function gives what its namesake gives for each cell, in a fraction of the time.

What is certainly plain is told by one look at all of the cells; the others are read one by one.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from itertools import chain, product
from operator import add, itemgetter

from contact_import.fields import phone
from contact_import.fields import text as values
from contact_import.fields.birthday import MAX_AGE_YEARS

# The words for nothing in small and capital letters; the two other characters that `casefold` makes letters of them.
_EMPTY_WORDS_ANY_CASE = frozenset(
    "".join(letters)
    for word in values.EMPTY_WORDS
    if word
    for letters in product(*zip(word, word.upper(), strict=True))
)
_CASEFOLD_TO_ASCII_CHARS = ("\u212a", "\ufb01")
_MAX_CACHED_VALUES = 20_000  # as many days as there are in 55 years
_MAX_CACHED_CHARS = 60
_COMMON_YEAR = 2001
_DAY_MONTH_PART, _YEAR_PART = itemgetter(slice(6)), itemgetter(slice(6, None))
# What every digit of a mobile with its country code, with a zero, or bare is written as, and its blanks or dashes.
_MOBILE_SHAPE_PREFIXES = ("", "0", "00", "00 ", "00-", "+00", "+00 ", "+00-")
_MOBILE_SHAPES = frozenset(
    prefix + shape for prefix in _MOBILE_SHAPE_PREFIXES for shape in ("000000000", "000 000 000", "000-000-000")
)
_DIGITS_TO_ZERO = str.maketrans("123456789", "0" * 9)
# Every address that this takes is one that `text.normalize_email` takes as it is.
_COMMON_EMAIL_PATTERN = (
    r"[A-Za-z0-9_+-]{1,40}+(?:\.[A-Za-z0-9_+-]{1,20}+)?+"
    r"@[A-Za-z0-9-]{1,50}+\.(?:[A-Za-z0-9-]{1,50}+\.){0,2}+[A-Za-z]{2,20}+"
)
_COMMON_EMAIL = re.compile(_COMMON_EMAIL_PATTERN)
_COMMON_EMAIL_LINES = re.compile(rf"(?:(?:{_COMMON_EMAIL_PATTERN})?+\n)*+")


def is_clean(cells: Sequence[str], limit: int = values.MAX_CHARS) -> bool:
    """Whether `clean_column` leaves each of the cells as it is. It may say no where it does."""
    if not any(cells):
        return True
    return (
        _is_plain_text(f"|{'|'.join(cells)}|")
        and _EMPTY_WORDS_ANY_CASE.isdisjoint(cells)
        and max(map(len, cells)) <= limit
    )


def _is_plain_text(text: str) -> bool:
    return (
        text.isprintable()
        and unicodedata.is_normalized("NFC", text)
        and not any(map(text.__contains__, ("&", "  ", "| ", " |", "|'", *_CASEFOLD_TO_ASCII_CHARS)))
    )


def clean_columns(columns: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Some columns, each as by `clean`. One look at all of them is nearly always enough."""
    columns = list(columns)
    return columns if is_clean(_flatten_columns(filter(any, columns))) else list(map(clean_column, columns))


def _flatten_columns(columns: Iterable[Sequence[str]]) -> list[str]:
    return list(chain.from_iterable(columns))


def clean_column(cells: Sequence[str], limit: int = values.MAX_CHARS) -> Sequence[str]:
    return cells if is_clean(cells, limit) else [values.clean_text(cell, limit) for cell in cells]


def normalize_emails(cells: Sequence[str]) -> tuple[Sequence[str], list[int]]:
    """The addresses, and which cells hold something that cannot be one."""
    text = "\n".join([*cells, ""])
    if _COMMON_EMAIL_LINES.fullmatch(text) and text.count("\n") == len(cells):
        return cells, []
    matches = list(map(_COMMON_EMAIL.fullmatch, cells))
    addresses, invalid_rows = list(cells), list[int]()
    for index, match in enumerate(matches):
        if not match and cells[index]:
            addresses[index], is_invalid = values.normalize_email((cells[index],))
            if is_invalid:
                invalid_rows.append(index)
    return addresses, invalid_rows


def join_addresses(columns: Sequence[Sequence[str]]) -> list[str]:
    """The parts of an address on one line, for each row."""
    if columns and _is_single_line(_flatten_columns(columns)):
        rows = zip(*columns, strict=True)
        join_parts = ", ".join if _has_no_repeats(columns) else _join_distinct
        lines = list(map(join_parts, rows))
        if max(map(len, lines)) <= values.MAX_ADDRESS_CHARS:
            return lines
    return [values.join_address(parts) for parts in zip(*columns, strict=True)]


def _has_no_repeats(columns: Sequence[Sequence[str]]) -> bool:
    """Whether each cell holds something, and no two columns have anything in common."""
    distinct_values = list(map(set, columns))
    return not any("" in kind for kind in distinct_values) and len(set().union(*distinct_values)) == sum(
        map(len, distinct_values)
    )


def _join_distinct(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _is_single_line(cells: Sequence[str]) -> bool:
    """The parts of addresses that can be joined as they are."""
    text = f"|{'|'.join(cells)}|"
    return "|," not in text and ",|" not in text and _is_plain_text(text) and _EMPTY_WORDS_ANY_CASE.isdisjoint(cells)


def match_common_mobiles(cells: Sequence[str]) -> list[str]:
    """The Australian mobile in each cell in E.164 form where it is certain, "" where it takes a closer look."""
    text = "\n".join(cells)
    shapes = text.translate(_DIGITS_TO_ZERO).split("\n")
    if len(shapes) != len(cells):  # a cell of several lines
        return [""] * len(cells)
    digits_only = text.replace(" ", "").replace("-", "").split("\n")
    prefixes = _get_mobile_prefixes()
    return [
        "+61" + digits[-9:] if shape in _MOBILE_SHAPES and digits[:-5] in prefixes else ""
        for shape, digits in zip(shapes, digits_only, strict=True)
    ]


@cache
def _get_mobile_prefixes() -> frozenset[str]:
    """How the numbers that were given out begin: no rule looks at the last five digits."""
    pattern = phone.get_australian_mobile_pattern()
    national_prefixes = [begin for begin in map(str, range(4000, 5000)) if pattern.fullmatch(f"{begin}00000")]
    return frozenset(prefix + begin for prefix in ("", "0", "61", "+61") for begin in national_prefixes)


def make_birthday_matcher(today: date, *, day_first: bool | None) -> Callable[[Sequence[str]], list[str]]:
    """What reads the day in each cell where it is written as `17/12/1992`, "" where it takes a closer look."""
    order = "{0:02}{2}{1:02}{2}" if day_first else "{1:02}{2}{0:02}{2}"
    days = {
        order.format(day, month, separator): f"-{month:02}-{day:02}"
        for month in range(1, 13)
        for day in range(1, monthrange(_COMMON_YEAR, month)[1] + 1)
        for separator in "/-."
    }
    if day_first is None:
        days.clear()  # a closer look may have to tell what it guessed
    years = {str(year): str(year) for year in range(today.year - MAX_AGE_YEARS, today.year)}

    def read_all(cells: Sequence[str]) -> list[str]:
        found = list(map(days.get, map(_DAY_MONTH_PART, cells)))
        of_years = list(map(years.get, map(_YEAR_PART, cells)))
        if all(found) and all(of_years):
            return list(map(add, of_years, found))
        return [year + day if year and day else "" for year, day in zip(of_years, found, strict=True)]

    return read_all


def memoize_column[K: Sequence[str], T](
    read: Callable[[Sequence[K]], Iterable[T]],
) -> Callable[[Sequence[K]], list[T]]:
    """`read` for a column of cells, or of several of each row, which remembers short ones: columns repeat."""
    cached: dict[K, T] = {}

    def read_all(cells: Sequence[K]) -> list[T]:
        try:
            return list(map(cached.__getitem__, cells))
        except KeyError:
            new = list(set(cells).difference(cached))
        if max(map(len, map("".join, new))) > _MAX_CACHED_CHARS:
            return list(read(cells))
        if len(cached) + len(new) > _MAX_CACHED_VALUES:
            cached.clear()
            new = list(set(cells))
        cached.update(zip(new, read(new), strict=True))
        return list(map(cached.__getitem__, cells))

    return read_all
