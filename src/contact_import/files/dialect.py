"""Detect the dialect of a file (delimiter, quotes, escapes) from its first lines."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from contact_import.errors import FileError
from contact_import.files.csv_rows import Dialect, read_rows, unwrap_line
from contact_import.files.delimiters import find_delimiter

# Enough rows to see past a preamble and some empty columns. The sample is parsed once for each delimiter in it.
_SAMPLE_LINES = 500
_SAMPLE_CHARS = 4 * 1024 * 1024
_MAX_UNQUOTED_LINES = 10
_UNEXPECTED_END_MESSAGE = "unexpected end of data"  # the csv module has one error class for all errors


def detect_dialect(lines: Sequence[str]) -> Dialect:
    """Return the dialect of a file by its first lines: the delimiter that cuts its header and most lines equally.

    A first line `sep=;`, which Excel reads, declares the delimiter. `csv.Sniffer` is not used: on a short list it may
    choose a letter.
    """
    if lines and (separator_line := re.fullmatch(r'"?sep=(.?)"?\s*', lines[0], re.IGNORECASE)):
        # Excel accepts any character; a letter, a quote or a blank there is a mistake.
        usable = separator_line[1] and (
            separator_line[1] == "\t"
            or not (separator_line[1].isalnum() or separator_line[1].isspace() or separator_line[1] in '"\\')
        )
        return replace(_detect_wrapping(lines[1:], separator_line[1] if usable else ""), first_line=2)
    return _detect_wrapping(lines)


def _detect_wrapping(lines: Sequence[str], declared_delimiter: str = "") -> Dialect:
    unwrapped_lines = [unwrap_line(line) for line in lines]
    if all(line != inner_line or not line.strip() for line, inner_line in zip(lines, unwrapped_lines, strict=True)):
        dialect = _detect_unwrapped(unwrapped_lines, declared_delimiter)
        # A single column of addresses is also quoted line by line, but its commas do not make rows of equal width.
        if dialect.width and {len(row.cells) for row in read_rows(unwrapped_lines, dialect)} == {dialect.width}:
            return replace(dialect, is_wrapped=True)
    return _detect_unwrapped(lines, declared_delimiter)


def _detect_unwrapped(lines: Sequence[str], declared_delimiter: str) -> Dialect:
    if declared_delimiter:
        return _complete_dialect(_detect_quote(declared_delimiter, lines), lines)
    dialect, alternative = find_delimiter(lines, lambda delimiter: _detect_quote(delimiter, lines))
    return replace(_complete_dialect(dialect, lines), alternative_delimiter=alternative)


def _detect_quote(delimiter: str, lines: Sequence[str]) -> Dialect:
    """Return the delimiter's dialect with single quotes if they enclose cells on every line: `'Ann','O''Neil'`.

    Only a title and the header, among the first 10 lines, may have none. In any other file a single quote is text.
    """
    filled = [line.strip(" \r\n") for line in lines if line.strip()]
    first = next((index for index, line in enumerate(filled[:_MAX_UNQUOTED_LINES]) if "'" in line), len(filled))
    filled = filled[first:]
    if not filled or not all("'" in line for line in filled):
        return Dialect(delimiter)
    delimiter_pattern = re.escape(delimiter)
    # A line of cells, each in single quotes or without any quote. Possessive, so that it never backtracks.
    cell = rf"""(?:'(?:[^'\\]|''|\\.)*+'|[^'"{delimiter_pattern}]*+)"""
    line_of_cells = re.compile(rf"{cell}(?:{delimiter_pattern} *+{cell})++")
    return Dialect(delimiter, quote_char="'" if all(map(line_of_cells.fullmatch, filled)) else '"')


def _complete_dialect(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    text = "".join(lines)
    quote = dialect.quote_char
    has_space_before_quote = (
        re.search(rf"{re.escape(dialect.delimiter)} +{quote}", text) is not None and dialect.delimiter != "\t"
    )
    dialect = replace(dialect, skip_initial_space=has_space_before_quote)
    # `\"` is an escape (MySQL, PHP) only where the lines are broken CSV without it: `C:\"` may end a cell.
    with_escapes = replace(dialect, backslash_escape=True)
    if f"\\{quote}" in text and not _is_well_formed(lines, dialect) and _is_well_formed(lines, with_escapes):
        dialect = with_escapes
    widths = Counter(len(row.cells) for row in read_rows(lines, dialect))
    if widths and (width := max(widths, key=lambda cells: (widths[cells], cells))) > 1:
        return replace(dialect, width=width)
    return dialect


def _is_well_formed(lines: Sequence[str], dialect: Dialect) -> bool:
    try:
        list(dialect.make_reader(lines, strict=True))
    except csv.Error as error:
        return _UNEXPECTED_END_MESSAGE in str(error)  # the sample may end inside a cell
    return True


def read_sample(blocks: Iterator[list[str]]) -> tuple[list[list[str]], list[str], Iterator[list[str]]]:
    """Return the first blocks, up to 500 of their lines to detect the dialect from, and the other blocks."""
    sample_blocks, lines, size = list[list[str]](), list[str](), 0
    while len(lines) < _SAMPLE_LINES and size <= _SAMPLE_CHARS:
        some, blocks = take_until_error(blocks, 1)
        if not some:
            break
        sample_blocks += some
        for line in islice(some[0], _SAMPLE_LINES - len(lines)):
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_CHARS:
                break
    return sample_blocks, lines, blocks


def take_until_error[T](source: Iterator[T], count: int) -> tuple[list[T], Iterator[T]]:
    """Return the next items and an iterator of the rest. It raises the FileError that interrupted the items, if any."""
    taken: list[T] = []
    try:
        for item in islice(source, count):
            taken.append(item)  # noqa: PERF402 - `extend` does not promise to keep those before an error
    except FileError as error:
        return taken, _raise_later(error)
    return taken, source


def _raise_later[T](error: FileError) -> Iterator[T]:
    try:
        raise error
        yield
    finally:
        del error  # its traceback refers to this frame: such a cycle keeps the stream open
