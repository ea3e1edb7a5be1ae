"""Parse the rows of a sheet in one pass and flat memory. Each row has the number that the spreadsheet shows."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.files.csv_rows import MAX_COLUMNS, MAX_FIELD_CHARS
from contact_import.files.spreadsheets.cells import format_boolean, format_date, format_iso_date, format_number
from contact_import.files.spreadsheets.parts import DAMAGED, MarkupReader
from contact_import.files.spreadsheets.shared_strings import SharedStrings, unescape_text

# Excel's own limits (support.microsoft.com, "Excel specifications and limits").
MAX_ROWS = 1_048_576
_MAX_SHEET_COLUMNS = 16_384
_MAX_ROW_CHARS = 8 * 1024**2
_TRUNCATED_CELL_CHARS = 64 * 1024  # of an unreadable row, whose cells go to failed.csv
_TEXT_TAGS = frozenset({"v", "t"})


class CellFormats(NamedTuple):
    """The texts of a workbook, the indexes of styles that show dates, and whether its days count from 1904."""

    strings: SharedStrings
    date_styles: AbstractSet[str] = frozenset()
    is_1904: bool = False


class SheetRows:
    """The rows of one sheet (ECMA-376, part 1, 18.3.1), to be read once.

    Rows without a value are skipped, as are empty cells at the end of a row. The first of merged cells has their value.
    A formula has the value that was saved with it. Hidden rows and columns are read.
    """

    def __init__(self, blocks: Iterator[bytes], formats: CellFormats) -> None:
        self._reader = MarkupReader(blocks, start=self._start, end=self._end, text=self._add_text)
        self._formats = formats
        self._rows: list[Row] = []
        self._number = 0
        self._cells: list[str] = []
        self._row_chars = 0
        self._column = -1
        self._columns_by_letters: dict[str, int] = {}
        self._type = self._style = ""
        self._text: list[str] | None = None  # None outside the tags of a value
        self._value: list[str] = []
        self._phonetic_depth = 0

    @property
    def bytes_read(self) -> int:
        """Return the number of bytes of the sheet that have been parsed."""
        return self._reader.bytes_read

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows. Raise FileError for a damaged sheet, after the rows before the damage."""
        try:
            while self._reader.parse_block():
                yield from self._take_rows()
            self._formats.strings.verify()
        except FileError:
            yield from self._take_rows()
            raise

    def _take_rows(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._column = self._find_column(attributes.get("r", ""))
            self._value = []
        elif tag in _TEXT_TAGS:
            self._text = None if self._phonetic_depth else self._value
        elif tag == "rPh":
            self._phonetic_depth += 1
        elif tag == "row":
            self._start_row(attributes.get("r", ""))

    def _start_row(self, number: str) -> None:
        previous = self._number
        self._number = int(number) if number.isdecimal() and len(number) < 9 else previous + 1
        # The numbers grow. A repeated one would give two rows the same place in the report.
        if not previous < self._number <= MAX_ROWS:
            raise FileError(DAMAGED)
        self._cells, self._row_chars, self._column = [], 0, -1

    def _find_column(self, reference: str) -> int:
        """Return the index of a cell's column: 27 for `AB12`, the next one for a cell without a reference."""
        letters = reference.rstrip("0123456789")
        if not letters:
            column = self._column + 1
        elif (column := self._columns_by_letters.get(letters, -1)) < 0:
            if len(letters) > 3 or not (letters.isascii() and letters.isupper() and letters.isalpha()):
                raise FileError(DAMAGED)
            # Letters are the digits of a number in base 26, from A for 1 to Z for 26.
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - ord("A") + 1
            column -= 1
            self._columns_by_letters[letters] = column
        if column >= _MAX_SHEET_COLUMNS:
            raise FileError(DAMAGED)
        return column

    def _add_text(self, text: str) -> None:
        if self._text is not None:
            self._row_chars += len(text)
            if self._row_chars > _MAX_ROW_CHARS:
                raise FileError(DAMAGED)
            self._text.append(text)

    def _end(self, tag: str) -> None:
        if tag in _TEXT_TAGS:
            self._text = None
        elif tag == "c":
            if self._value:
                self._end_cell("".join(self._value))
        elif tag == "row":
            if any(map(str.strip, self._cells)):
                self._rows.append(_build_row(self._number, self._cells))
        elif tag == "rPh":
            self._phonetic_depth -= 1

    def _end_cell(self, value: str) -> None:
        text = self._format_value(value)
        missing = self._column - len(self._cells)
        if missing < 0:
            raise FileError(DAMAGED)  # two values for one cell
        self._cells += [""] * missing
        self._cells.append(text)

    def _format_value(self, value: str) -> str:
        match self._type:
            case "s":
                return self._formats.strings[int(value)] if value.isdecimal() and len(value) < 10 else value
            case "n" if self._style in self._formats.date_styles:
                return format_date(value, is_1904=self._formats.is_1904)
            case "n":
                return format_number(value)
            case "b":
                return format_boolean(value)
            case "d":
                return format_iso_date(value)
        return unescape_text(value)  # texts of formulas, of the cell itself, and errors such as #REF!


def _build_row(number: int, cells: list[str]) -> Row:
    if len(cells) > MAX_COLUMNS:
        truncated = tuple(cell[:_TRUNCATED_CELL_CHARS] for cell in cells[: MAX_COLUMNS + 1])
        return Row(number, truncated, parse_error=f"row: more than {MAX_COLUMNS:,} cells")
    if max(map(len, cells)) > MAX_FIELD_CHARS:
        truncated = tuple(cell[:_TRUNCATED_CELL_CHARS] for cell in cells)
        return Row(number, truncated, parse_error="row: a cell is longer than 1 MiB")
    return Row(number, tuple(cells))
