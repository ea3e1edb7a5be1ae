"""Lines to rows: CSV as it is found, with the line on which each row starts."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from contact_import.text import CutLine

MAX_COLUMNS = 1000
MAX_FIELD_CHARS = 1024 * 1024
MAX_RECORD_LINES = 200
DELIMITERS = ",;\t|"

_END = "unexpected end of data"  # the csv module has one error class and tells by words
_OUT_OF_PLACE = "a quote on this line is out of place and moved its cells"
_UNCLOSED = "a quote on this line is never closed"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of data as it stands in the file.

    `number` is the line on which it starts, counted from 1 as an editor counts. `cells` are as the file has
    them, no more and no fewer. What is wrong with the row's shape is told in `flaw` when its cells can be
    used all the same, in `unreadable` when they cannot: reasons for people, with no cell of the file in them.
    """

    number: int
    cells: tuple[str, ...]
    flaw: str = ""
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are written. `first_line` is 2 when Excel's `sep=;` stands on the first.

    `width` is the usual number of cells in a row, 0 when there is none.
    """

    delimiter: str = ","
    first_line: int = 1
    width: int = 0
    backslash: bool = False
    blank_before_quote: bool = False

    def reader(self, lines: Iterable[str], *, quoted: bool = True, strict: bool = False) -> Iterator[list[str]]:
        # The limit is the csv module's own global; ours is its only user here, and a line is bounded anyway.
        csv.field_size_limit(64 * 1024 * 1024)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            doublequote=not self.backslash,
            escapechar="\\" if self.backslash and quoted else None,
            skipinitialspace=self.blank_before_quote,
            strict=strict,
        )


def sniff(lines: Sequence[str]) -> Dialect:
    """The dialect of a file by its first lines: the delimiter that cuts most of them into equally many cells."""
    if lines and (told := re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE)):
        return _finish(Dialect(told[1], first_line=2), lines[1:])
    best, best_score = Dialect(), 0.0
    for delimiter in DELIMITERS:
        dialect = Dialect(delimiter)
        if (score := _score(dialect, lines)) > best_score:
            best, best_score = dialect, score
    return _finish(best, lines)


def _finish(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    text = "".join(lines)
    blank = re.search(rf'{re.escape(dialect.delimiter)} +"', text) is not None and dialect.delimiter != "\t"
    dialect = replace(dialect, blank_before_quote=blank)
    escaped = replace(dialect, backslash=True)
    if '\\"' in text and not _is_well_formed(lines, dialect) and _is_well_formed(lines, escaped):
        dialect = escaped
    widths = Counter(len(row.cells) for row in _records(lines, dialect))
    if widths and (width := max(widths, key=lambda cells: (widths[cells], cells))) > 1:
        return replace(dialect, width=width)
    return dialect


def _is_well_formed(lines: Sequence[str], dialect: Dialect) -> bool:
    try:
        list(dialect.reader(lines, strict=True))
    except csv.Error as error:
        return _END in str(error)  # the sample may end inside a cell
    return True


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """How many cells the usual row has, weighed by how usual it is."""
    widths = Counter(len(cells) for cells in dialect.reader(lines) if any(cell.strip() for cell in cells))
    total = widths.total()
    if not total:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if width == 1:
        return 0.0
    share = count / total
    return share * share * (1 + min(width, 30) / 100)


def read_rows(lines: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    """Every line of data, in order. A line that holds nothing but delimiters and blanks is not a row.

    A quote that is opened and never closed does not swallow what follows: its line is read without quoting and
    says so, and reading goes on with the next line.
    """
    return (row for row in _records(lines, dialect) if any(cell and not cell.isspace() for cell in row.cells))


def _records(lines: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    source = _Source(lines, dialect.first_line)
    while True:
        reader = dialect.reader(source)
        try:
            for cells in reader:
                taken = source.taken
                if len(taken) > 1 and (source.ended or _is_torn(cells, taken, dialect)):
                    break
                if source.ended and _is_open(taken, dialect):
                    break
                row = _row(source.number, cells, taken)
                if len(cells) != dialect.width and _is_skewed(taken, dialect):
                    row = replace(row, flaw=_OUT_OF_PLACE)
                yield row
                source.commit()
            else:
                return
        except (_TooLongError, csv.Error):
            pass
        number, line = source.number, source.taken[0]
        source.take_back()
        (cells,) = tuple(dialect.reader([line], quoted=False)) or ([],)
        yield replace(_row(number, cells, [line]), flaw=_UNCLOSED)


class _TooLongError(Exception):
    pass


class _Source:
    """Lines for the csv module that remember which of them the present record took."""

    def __init__(self, lines: Iterable[str], first_line: int) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.number = first_line
        self.taken: list[str] = []
        self.ended = False
        self._chars = 0
        for _ in range(first_line - 1):
            next(self._lines, None)

    def __iter__(self) -> "_Source":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            self.ended = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        if len(self.taken) > 1:
            self._chars += len(line)
            if len(self.taken) > MAX_RECORD_LINES or self._chars > MAX_FIELD_CHARS:
                raise _TooLongError
        return line

    def commit(self) -> None:
        self.number += len(self.taken)
        self.taken = []
        self._chars = 0
        self.ended = False

    def take_back(self) -> None:
        """All lines of the record but the first will be read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]
        self.commit()


def _row(number: int, cells: Sequence[str], taken: Sequence[str]) -> Row:
    if len(taken) == 1 and isinstance(taken[0], CutLine):
        return Row(number, tuple(cells[:MAX_COLUMNS]), unreadable="row: the line is longer than 2 MiB")
    if len(cells) > MAX_COLUMNS:
        return Row(number, tuple(cells[: MAX_COLUMNS + 1]), unreadable=f"row: more than {MAX_COLUMNS:,} cells")
    if len(taken[0]) > MAX_FIELD_CHARS and any(len(cell) > MAX_FIELD_CHARS for cell in cells):
        kept = tuple(cell[:MAX_FIELD_CHARS] for cell in cells)
        return Row(number, kept, unreadable="row: a cell is longer than 1 MiB")
    return Row(number, tuple(cells))


def _is_open(taken: Sequence[str], dialect: Dialect) -> bool:
    """Whether the last record of the file ends inside a quote. The lenient reader does not tell."""
    try:
        list(dialect.reader(taken, strict=True))
    except csv.Error as error:
        return _END in str(error)
    return False


def _is_skewed(taken: Sequence[str], dialect: Dialect) -> bool:
    """Whether a quote that stands where none may stand moved the cells of a row that does not fit."""
    return bool(dialect.width) and '"' in taken[0] and not _is_well_formed(taken, dialect)


def _is_torn(cells: Sequence[str], taken: Sequence[str], dialect: Dialect) -> bool:
    """Whether a record of several lines is really a stray quote that ran on until the next one."""
    try:
        list(dialect.reader(taken, strict=True))
    except csv.Error:
        return True
    if not dialect.width or len(cells) == dialect.width:
        return False
    alone = next(iter(dialect.reader(taken[:1], quoted=False)), [])
    return len(alone) >= dialect.width
