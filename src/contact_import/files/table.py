"""Open a contact file as a table: its dialect, its columns and its rows of data.

`open_table` unpacks and decodes the file, detects its dialect and parses its rows;
`columns.detect.detect_columns` detects the content of each column. `contacts.validate.validate_rows` then turns each
row into a contact or an outcome.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from contact_import.columns.detect import Column, Columns, detect_columns
from contact_import.columns.records.missing_phone import explain_missing_phone_column
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.fields.birthday import DateOrder, find_date_order, infer_date_order
from contact_import.files.archives import unpack
from contact_import.files.csv_rows import MAX_COLUMNS, Dialect, read_blocks
from contact_import.files.decoding import DecodedText, open_text
from contact_import.files.dialect import detect_dialect, read_sample, take_until_error
from contact_import.files.legacy_encoding import LEGACY_ENCODINGS, UNKNOWN
from contact_import.files.sections import follow_sections
from contact_import.files.spreadsheets.sheet_choice import SheetChoice, choose_sheet, open_sheet
from contact_import.files.spreadsheets.workbook import Workbook
from contact_import.files.zip_members.member_files import MemberFiles
from contact_import.files.zip_members.merged_rows import MergedText, merge_files
from contact_import.resubmission.formula_escape import unescape_formula
from contact_import.resubmission.stored_layout import detect_resubmitted_columns

_SAMPLE_ROWS = 200
_CHUNK_ROWS = 200
# More rows than most files have. Their birthdays are read twice, to find contradictions; reading all rows of a large
# file twice would cost a quarter of its import.
_DATE_ORDER_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Layout:
    """The notation of a file and the content of its columns. Its first `skip` rows are a preamble and the header.

    `sheet` is the sheet of a workbook that is imported, None for a text file.
    """

    dialect: Dialect
    columns: Columns
    skip: int
    sheet: SheetChoice | None = None


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """The description of a file in result.json. `error` is a sentence that explains why it was not read to its end."""

    format: dict[str, Any]
    columns: tuple[Column, ...]
    warnings: tuple[RowWarning, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Table:
    """An opened file. `rows` can be read once; if they end early, `error` is a sentence that explains why.

    `text` is None for a workbook. `tell` returns the number of bytes of the upload that have been read. `close` frees
    the disk space of a workbook or a ZIP, as the end of the rows does.
    """

    layout: Layout
    rows: Iterator[Row]
    text: DecodedText | MergedText | None
    error: str = ""
    tell: Callable[[], int] = lambda: 0
    close: Callable[[], None] = lambda: None
    _warnings: dict[RowWarning, None] = field(default_factory=dict)

    @property
    def columns(self) -> Columns:
        """Return the columns of the layout."""
        return self.layout.columns

    def add_warning(self, warning: RowWarning) -> None:
        """Add a warning about the file as a whole, found while its rows are read; equal warnings count once."""
        self._warnings[warning] = None

    def summarize(self) -> ReadSummary:
        """Return the description for result.json. Encoding and warnings are certain only after the rows were read."""
        file_format = {
            "encoding": self.text.encoding if self.text else None,
            "delimiter": self.layout.dialect.delimiter or None if self.text else None,
            "header_line": self.columns.header_line,
        }
        if self.layout.sheet:
            file_format["sheet"] = self.layout.sheet.name
        return ReadSummary(file_format, self.columns.columns, tuple(self._collect_warnings()), self.error)

    def _collect_warnings(self) -> Iterator[RowWarning]:
        """Yield a warning for each thing that was inferred or repaired about the file as a whole."""
        yield from self.columns.warnings
        yield from self._warnings
        if self.layout.sheet:
            yield from self.layout.sheet.list_warnings()
        if not self.text:
            return
        if self.layout.dialect.alternative_delimiter:
            yield RowWarning("file", "two delimiters split the header; the one with more known columns was used")
        if self.text.encoding == UNKNOWN:
            yield RowWarning("file", "the encoding is unknown; save the file as CSV UTF-8")
        elif self.text.encoding in LEGACY_ENCODINGS:
            yield RowWarning("file", "the encoding was inferred from the words in the file")
        if self.text.stray_bytes:
            yield RowWarning("file", "some bytes were not UTF-8 and were read as Windows-1252")
        if self.text.replaced_chars:
            yield RowWarning("file", "some characters could not be read and were replaced")


def open_table(
    stream: BinaryIO, *, region: str, layout: Layout | None = None, mapping: ColumnMapping | None = None
) -> Table:
    """Open a file with the layout of its first 500 lines and a user's `mapping`, or with a stored `layout`.

    `region` is the country of national phone numbers, in two letters (ISO 3166). Raise FileError for a file that is
    not a list of contacts. A table without a phone column is returned with a sentence in `error`, because its rows are
    still counted and reported.
    """
    content = unpack(stream)
    if isinstance(content, Workbook):
        table = _open_workbook(content, layout, region, mapping)
    elif isinstance(content, MemberFiles):
        table = _open_files(content, layout, region, mapping)
    else:
        table = _open_text(open_text(content), layout, region, mapping)
    table.error = explain_missing_phone_column(table.columns)
    chunks = _read_rows_until_error(table, table.rows)
    # The lines of a failed.csv are whole records of one table, and `merge_files` has followed each file by itself.
    if not table.columns.report_indexes and not isinstance(content, MemberFiles):
        chunks = follow_sections(chunks, table.columns, table.add_warning)
    table.rows = chain.from_iterable(chunks)
    return table


def _open_text(text: DecodedText, layout: Layout | None, region: str, mapping: ColumnMapping | None) -> Table:
    blocks = text.read_blocks()
    if layout:
        return Table(layout, islice(_read_rows(blocks, layout.dialect), layout.skip, None), text)
    layout, rows = _detect_layout(blocks, region, mapping)
    return Table(layout, rows, text)


def _open_workbook(workbook: Workbook, layout: Layout | None, region: str, mapping: ColumnMapping | None) -> Table:
    """Open the sheet of a stored layout, or the sheet with the contacts."""
    if layout and layout.sheet:
        opened = open_sheet(workbook, layout.sheet, layout.skip)
    else:
        opened, columns, skip = choose_sheet(workbook, lambda sample: _detect_columns(sample, region, mapping))
        layout = Layout(Dialect(), columns, skip, opened.choice)
    return Table(layout, opened.rows, None, tell=opened.tell, close=workbook.close)


def _open_files(files: MemberFiles, layout: Layout | None, region: str, mapping: ColumnMapping | None) -> Table:
    """Open the files of a ZIP as one table."""
    warnings: dict[RowWarning, None] = {}
    merged = merge_files(files, region, lambda warning: warnings.update({warning: None}))
    names = ", ".join(f"\u201c{name[:40]}\u201d" for name in merged.names[:10])
    warnings[RowWarning("file", f"the files of the ZIP archive were imported as one list: {names}")] = None
    rows = merged.rows
    if not layout:
        sample, rows = take_until_error(rows, _SAMPLE_ROWS)
        columns, _ = detect_columns([merged.header, *sample], region=region, mapping=mapping, has_header=True)
        layout, rows = Layout(Dialect(merged.delimiter), columns, 0), chain(sample, rows)
    return Table(layout, rows, merged.text, close=files.close, _warnings=warnings)


def detect_date_order(
    reopen: Callable[[], BinaryIO], *, region: str, layout: Layout, max_rows: int = _DATE_ORDER_ROWS
) -> DateOrder:
    """Return the order of day and month in the birthdays of a file, by its first `max_rows` rows.

    If these leave it open, the rows after them are read up to the first that decides. `reopen` returns a new stream of
    the file.
    """
    birthday_indexes = layout.columns.role_indexes.get(Role.BIRTHDAY, ())
    if not birthday_indexes or layout.columns.date_order is not DateOrder.UNKNOWN:
        return layout.columns.date_order
    with reopen() as stream:
        table = open_table(stream, region=region, layout=layout)
        cells = (row.cells[birthday_indexes[0]] for row in table.rows if len(row.cells) > birthday_indexes[0])
        order = infer_date_order(islice(cells, max_rows))
        if order is DateOrder.UNKNOWN:
            order = next((one for one in map(find_date_order, cells) if one is not DateOrder.UNKNOWN), order)
        table.close()
        return order


def _detect_layout(
    blocks: Iterator[list[str]], region: str, mapping: ColumnMapping | None
) -> tuple[Layout, Iterator[Row]]:
    """Return the layout of a file from its first blocks, and its rows of data, those of the sample included."""
    sample_blocks, lines, blocks = read_sample(blocks)
    dialect = detect_dialect(lines)
    rows = _read_rows(chain(sample_blocks, blocks), dialect)
    sample, rows = take_until_error(rows, _SAMPLE_ROWS)
    if not sample:
        deque(rows, maxlen=0)  # raises the error of a damaged file, if that is the reason
        raise FileError("The file contains only blank lines.")
    columns, skip = _detect_columns(sample, region, mapping)
    return Layout(dialect, columns, skip), chain(sample[skip:], rows)


def _detect_columns(sample: Sequence[Row], region: str, mapping: ColumnMapping | None) -> tuple[Columns, int]:
    """Return the columns of a file by its first rows, and the number of these that are a preamble or the header."""
    columns, skip = detect_resubmitted_columns(sample, region=region, mapping=mapping) or detect_columns(
        sample, region=region, mapping=mapping
    )
    if len(columns.columns) > MAX_COLUMNS:
        raise FileError(
            f"The file has more than {MAX_COLUMNS:,} columns. Keep only those of the contacts, and upload it again."
        )
    return columns, skip


def _read_rows(blocks: Iterable[list[str]], dialect: Dialect) -> Iterator[Row]:
    return chain.from_iterable(read_blocks(blocks, dialect))


def _read_rows_until_error(table: Table, rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield the rows in chunks up to a FileError. It becomes the table's `error`, so no row before it is lost."""
    if table.columns.report_indexes:
        rows = (row._replace(cells=tuple(map(unescape_formula, row.cells))) for row in rows)
    while True:
        chunk, rest = take_until_error(rows, _CHUNK_ROWS)
        yield chunk
        if len(chunk) < _CHUNK_ROWS:
            break
    try:
        deque(rest, maxlen=0)
    except FileError as error:
        table.error = str(error)
