"""Parse lines of CSV (RFC 4180), damaged ones included, into rows with the number of the line on which they start."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, count, islice, repeat
from typing import Any

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.files.decoding import LineReader, TruncatedLine
from contact_import.files.stray_quotes import split_by_width

MAX_COLUMNS = 1000
MAX_FIELD_CHARS = 1024 * 1024
# A quote that is not closed after so many lines counts as never closed. It is also the number of lines in a block.
MAX_RECORD_LINES = 200
_TRUNCATED_CELL_CHARS = 64 * 1024  # of an unreadable row, whose cells go to failed.csv

_WRAPPED_LINE = compile_lazily(r'"((?:[^"]|"")*+)"(\s*)')
PHONE_OR_EMAIL = compile_lazily(r"(?:\d[ ().-]{0,2}){8}|\w@\w+\.\w")
_MISPLACED_QUOTE = "a misplaced quote on this line moved its cells"
_BROKEN_OFF = "row: the file ends in the middle of this row"
_UNCLOSED_QUOTE = "a quote on this line is never closed"

# The same as `Row._make`, which costs a Python call for every row.
_make_row: Callable[[Iterable[Any]], Row] = partial(tuple.__new__, Row)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The notation of a file's cells.

    `first_line` is 2 when line 1 is Excel's `sep=;`. `width` is the number of cells of most rows, 0 if rows have a
    single one. In a file that `is_wrapped` each line as a whole is quoted once more. `alternative_delimiter` is
    another delimiter that would cut the header as well, "" if there is none.
    """

    delimiter: str = ","
    first_line: int = 1
    width: int = 0
    backslash_escape: bool = False
    skip_initial_space: bool = False
    quote_char: str = '"'
    is_wrapped: bool = False
    alternative_delimiter: str = ""

    def make_reader(self, lines: Iterable[str], *, quoted: bool = True, strict: bool = False) -> Iterator[list[str]]:
        """Return a `csv.reader` of the lines. If `strict`, it raises csv.Error for a misplaced quote."""
        # The limit is global to the csv module, whose default of 128 KiB is less than `MAX_FIELD_CHARS`.
        csv.field_size_limit(64 * 1024 * 1024)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote_char,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            doublequote=not self.backslash_escape,
            escapechar="\\" if self.backslash_escape and quoted else None,
            skipinitialspace=self.skip_initial_space,
            strict=strict,
        )


def read_rows(lines: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    """Yield the rows in order. A line with only delimiters and blanks is not a row.

    A line with a quote that is never closed is read without quoting, and its row has a `parse_warning`.
    """
    return chain.from_iterable(read_blocks((lines,), dialect))


def read_blocks(blocks: Iterable[Iterable[str]], dialect: Dialect) -> Iterator[Iterable[Row]]:
    """Yield the rows of blocks of lines, in blocks of at most 200 lines. Consume each block before the next.

    A block that strict CSV parses into one record for each line is parsed in one call. Any other block is parsed record
    by record, with repairs, which takes a third more CPU.
    """
    source = LineReader((map(unwrap_line, block) for block in blocks) if dialect.is_wrapped else blocks)
    for _ in islice(source, dialect.first_line - 1):
        pass
    while block := source.read_block(MAX_RECORD_LINES):
        number = source.lines_read - len(block) + 1
        records = _parse_single_line_records(block, dialect)
        if records is None:
            yield _read_rows_with_recovery(block, source, dialect, number)
        else:
            # Without a Python frame for each row: C functions number them, and drop those whose cells are all blank.
            rows = map(_make_row, zip(count(number), map(tuple, records), repeat(""), repeat("")))
            yield compress(rows, map(str.strip, map("".join, records)))


def unwrap_line(line: str) -> str:
    """Remove the quotes around a whole line (`"Ann,""Perth, WA"",0491…"`); return any other line unchanged."""
    if isinstance(line, TruncatedLine) or not (found := _WRAPPED_LINE.fullmatch(line)):
        return line
    return found[1].replace('""', '"') + found[2]


def _parse_single_line_records(block: list[str], dialect: Dialect) -> list[list[str]] | None:
    """Return the cells of each line of a block if every line is one intact record, else None."""
    if max(map(len, block)) > MAX_FIELD_CHARS:
        return None
    try:
        # Strict: csv raises for a misplaced quote instead of moving cells.
        records = list(dialect.make_reader(block, strict=True))
    except csv.Error:
        return None
    # Fewer records than lines: a quoted cell has a line break.
    return None if len(records) < len(block) or max(map(len, records)) > MAX_COLUMNS else records


def _read_rows_with_recovery(
    block: list[str], following_lines: Iterator[str], dialect: Dialect, number: int
) -> Iterator[Row]:
    """Yield the rows that begin in the block, whose first line is `number`. The last may take `following_lines`."""
    # csv reads records until one is broken. Then its first line is repaired alone, and csv continues with its other
    # lines (`retry_lines`): they may be rows that an open quote has swallowed.
    end = number + len(block)
    source = chain(block, following_lines)
    retry_lines: deque[str] = deque()
    while number < end or retry_lines:
        record_lines: list[str] = []
        try:
            # Strict: csv itself finds the broken records, so only their lines are parsed twice.
            for cells in dialect.make_reader(
                _feed_lines(chain(_drain_lines(retry_lines), source), record_lines), strict=True
            ):
                if len(record_lines) > 1 and _has_stray_quote(cells, record_lines, dialect):
                    break
                if any(map(str.strip, cells)):
                    yield _build_row(number, cells, record_lines)
                number += len(record_lines)
                record_lines.clear()
                if number >= end and not retry_lines:
                    return
        except (_RecordTooLongError, csv.Error):
            pass
        except FileError:
            for line_number, line in enumerate(record_lines, start=number):
                yield Row(line_number, _parse_unquoted(line, dialect)[:MAX_COLUMNS], parse_error=_BROKEN_OFF)
            raise
        retry_lines.extendleft(reversed(record_lines[1:]))
        yield from _repair_line(number, record_lines[0], dialect, is_single_line=len(record_lines) == 1)
        number += 1


class _RecordTooLongError(Exception):
    """A record has more lines or characters than a real one: its quote is never closed."""


def _drain_lines(retry_lines: deque[str]) -> Iterator[str]:
    while retry_lines:
        yield retry_lines.popleft()


def _feed_lines(source: Iterable[str], record_lines: list[str]) -> Iterator[str]:
    """Yield lines for the csv module, and collect the lines of its current record in `record_lines`."""
    for line in source:
        is_too_long = len(record_lines) >= MAX_RECORD_LINES or (
            len(record_lines) > 0 and sum(map(len, record_lines)) > MAX_FIELD_CHARS
        )
        record_lines.append(line)
        if is_too_long or isinstance(line, TruncatedLine):
            raise _RecordTooLongError
        yield line


def _build_row(number: int, cells: Sequence[str], record_lines: Sequence[str], parse_warning: str = "") -> Row:
    if len(cells) > MAX_COLUMNS:
        truncated = tuple(cell[:_TRUNCATED_CELL_CHARS] for cell in cells[: MAX_COLUMNS + 1])
        return Row(number, truncated, parse_error=f"row: more than {MAX_COLUMNS:,} cells")
    if (len(record_lines) > 1 or len(record_lines[0]) > MAX_FIELD_CHARS) and max(map(len, cells)) > MAX_FIELD_CHARS:
        truncated = tuple(cell[:_TRUNCATED_CELL_CHARS] for cell in cells)
        return Row(number, truncated, parse_error="row: a cell is longer than 1 MiB")
    return Row(number, tuple(cells), parse_warning)


def _repair_line(number: int, line: str, dialect: Dialect, *, is_single_line: bool) -> Iterator[Row]:
    """Yield the row of a line that strict CSV rejects, alone (`is_single_line`) or together with the lines after it.

    Three readings compete: csv's lenient one, one without any quoting, and `split_by_width`. One with as many cells as
    most rows of the file wins, because then each cell is below its header.
    """
    if isinstance(line, TruncatedLine):
        cells = _parse_unquoted(line[:_TRUNCATED_CELL_CHARS], dialect)
        yield Row(number, cells[:MAX_COLUMNS], parse_error="row: the line is longer than 2 MiB")
        return
    cells, is_quote_open = _parse_leniently(line, dialect)
    parse_warning = _UNCLOSED_QUOTE if is_quote_open or not is_single_line else ""
    unquoted_cells = _parse_unquoted(line, dialect)
    is_unclosed_and_fits = bool(parse_warning) and len(unquoted_cells) == dialect.width
    fitting_cells = None if dialect.backslash_escape else _split_by_width(line, dialect)
    if fitting_cells:
        # Where the two differ only by quotes (`"Ann" Lee`), csv reads the line as spreadsheets do.
        if is_unclosed_and_fits or _strip_quotes(cells, dialect) != _strip_quotes(fitting_cells, dialect):
            cells, parse_warning = fitting_cells, parse_warning or _MISPLACED_QUOTE
    elif is_unclosed_and_fits or len(cells) != dialect.width:
        cells = unquoted_cells if parse_warning else cells
        parse_warning = parse_warning or (_MISPLACED_QUOTE if dialect.width else "")
    if any(map(str.strip, cells)):
        yield _build_row(number, cells, [line], parse_warning)


def _strip_quotes(cells: Iterable[str], dialect: Dialect) -> list[str]:
    return [cell.replace(dialect.quote_char, "") for cell in cells]


def _parse_leniently(line: str, dialect: Dialect) -> tuple[tuple[str, ...], bool]:
    """Return the cells of one line as csv reads them when it is not strict, and whether a quote is open at its end."""
    # csv asks for the second line only while a quote is open.
    lines = iter([line.rstrip("\r\n"), ""])
    cells = next(iter(dialect.make_reader(lines)), [])
    return tuple(cells), next(lines, None) is None


def _parse_unquoted(line: str, dialect: Dialect) -> tuple[str, ...]:
    """Return the cells of one line with quotes as ordinary characters, except those around a whole cell."""
    cells = next(iter(dialect.make_reader([line], quoted=False)), [])
    quote = dialect.quote_char
    return tuple(
        cell[1:-1].replace(quote * 2, quote) if len(cell) > 1 and cell[0] == cell[-1] == quote else cell
        for cell in cells
    )


def _has_stray_quote(cells: Sequence[str], record_lines: Sequence[str], dialect: Dialect) -> bool:
    """Return whether a record of several lines comes from a stray quote that ran on until the next one."""
    first_line, *other_lines = record_lines
    # A real cell of several lines (an address) begins where its line breaks off, before the line has all cells.
    if not dialect.width or len(_parse_unquoted(first_line, dialect)) < dialect.width:
        return False
    if len(cells) != dialect.width:
        return True
    # The number of cells fits by chance: each of the other lines is a person with all cells.
    return all(PHONE_OR_EMAIL.search(line) and _split_by_width(line, dialect) for line in other_lines)


def _split_by_width(line: str, dialect: Dialect) -> tuple[str, ...] | None:
    return split_by_width(
        line,
        dialect.width,
        delimiter=dialect.delimiter,
        quote=dialect.quote_char,
        skip_initial_space=dialect.skip_initial_space,
    )
