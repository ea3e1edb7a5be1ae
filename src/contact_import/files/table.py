"""A file as a table: what was understood of it, and its rows of data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from contact_import.columns.detect import Column, Columns, detect_columns
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields import birthday
from contact_import.files.archives import unpack
from contact_import.files.csv_rows import MAX_COLUMNS, Dialect, read_blocks
from contact_import.files.decoding import DecodedText, open_text
from contact_import.files.dialect import sniff
from contact_import.files.formula_escape import is_failed_csv, unescape_formula

_SAMPLE_LINES = 500
_SAMPLE_CHARS = 4 * 1024 * 1024
_SAMPLE_ROWS = 200
_CHUNK_ROWS = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written, and which column holds what. `skip` rows are no data: a preamble and the header."""

    dialect: Dialect
    columns: Columns
    skip: int


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What was understood of a file, as its result tells it. `error` says why it could not be read to its end."""

    format: dict[str, Any]
    columns: tuple[Column, ...]
    warnings: tuple[RowWarning, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Table:
    """An opened file. `rows` are read once; when they end early, `error` says why in a sentence.

    `tell` gives how many bytes of the upload have been read.
    """

    layout: Layout
    rows: Iterator[Row]
    text: DecodedText
    error: str = ""
    tell: Callable[[], int] = lambda: 0

    @property
    def columns(self) -> Columns:
        return self.layout.columns

    def summarize(self) -> ReadSummary:
        """The encoding and the cautions are certain only after the rows were read."""
        file_format = {
            "encoding": self.text.encoding,
            "delimiter": self.layout.dialect.delimiter,
            "header_line": self.columns.header_line,
        }
        return ReadSummary(file_format, self.columns.columns, tuple(self._collect_warnings()), self.error)

    def _collect_warnings(self) -> Iterator[RowWarning]:
        """What was guessed or repaired about the file as a whole."""
        yield from self.columns.warnings
        if self.text.stray_bytes:
            yield RowWarning("file", "some bytes were not UTF-8 and were read as Windows-1252")
        if self.text.replaced_chars:
            yield RowWarning("file", "some characters could not be read and were replaced")


def open_table(
    stream: BinaryIO, *, region: str, layout: Layout | None = None, mapping: ColumnMapping | None = None
) -> Table:
    """Understand a file by its beginning and by what a user `mapping` says of it, or by a `layout` of before.

    Raise FileError when it cannot be a list of contacts at all. A table without a column of phones is given all
    the same, with the sentence in `error`: its rows count.
    """
    text = open_text(unpack(stream))
    blocks = text.read_blocks()
    if layout:
        rows: Iterator[Row] = islice(_read_rows(blocks, layout.dialect), layout.skip, None)
    else:
        layout, rows = _detect_layout(blocks, region, mapping)
    table = Table(layout, rows, text, _explain_missing_phone_column(layout.columns))
    table.rows = chain.from_iterable(_read_rows_until_error(table, rows))
    return table


def _read_rows(blocks: Iterable[list[str]], dialect: Dialect) -> Iterator[Row]:
    return chain.from_iterable(read_blocks(blocks, dialect))


def _detect_layout(
    blocks: Iterator[list[str]], region: str, mapping: ColumnMapping | None
) -> tuple[Layout, Iterator[Row]]:
    sample_blocks, lines = _read_sample(blocks)
    dialect = sniff(lines)
    rows = _read_rows(chain(sample_blocks, blocks), dialect)
    sample = list(islice(rows, _SAMPLE_ROWS))
    if not sample:
        raise FileError("The file holds nothing but blank lines.")
    columns, skip = detect_columns(sample, region=region, mapping=mapping)
    if len(columns.columns) > MAX_COLUMNS:
        raise FileError(f"The file has more than {MAX_COLUMNS:,} columns; no list of contacts has.")
    return Layout(dialect, columns, skip), chain(sample[skip:], rows)


def detect_day_first(reopen: Callable[[], BinaryIO], *, region: str, layout: Layout | None = None) -> bool | None:
    """What the birthdays of a file say as a whole about the order of day and month.

    Nearly always the first rows settle it; the rest of a file is read once more only while they do not.
    """
    with reopen() as stream:
        table = open_table(stream, region=region, layout=layout)
        birthday_indexes = table.columns.role_indexes.get(Role.BIRTHDAY, ())
        if not birthday_indexes:
            return None
        return birthday.infer_day_first(
            row.cells[birthday_indexes[0]] for row in table.rows if len(row.cells) > birthday_indexes[0]
        )


def _read_sample(blocks: Iterable[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The first blocks, and those of their lines that tell how a file is written."""
    sample_blocks, lines, size = list[list[str]](), list[str](), 0
    for block in blocks:
        sample_blocks.append(block)
        for line in islice(block, _SAMPLE_LINES - len(lines)):
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_CHARS:
                return sample_blocks, lines
        if len(lines) == _SAMPLE_LINES:
            break
    return sample_blocks, lines


def _explain_missing_phone_column(columns: Columns) -> str:
    if Role.PHONE in columns.role_indexes:
        return ""
    if columns.header_line is None:
        return "The file has no column of phone numbers, and no header; a first line such as Name,Mobile helps."
    names = ", ".join(name.strip()[:40] for name in columns.header[:12] if name.strip())
    return f"The file has no column of phone numbers; its columns are: {names}. Name one of them Mobile."


def _read_rows_until_error(table: Table, rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows up to where the file cannot be read any further, so that none of those before is lost."""
    if is_failed_csv(table.columns.header):
        rows = (row._replace(cells=tuple(map(unescape_formula, row.cells))) for row in rows)
    is_readable = True
    while is_readable:
        chunk = list[Row]()
        try:
            for row in islice(rows, _CHUNK_ROWS):
                chunk.append(row)  # `extend` does not promise to keep those before an error
        except FileError as error:
            table.error, is_readable = str(error), False
        yield chunk
        is_readable = is_readable and bool(chunk)
