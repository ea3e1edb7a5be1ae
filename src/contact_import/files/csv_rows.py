"""Lines to rows: CSV as it is found, with the line on which each row starts."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, count, islice, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from contact_import.files.decoding import CutLine, Lines

MAX_COLUMNS = 1000
MAX_FIELD_CHARS = 1024 * 1024
MAX_RECORD_LINES = 200
_CUT_CHARS = 64 * 1024

_WRAPPED = re.compile(r'"((?:[^"]|"")*+)"(\s*)')
_OUT_OF_PLACE = "a quote on this line is out of place and moved its cells"
_UNCLOSED = "a quote on this line is never closed"


class Row(NamedTuple):
    """A line of data as it stands in the file.

    `number` is the line on which it starts, counted from 1 as an editor counts. `cells` are as the file has
    them, no more and no fewer. What is wrong with the row's shape is told in `flaw` when its cells can be
    used all the same, in `unreadable` when they cannot: reasons for people, with no cell of the file in them.
    """

    number: int
    cells: tuple[str, ...]
    flaw: str = ""
    unreadable: str = ""


_made: Callable[[Iterable[Any]], Row] = partial(tuple.__new__, Row)  # as `Row._make`, which is no C


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are written. `first_line` is 2 when Excel's `sep=;` stands on the first.

    `width` is the usual number of cells in a row, 0 when there is none. In a file that `is_wrapped` each line is
    quoted once more, as a whole.
    """

    delimiter: str = ","
    first_line: int = 1
    width: int = 0
    backslash: bool = False
    blank_before_quote: bool = False
    quote: str = '"'
    is_wrapped: bool = False

    def reader(self, lines: Iterable[str], *, quoted: bool = True, strict: bool = False) -> Iterator[list[str]]:
        # The limit is the csv module's own global; ours is its only user here, and a line is bounded anyway.
        csv.field_size_limit(64 * 1024 * 1024)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            doublequote=not self.backslash,
            escapechar="\\" if self.backslash and quoted else None,
            skipinitialspace=self.blank_before_quote,
            strict=strict,
        )


def read_rows(lines: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    """Every line of data, in order. A line that holds nothing but delimiters and blanks is not a row.

    A quote that is opened and never closed does not swallow what follows: its line is read without quoting and
    says so, and reading goes on with the next line.
    """
    return chain.from_iterable(read_blocks((lines,), dialect))


def read_blocks(blocks: Iterable[Iterable[str]], dialect: Dialect) -> Iterator[Iterable[Row]]:
    """The same of lines that come some at a time: some rows at a time, to be taken before those that follow."""
    source = Lines((map(unwrapped, block) for block in blocks) if dialect.is_wrapped else blocks)
    for _ in islice(source, dialect.first_line - 1):
        pass
    while block := source.block(MAX_RECORD_LINES):
        number = source.taken - len(block) + 1
        records = _one_a_line(block, dialect)
        if records is None:
            yield _carefully(block, source, dialect, number)
        else:
            rows = map(_made, zip(count(number), map(tuple, records), repeat(""), repeat("")))
            yield rows if _all_begin(records) else compress(rows, map(str.strip, map("".join, records)))


def _all_begin(records: list[list[str]]) -> bool:
    """Whether each holds something in its first cell: the usual file has no blank line that would have to be found."""
    return all(records) and all(map(str.strip, map(itemgetter(0), records)))


def unwrapped(line: str) -> str:
    """A line without the quotes around the whole of it: `"Ann,""Perth, WA"",0491…"`; any other line as it is."""
    if isinstance(line, CutLine) or not (found := _WRAPPED.fullmatch(line)):
        return line
    return found[1].replace('""', '"') + found[2]


def _one_a_line(block: list[str], dialect: Dialect) -> list[list[str]] | None:
    """The records of some lines when each is of one line, and nothing about them needs care. It does nearly always."""
    if max(map(len, block)) > MAX_FIELD_CHARS:
        return None
    try:
        records = _split(block, dialect)
    except csv.Error:
        return None
    return None if len(records) < len(block) or max(map(len, records)) > MAX_COLUMNS else records


def _split(block: list[str], dialect: Dialect) -> list[list[str]]:
    """The records of some lines. A line without a quote is cut at its delimiters, which takes half of csv's time."""
    quoted = list(map(str.__contains__, block, repeat(dialect.quote)))
    if dialect.backslash or dialect.blank_before_quote or sum(quoted) > len(block) // 2:
        return list(dialect.reader(block, strict=True))
    records = list(map(str.split, map(str.rstrip, block, repeat("\r\n")), repeat(dialect.delimiter)))
    read = list(dialect.reader(compress(block, quoted), strict=True))
    if len(read) < sum(quoted):  # one of them goes on in the next line
        return read
    for index, record in zip(compress(count(), quoted), read, strict=True):
        records[index] = record
    return records


def _carefully(block: list[str], more: Iterator[str], dialect: Dialect, number: int) -> Iterator[Row]:
    """The rows that begin in the block, whose first line is `number`. The last may take from `more`."""
    end = number + len(block)
    source = chain(block, more)
    again: deque[str] = deque()
    while number < end or again:
        taken: list[str] = []
        with suppress(_TooLongError, csv.Error):
            # Strict, so that csv itself finds what is torn: nothing has to be read twice but what is wrong.
            for cells in dialect.reader(_feed(chain(_drain(again), source), taken), strict=True):
                if len(taken) > 1 and _is_torn(cells, taken[0], dialect):
                    break
                if any(map(str.strip, cells)):
                    yield _row(number, cells, taken)
                number += len(taken)
                taken.clear()
                if number >= end and not again:
                    return
        again.extendleft(reversed(taken[1:]))
        yield from _repaired(number, taken[0], dialect, alone=len(taken) == 1)
        number += 1


class _TooLongError(Exception):
    pass


def _drain(again: deque[str]) -> Iterator[str]:
    while again:
        yield again.popleft()


def _feed(source: Iterable[str], taken: list[str]) -> Iterator[str]:
    """Lines for the csv module, and in `taken` those that its present record took."""
    for line in source:
        long = len(taken) >= MAX_RECORD_LINES or (len(taken) > 0 and sum(map(len, taken)) > MAX_FIELD_CHARS)
        taken.append(line)
        if long or isinstance(line, CutLine):
            raise _TooLongError
        yield line


def _row(number: int, cells: Sequence[str], taken: Sequence[str], flaw: str = "") -> Row:
    if len(cells) > MAX_COLUMNS:
        kept = tuple(cell[:_CUT_CHARS] for cell in cells[: MAX_COLUMNS + 1])
        return Row(number, kept, unreadable=f"row: more than {MAX_COLUMNS:,} cells")
    if (len(taken) > 1 or len(taken[0]) > MAX_FIELD_CHARS) and max(map(len, cells)) > MAX_FIELD_CHARS:
        kept = tuple(cell[:_CUT_CHARS] for cell in cells)
        return Row(number, kept, unreadable="row: a cell is longer than 1 MiB")
    return Row(number, tuple(cells), flaw)


def _repaired(number: int, line: str, dialect: Dialect, *, alone: bool) -> Iterator[Row]:
    """The row of a line that strict CSV refuses, `alone` or because of what would follow it."""
    if isinstance(line, CutLine):
        cells = _unquoted(line[:_CUT_CHARS], dialect)
        yield Row(number, cells[:MAX_COLUMNS], unreadable="row: the line is longer than 2 MiB")
        return
    cells, is_open = _leniently(line, dialect)
    flaw = _UNCLOSED
    if alone and not is_open:
        flaw = _OUT_OF_PLACE if dialect.width and len(cells) != dialect.width else ""
    elif len(bare := _unquoted(line, dialect)) == dialect.width or len(cells) != dialect.width:
        cells = bare
    if any(map(str.strip, cells)):
        yield _row(number, cells, [line], flaw)


def _leniently(line: str, dialect: Dialect) -> tuple[tuple[str, ...], bool]:
    """The cells of one line as csv makes the best of them, and whether a quote is open at its end."""
    lines = iter([line.rstrip("\r\n"), ""])
    cells = next(iter(dialect.reader(lines)), [])
    return tuple(cells), next(lines, None) is None


def _unquoted(line: str, dialect: Dialect) -> tuple[str, ...]:
    """The cells of one line with its quotes as letters, but for those around a whole cell."""
    cells = next(iter(dialect.reader([line], quoted=False)), [])
    quote = dialect.quote
    return tuple(
        cell[1:-1].replace(quote * 2, quote) if len(cell) > 1 and cell[0] == cell[-1] == quote else cell
        for cell in cells
    )


def _is_torn(cells: Sequence[str], first: str, dialect: Dialect) -> bool:
    """Whether a record of several lines is really a stray quote that ran on until the next one."""
    return bool(dialect.width) and len(cells) != dialect.width and len(_unquoted(first, dialect)) >= dialect.width
