"""Workbooks for the tests: written by openpyxl, or part by part where that would refuse."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def make_workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = ()) -> bytes:
    """Return an .xlsx with these sheets, each a list of rows of typed cells."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    return save_workbook(workbook)


def save_workbook(workbook: Workbook) -> bytes:
    """Return the bytes of a workbook of openpyxl."""
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def make_raw_workbook(sheet_data: str, *, strings: str = "", styles: str = "", **parts: str) -> bytes:
    """Return an .xlsx with this XML as the `sheetData` of its only sheet. `parts` replaces whole parts."""
    found = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_NAMESPACE}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Contacts" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="s" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="t" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="u" Type="{_RELATIONS}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_NAMESPACE}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_NAMESPACE}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_NAMESPACE}"><sheetData>{sheet_data}</sheetData></worksheet>',
    }
    return zip_parts(found | {name.replace("__", "/"): text for name, text in parts.items()})


def zip_parts(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP with these files, of the same bytes at any time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
