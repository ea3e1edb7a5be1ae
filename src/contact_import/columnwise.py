"""A column of cells at once: each function gives what its namesake gives for each cell, in a fraction of the time.

What is certainly plain is told by one look at all of the cells; the others are read one by one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

from contact_import import phones, values

_WORDS_FOR_NOTHING = values.NOTHING - {""}
_REMEMBERED = 20_000  # as many days as there are in 55 years
_SHORT = 60
# For each line the spelling of a mobile, or nothing. All of these are certain for `read_phone` too.
_SHAPE_OF_MOBILE = re.compile(
    r"^((?:\+?61[ -]?|0)?4[0-9]{2}(?:[0-9]{6}| [0-9]{3} [0-9]{3}|-[0-9]{3}-[0-9]{3}))$|^.*$", re.MULTILINE
)
# Every address that this takes is one that `values.email` takes as it is.
_CERTAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,40}(?:\.[A-Za-z0-9_+-]{1,20})?@(?:[A-Za-z0-9-]{1,50}\.){1,3}[A-Za-z]{2,20}"
)


def is_clean(cells: Sequence[str], limit: int = values.MAX_CHARS) -> bool:
    """Whether `clean` leaves each of the cells as it is. It may say no where it does."""
    text = f"|{'|'.join(cells)}|"
    return (
        text.isprintable()
        and unicodedata.is_normalized("NFC", text)
        and not any(odd in text for odd in ("&", "  ", "| ", " |", "|'"))
        and _WORDS_FOR_NOTHING.isdisjoint(map(str.casefold, cells))
        and max(map(len, cells)) <= limit
    )


def clean(cells: Sequence[str], limit: int = values.MAX_CHARS) -> Sequence[str]:
    return cells if is_clean(cells, limit) else [values.clean(cell, limit) for cell in cells]


def email(cells: Sequence[str]) -> tuple[Sequence[str], list[int]]:
    """The addresses, and which cells hold something that cannot be one."""
    found = list(map(_CERTAIN_EMAIL.fullmatch, cells))
    addresses, wrong = list(cells), list[int]()
    for index, certain in enumerate(found):
        if not certain and cells[index]:
            addresses[index], is_wrong = values.email((cells[index],))
            if is_wrong:
                wrong.append(index)
    return addresses, wrong


def address(columns: Sequence[Sequence[str]]) -> list[str]:
    """The parts of an address on one line, for each row."""
    if columns and all(map(_is_one_line, columns)):
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


def _is_one_line(cells: Sequence[str]) -> bool:
    text = f"|{'|'.join(cells)}|"
    return "|," not in text and ",|" not in text and is_clean(cells, values.MAX_ADDRESS_CHARS)


def mobiles(cells: Sequence[str]) -> list[str]:
    """The Australian mobile in each cell in E.164 form where it is certain, "" where it takes a closer look."""
    shaped = _SHAPE_OF_MOBILE.findall("\n".join(cells))
    if len(shaped) != len(cells):  # a cell of several lines
        return [""] * len(cells)
    bare = "\n".join(shaped).replace(" ", "").replace("-", "")
    return [digits and f"+61{digits}" for digits in _mobile_digits().findall(bare)]


@cache
def _mobile_digits() -> re.Pattern[str]:
    """For each line the nine digits of a number that was given out, or nothing."""
    return re.compile(rf"^(?:\+?61|0)?({phones.australian_mobile().pattern})$|^.*$", re.MULTILINE)


def each[T](read: Callable[[str], T]) -> Callable[[Sequence[str]], list[T]]:
    """`read` for every cell. What short cells come to is remembered, since columns repeat themselves."""
    remembered = lru_cache(_REMEMBERED)(read)

    def read_all(cells: Sequence[str]) -> list[T]:
        return list(map(remembered if max(map(len, cells)) <= _SHORT else read, cells))

    return read_all
