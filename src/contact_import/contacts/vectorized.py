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
from contact_import.fields.birthday import OLDEST_YEARS

# The words for nothing in small and capital letters; the two other characters that `casefold` makes letters of them.
_FOR_NOTHING = frozenset(
    "".join(letters) for word in values.NOTHING if word for letters in product(*zip(word, word.upper(), strict=True))
)
_LIKE_ASCII = ("\u212a", "\ufb01")
_REMEMBERED = 20_000  # as many days as there are in 55 years
_SHORT = 60
_NO_LEAP_YEAR = 2001
_DAY, _YEAR = itemgetter(slice(6)), itemgetter(slice(6, None))
# What every digit of a mobile with its country code, with a zero, or bare is written as, and its blanks or dashes.
_PREFIXES = ("", "0", "00", "00 ", "00-", "+00", "+00 ", "+00-")
_SHAPES_OF_MOBILE = frozenset(
    prefix + shape for prefix in _PREFIXES for shape in ("000000000", "000 000 000", "000-000-000")
)
_ANY_DIGIT = str.maketrans("123456789", "0" * 9)
# Every address that this takes is one that `values.email` takes as it is.
_CERTAIN_EMAIL = (
    r"[A-Za-z0-9_+-]{1,40}+(?:\.[A-Za-z0-9_+-]{1,20}+)?+"
    r"@[A-Za-z0-9-]{1,50}+\.(?:[A-Za-z0-9-]{1,50}+\.){0,2}+[A-Za-z]{2,20}+"
)
_ONE_EMAIL = re.compile(_CERTAIN_EMAIL)
_LINES_OF_EMAILS = re.compile(rf"(?:(?:{_CERTAIN_EMAIL})?+\n)*+")


def is_clean(cells: Sequence[str], limit: int = values.MAX_CHARS) -> bool:
    """Whether `clean` leaves each of the cells as it is. It may say no where it does."""
    if not any(cells):
        return True
    return _is_plain(f"|{'|'.join(cells)}|") and _FOR_NOTHING.isdisjoint(cells) and max(map(len, cells)) <= limit


def _is_plain(text: str) -> bool:
    return (
        text.isprintable()
        and unicodedata.is_normalized("NFC", text)
        and not any(map(text.__contains__, ("&", "  ", "| ", " |", "|'", *_LIKE_ASCII)))
    )


def clean_all(columns: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Some columns, each as by `clean`. One look at all of them is nearly always enough."""
    columns = list(columns)
    return columns if is_clean(_cells(filter(any, columns))) else list(map(clean, columns))


def _cells(columns: Iterable[Sequence[str]]) -> list[str]:
    return list(chain.from_iterable(columns))


def clean(cells: Sequence[str], limit: int = values.MAX_CHARS) -> Sequence[str]:
    return cells if is_clean(cells, limit) else [values.clean(cell, limit) for cell in cells]


def email(cells: Sequence[str]) -> tuple[Sequence[str], list[int]]:
    """The addresses, and which cells hold something that cannot be one."""
    text = "\n".join([*cells, ""])
    if _LINES_OF_EMAILS.fullmatch(text) and text.count("\n") == len(cells):
        return cells, []
    found = list(map(_ONE_EMAIL.fullmatch, cells))
    addresses, wrong = list(cells), list[int]()
    for index, certain in enumerate(found):
        if not certain and cells[index]:
            addresses[index], is_wrong = values.email((cells[index],))
            if is_wrong:
                wrong.append(index)
    return addresses, wrong


def address(columns: Sequence[Sequence[str]]) -> list[str]:
    """The parts of an address on one line, for each row."""
    if columns and _are_of_one_line(_cells(columns)):
        rows = zip(*columns, strict=True)
        joined = ", ".join if _never_repeat(columns) else _once
        lines = list(map(joined, rows))
        if max(map(len, lines)) <= values.MAX_ADDRESS_CHARS:
            return lines
    return [values.address(parts) for parts in zip(*columns, strict=True)]


def _never_repeat(columns: Sequence[Sequence[str]]) -> bool:
    """Whether each cell holds something, and no two columns have anything in common."""
    kinds = list(map(set, columns))
    return not any("" in kind for kind in kinds) and len(set().union(*kinds)) == sum(map(len, kinds))


def _once(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _are_of_one_line(cells: Sequence[str]) -> bool:
    """The parts of addresses that can be joined as they are."""
    text = f"|{'|'.join(cells)}|"
    return "|," not in text and ",|" not in text and _is_plain(text) and _FOR_NOTHING.isdisjoint(cells)


def mobiles(cells: Sequence[str]) -> list[str]:
    """The Australian mobile in each cell in E.164 form where it is certain, "" where it takes a closer look."""
    text = "\n".join(cells)
    shapes = text.translate(_ANY_DIGIT).split("\n")
    if len(shapes) != len(cells):  # a cell of several lines
        return [""] * len(cells)
    bare = text.replace(" ", "").replace("-", "").split("\n")
    begins = _begins_of_mobiles()
    return [
        "+61" + digits[-9:] if shape in _SHAPES_OF_MOBILE and digits[:-5] in begins else ""
        for shape, digits in zip(shapes, bare, strict=True)
    ]


@cache
def _begins_of_mobiles() -> frozenset[str]:
    """How the numbers that were given out begin: no rule looks at the last five digits."""
    pattern = phone.australian_mobile()
    begins = [begin for begin in map(str, range(4000, 5000)) if pattern.fullmatch(f"{begin}00000")]
    return frozenset(prefix + begin for prefix in ("", "0", "61", "+61") for begin in begins)


def birthdays(today: date, *, day_first: bool | None) -> Callable[[Sequence[str]], list[str]]:
    """What reads the day in each cell where it is written as `17/12/1992`, "" where it takes a closer look."""
    order = "{0:02}{2}{1:02}{2}" if day_first else "{1:02}{2}{0:02}{2}"
    days = {
        order.format(day, month, sign): f"-{month:02}-{day:02}"
        for month in range(1, 13)
        for day in range(1, monthrange(_NO_LEAP_YEAR, month)[1] + 1)
        for sign in "/-."
    }
    if day_first is None:
        days.clear()  # a closer look may have to tell what it guessed
    years = {str(year): str(year) for year in range(today.year - OLDEST_YEARS, today.year)}

    def read_all(cells: Sequence[str]) -> list[str]:
        found = list(map(days.get, map(_DAY, cells)))
        of_years = list(map(years.get, map(_YEAR, cells)))
        if all(found) and all(of_years):
            return list(map(add, of_years, found))
        return [year + day if year and day else "" for year, day in zip(of_years, found, strict=True)]

    return read_all


def remembering[K: Sequence[str], T](
    read: Callable[[Sequence[K]], Iterable[T]],
) -> Callable[[Sequence[K]], list[T]]:
    """`read` for a column of cells, or of several of each row, which remembers short ones: columns repeat."""
    remembered: dict[K, T] = {}

    def read_all(cells: Sequence[K]) -> list[T]:
        try:
            return list(map(remembered.__getitem__, cells))
        except KeyError:
            new = list(set(cells).difference(remembered))
        if max(map(len, map("".join, new))) > _SHORT:
            return list(read(cells))
        if len(remembered) + len(new) > _REMEMBERED:
            remembered.clear()
            new = list(set(cells))
        remembered.update(zip(new, read(new), strict=True))
        return list(map(remembered.__getitem__, cells))

    return read_all
