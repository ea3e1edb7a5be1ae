"""Clean whole columns of cells at a time: nearly all cells are plain, and checking each of them takes longer.

The functions of `fields.text` define the results: each function here returns what its plain one returns for each cell,
and tests/unit/contacts/test_vectorized.py compares them. Without this module an import takes 31 % more CPU.

Example: the column ["Ann", "Bo", "Cy"] becomes the text "|Ann|Bo|Cy|". Two blanks, a sign of markup or an invisible
character in this one text would mean that some cell needs cleaning; nearly always there is none.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, product

from contact_import.fields.dressing import ODD_FIRST_SIGNS, ODD_SIGNS, OOXML_SIGN
from contact_import.fields.text import EMPTY_WORDS, MAX_ADDRESS_CHARS, MAX_CHARS, clean_text, join_address

# Looking up a cell in a set of all spellings (`null`, `Null`, `nULL` …) is quicker than `casefold` on each cell.
_EMPTY_WORDS_ANY_CASE = frozenset(
    "".join(letters)
    for word in EMPTY_WORDS
    if word
    for letters in product(*({letter, letter.upper()} for letter in word))
)
# These fold to ASCII letters (the long s, the Kelvin sign, the ligature fi): they could spell one of the words.
_CASEFOLD_TO_ASCII_CHARS = ("\u017f", "\u212a", "\ufb01")
_ODD_ANYWHERE = ("  ", "| ", " |", *ODD_SIGNS, *_CASEFOLD_TO_ASCII_CHARS)
# Signs that only matter at one place in a cell. The first of each pair is searched first: it takes a tenth of the time.
_ODD_IN_PLACE = (("_", OOXML_SIGN), ("#", "|#"), *((sign, f"|{sign}") for sign in ODD_FIRST_SIGNS))
_MAX_CACHED_VALUES = 20_000  # as many days as there are in 55 years
_MAX_CACHED_CHARS = 60


def clean_columns(columns: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Clean several columns as `clean_text` does. One check of all their cells together is nearly always enough."""
    columns = list(columns)
    return columns if _is_clean(_flatten_columns(filter(any, columns)), MAX_CHARS) else list(map(clean_column, columns))


def clean_column(cells: Sequence[str], limit: int = MAX_CHARS) -> Sequence[str]:
    """Clean a column as `clean_text` does."""
    return cells if _is_clean(cells, limit) else [clean_text(cell, limit) for cell in cells]


def join_addresses(columns: Sequence[Sequence[str]]) -> list[str]:
    """Join the parts of each row's address as `join_address` does. `columns` are the parts, in their order."""
    if columns and _can_join_plainly(_flatten_columns(columns)):
        join_parts = ", ".join if _has_distinct_parts(columns) else _join_distinct
        lines = list(map(join_parts, zip(*columns, strict=True)))
        if max(map(len, lines)) <= MAX_ADDRESS_CHARS:
            return lines
    return [join_address(parts) for parts in zip(*columns, strict=True)]


def memoize_column[K: Sequence[str], T](read: Callable[[K], T]) -> Callable[[Sequence[K]], list[T]]:
    """Return a function that reads a column, and repeated short values of it once: days, codes, missing numbers.

    `read` maps a cell, or a tuple of cells, to a result.
    """
    get = _Memo(read).__getitem__
    return lambda cells: list(map(get, cells))  # without a Python frame for each known cell


class _Memo[K: Sequence[str], T](dict[K, T]):
    """The results of `read` by the values that it was called with."""

    def __init__(self, read: Callable[[K], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: K) -> T:
        value = self._read(key)
        if len("".join(key)) <= _MAX_CACHED_CHARS:
            if len(self) >= _MAX_CACHED_VALUES:
                self.clear()
            self[key] = value
        return value


def _is_clean(cells: Sequence[str], limit: int) -> bool:
    """Return True only if cleaning would change no cell. A False for clean cells costs nothing but time."""
    if not any(cells):
        return True
    return (
        _is_plain_text(f"|{'|'.join(cells)}|")
        and _EMPTY_WORDS_ANY_CASE.isdisjoint(cells)
        and max(map(len, cells)) <= limit
    )


def _can_join_plainly(cells: Sequence[str]) -> bool:
    """Return whether the parts of addresses need no cleaning before they are joined."""
    text = f"|{'|'.join(cells)}|"
    return "|," not in text and ",|" not in text and _is_plain_text(text) and _EMPTY_WORDS_ANY_CASE.isdisjoint(cells)


def _is_plain_text(text: str) -> bool:
    """Return whether all cells, joined by bars, are plain. Each search runs once in C for hundreds of cells.

    A bar inside a cell may make the answer False, never True.
    """
    return (
        text.isprintable()
        and unicodedata.is_normalized("NFC", text)
        and not any(map(text.__contains__, _ODD_ANYWHERE))
        and not any(sign in text and run in text for sign, run in _ODD_IN_PLACE)
    )


def _has_distinct_parts(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether no part is empty and no two columns share a value. Then no row has a part twice."""
    distinct_values = list(map(set, columns))
    return not any("" in values for values in distinct_values) and len(set().union(*distinct_values)) == sum(
        map(len, distinct_values)
    )


def _join_distinct(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _flatten_columns(columns: Iterable[Sequence[str]]) -> list[str]:
    return list(chain.from_iterable(columns))
