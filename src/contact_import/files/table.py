"""A file as a table: what was understood of it, and its rows of data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from contact_import.columns.detect import Column, Columns, understand
from contact_import.columns.header_names import Role
from contact_import.columns.user_mapping import Told
from contact_import.domain.outcomes import Caution
from contact_import.errors import FileError
from contact_import.fields import birthday
from contact_import.files.archives import unpack
from contact_import.files.csv_rows import MAX_COLUMNS, Dialect, Row, read_blocks
from contact_import.files.decoding import Text, read_text
from contact_import.files.dialect import sniff
from contact_import.files.formula_escape import is_ours, unprotect

_SAMPLE_LINES = 500
_SAMPLE_CHARS = 4 * 1024 * 1024
_SAMPLE_ROWS = 200
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written, and which column holds what. `skip` rows are no data: a preamble and the header."""

    dialect: Dialect
    columns: Columns
    skip: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a file, as its result tells it. `error` says why it could not be read to its end."""

    format: dict[str, Any]
    columns: tuple[Column, ...]
    cautions: tuple[Caution, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Table:
    """An opened file. `rows` are read once; when they end early, `error` says why in a sentence.

    `at` gives how many bytes of the upload have been read.
    """

    layout: Layout
    rows: Iterator[Row]
    text: Text
    error: str = ""
    at: Callable[[], int] = lambda: 0

    @property
    def columns(self) -> Columns:
        return self.layout.columns

    def reading(self) -> Reading:
        """The encoding and the cautions are certain only after the rows were read."""
        form = {
            "encoding": self.text.encoding,
            "delimiter": self.layout.dialect.delimiter,
            "header_line": self.columns.header_line,
        }
        return Reading(form, self.columns.columns, tuple(self._cautions()), self.error)

    def _cautions(self) -> Iterator[Caution]:
        """What was guessed or repaired about the file as a whole."""
        yield from self.columns.cautions
        if self.text.strays:
            yield Caution("file", "some bytes were not UTF-8 and were read as Windows-1252")
        if self.text.replaced:
            yield Caution("file", "some characters could not be read and were replaced")


def open_table(stream: BinaryIO, *, region: str, layout: Layout | None = None, told: Told | None = None) -> Table:
    """Understand a file by its beginning and by what somebody `told` of it, or by a `layout` of before.

    Raise FileError when it cannot be a list of contacts at all. A table without a column of phones is given all
    the same, with the sentence in `error`: its rows count.
    """
    text = read_text(unpack(stream))
    blocks = text.blocks()
    if layout:
        rows: Iterator[Row] = islice(_rows(blocks, layout.dialect), layout.skip, None)
    else:
        layout, rows = _understood(blocks, region, told)
    table = Table(layout, rows, text, _missing_phones(layout.columns))
    table.rows = chain.from_iterable(_guarded(table, rows))
    return table


def _rows(blocks: Iterable[list[str]], dialect: Dialect) -> Iterator[Row]:
    return chain.from_iterable(read_blocks(blocks, dialect))


def _understood(blocks: Iterator[list[str]], region: str, told: Told | None) -> tuple[Layout, Iterator[Row]]:
    head, lines = _beginning(blocks)
    dialect = sniff(lines)
    rows = _rows(chain(head, blocks), dialect)
    first = list(islice(rows, _SAMPLE_ROWS))
    if not first:
        raise FileError("The file holds nothing but blank lines.")
    columns, skip = understand(first, region=region, told=told)
    if len(columns.columns) > MAX_COLUMNS:
        raise FileError(f"The file has more than {MAX_COLUMNS:,} columns; no list of contacts has.")
    return Layout(dialect, columns, skip), chain(first[skip:], rows)


def day_first(reopen: Callable[[], BinaryIO], *, region: str, layout: Layout | None = None) -> bool | None:
    """What the birthdays of a file say as a whole about the order of day and month.

    Nearly always the first rows settle it; the rest of a file is read once more only while they do not.
    """
    with reopen() as stream:
        table = open_table(stream, region=region, layout=layout)
        places = table.columns.places.get(Role.BIRTHDAY, ())
        if not places:
            return None
        return birthday.day_first(row.cells[places[0]] for row in table.rows if len(row.cells) > places[0])


def _beginning(blocks: Iterable[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The first blocks, and those of their lines that tell how a file is written."""
    head, lines, size = list[list[str]](), list[str](), 0
    for block in blocks:
        head.append(block)
        for line in islice(block, _SAMPLE_LINES - len(lines)):
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_CHARS:
                return head, lines
        if len(lines) == _SAMPLE_LINES:
            break
    return head, lines


def _missing_phones(columns: Columns) -> str:
    if Role.PHONE in columns.places:
        return ""
    if columns.header_line is None:
        return "The file has no column of phone numbers, and no header; a first line such as Name,Mobile helps."
    names = ", ".join(name.strip()[:40] for name in columns.header[:12] if name.strip())
    return f"The file has no column of phone numbers; its columns are: {names}. Name one of them Mobile."


def _guarded(table: Table, rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows up to where the file cannot be read any further, so that none of those before is lost."""
    if is_ours(table.columns.header):
        rows = (row._replace(cells=tuple(map(unprotect, row.cells))) for row in rows)
    is_readable = True
    while is_readable:
        some = list[Row]()
        try:
            for row in islice(rows, _AT_ONCE):
                some.append(row)  # `extend` does not promise to keep those before an error
        except FileError as error:
            table.error, is_readable = str(error), False
        yield some
        is_readable = is_readable and bool(some)
