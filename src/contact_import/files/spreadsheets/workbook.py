"""Open an Excel workbook (.xlsx, .xlsm): its sheets, and the formats of their cells."""

import posixpath
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from contact_import.errors import FileError
from contact_import.files.spreadsheets.cells import BUILTIN_DATE_FORMATS, is_date_format
from contact_import.files.spreadsheets.parts import DAMAGED, Parts
from contact_import.files.spreadsheets.shared_strings import SharedStrings
from contact_import.files.spreadsheets.sheet_rows import CellFormats, SheetRows

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The folders and files that are first in a workbook's ZIP. They identify one that is cut short.
FIRST_PARTS = ("[Content_Types].xml", "_rels/", "docProps/", "xl/")
_DEFAULT_WORKBOOK = "xl/workbook.xml"
_NO_STRINGS = b"<sst/>"


class Sheet(NamedTuple):
    """A sheet of a workbook, and the name of the part with its rows."""

    name: str
    part: str
    is_visible: bool


class Workbook:
    """An opened workbook. Raise FileError, here or while rows are read, for a damaged one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        workbook_part = _find_workbook_part(parts)
        root = parts.parse_small(workbook_part)
        relations = dict(_read_relations(parts, workbook_part))
        self.sheets = tuple(_read_sheets(root, relations, parts.names))
        if not self.sheets:
            raise FileError(DAMAGED)
        properties = root.find("workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        by_kind = {kind: target for kind, target in relations.values() if target in parts.names}
        strings, styles = by_kind.get("sharedStrings"), by_kind.get("styles")
        self._formats = CellFormats(
            SharedStrings(parts.read_blocks(strings) if strings else iter([_NO_STRINGS])),
            frozenset(_read_date_styles(parts.parse_small(styles)) if styles else ()),
            is_1904,
        )

    def close(self) -> None:
        """Remove the spooled upload. Rows cannot be read after that."""
        self._parts.close()

    def open_rows(self, sheet: Sheet) -> SheetRows:
        """Return the rows of a sheet, to be read once."""
        return SheetRows(self._parts.read_blocks(sheet.part), self._formats)

    def tell(self, sheet: Sheet, rows: SheetRows) -> int:
        """Return the number of bytes of the upload that correspond to the rows read of a sheet."""
        return self._parts.measure_position(sheet.part, rows.bytes_read)


def is_workbook(names: Collection[str]) -> bool:
    """Return whether a ZIP with these entries is a workbook that can be read. A binary one (.xlsb) cannot."""
    return any(name.startswith("xl/") for name in names) and "xl/workbook.bin" not in names


def _find_workbook_part(parts: Parts) -> str:
    if "_rels/.rels" in parts.names:
        for kind, target in dict(_read_relations(parts, "")).values():
            if kind == "officeDocument" and target in parts.names:
                return target
    return _DEFAULT_WORKBOOK


def _read_relations(parts: Parts, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the id, kind and name of each part that a part refers to. Targets outside the workbook are skipped."""
    folder, name = posixpath.split(part)
    for relation in parts.parse_small(posixpath.join(folder, "_rels", f"{name}.rels")).iterfind("Relationship"):
        target = relation.get("Target", "").replace("\\", "/")
        if relation.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield relation.get("Id", ""), (relation.get("Type", "").rpartition("/")[2], path)


def _read_sheets(root: "Element", relations: dict[str, tuple[str, str]], names: frozenset[str]) -> Iterator[Sheet]:
    """Yield the sheets with cells, in the order of their tabs. A sheet that is a chart has none."""
    for sheet in root.iterfind("sheets/sheet"):
        # The attribute is in one of two namespaces: expat names it `http://…/relationships id`.
        relation_id = next((value for name, value in sheet.attrib.items() if name.endswith(" id")), "")
        kind, part = relations.get(relation_id, ("", ""))
        if kind == "worksheet" and part in names:
            yield Sheet(sheet.get("name", ""), part, sheet.get("state", "visible") == "visible")


def _read_date_styles(root: "Element") -> Iterator[str]:
    """Yield the indexes, as text, of the cell styles that show a number as a date."""
    codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in root.iterfind("numFmts/numFmt")}
    builtin = {str(number) for number in BUILTIN_DATE_FORMATS}
    for index, style in enumerate(root.iterfind("cellXfs/xf")):
        number = style.get("numFmtId", "0")
        if is_date_format(codes[number]) if number in codes else number in builtin:
            yield str(index)
