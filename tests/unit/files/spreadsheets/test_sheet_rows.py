"""The rows of a sheet, as a table of the whole file gives them."""

import io
import warnings
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from contact_import.errors import FileError
from contact_import.files.archives import unpack
from contact_import.files.spreadsheets.workbook import Workbook as OurWorkbook
from tests.make_workbook import make_raw_workbook, make_workbook, save_workbook


def _read(data: bytes, sheet: int = 0) -> dict[int, tuple[str, ...]]:
    workbook = unpack(io.BytesIO(data))
    assert isinstance(workbook, OurWorkbook)
    rows = {row.number: row.cells for row in workbook.open_rows(workbook.sheets[sheet])}
    workbook.close()
    return rows


def test_typed_cells_are_the_text_that_a_csv_would_have() -> None:
    cells = ["Zoë", 491570006, 61491570156.0, date(1990, 5, 14), datetime(1990, 5, 14, 10, 30), True, False, 12.5, None, "#REF!"]  # fmt: skip  # noqa: E501, DTZ001

    rows = _read(make_workbook({"Contacts": [cells]}))

    assert rows[1] == (
        *("Zoë", "491570006", "61491570156", "1990-05-14", "1990-05-14 10:30:00", "TRUE", "FALSE", "12.5", "", "#REF!"),
    )


def test_dates_that_count_from_1904_are_the_same_days() -> None:
    workbook = Workbook()
    workbook.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    workbook.active.append([date(1990, 5, 14)])

    assert _read(save_workbook(workbook)) == {1: ("1990-05-14",)}


def test_rows_have_the_numbers_of_the_spreadsheet_and_empty_ones_are_left_out() -> None:
    workbook = Workbook()
    workbook.active["B3"] = "Mobile"
    workbook.active["B7"] = "0491 570 006"
    workbook.active["D9"] = "  "
    workbook.active.row_dimensions[7].hidden = True
    workbook.active.column_dimensions["B"].hidden = True

    assert _read(save_workbook(workbook)) == {3: ("", "Mobile"), 7: ("", "0491 570 006")}


def test_merged_cells_have_their_value_in_the_first_and_rich_text_is_joined() -> None:
    workbook = Workbook()
    workbook.active["A1"] = CellRichText("Ann ", TextBlock(InlineFont(b=True), "Lee"))
    workbook.active["C1"] = "x"
    workbook.active.merge_cells("A1:B1")

    assert _read(save_workbook(workbook)) == {1: ("Ann Lee", "", "x")}


def test_a_formula_has_the_value_that_was_saved_with_it() -> None:
    cells = '<row r="1"><c r="A1" t="str"><f>B1&amp;C1</f><v>Ann</v></c><c r="B1"><f>1+1</f><v>491570006</v></c></row>'

    assert _read(make_raw_workbook(cells)) == {1: ("Ann", "491570006")}


def test_a_text_is_taken_without_its_pronunciation_and_with_its_escapes() -> None:
    strings = "<si><r><t>花</t></r><r><t>子</t></r><rPh><t>ハナコ</t></rPh></si><si><t>a_x000D_b_x0041_</t></si><si/>"
    cells = "".join(f'<c t="s"><v>{index}</v></c>' for index in (0, 1, 2, 0))
    inline = "<c t='inlineStr'><is><r><t>x</t></r><rPh><t>y</t></rPh><r><t>z</t></r></is></c>"

    assert _read(make_raw_workbook(f"<row>{cells}{inline}</row>", strings=strings)) == {
        1: ("花子", "a\rbA", "", "花子", "xz")
    }


def test_cells_and_rows_without_a_reference_come_one_after_the_other() -> None:
    assert _read(make_raw_workbook('<row><c><v>1</v></c><c r="D1"><v>2</v></c></row><row><c><v>3</v></c></row>')) == {
        1: ("1", "", "", "2"),
        2: ("3",),
    }


@pytest.mark.parametrize("prefix", ["x:", ""])
@pytest.mark.parametrize("kind", ["http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"])  # fmt: skip  # noqa: E501
def test_prefix_and_strictness_of_the_xml_do_not_matter(prefix: str, kind: str) -> None:
    declaration = f'xmlns:x="{kind}"' if prefix else f'xmlns="{kind}"'
    row = f"<{prefix}row><{prefix}c><{prefix}v>1</{prefix}v></{prefix}c></{prefix}row>"
    sheet = f"<{prefix}worksheet {declaration}><{prefix}sheetData>{row}</{prefix}sheetData></{prefix}worksheet>"

    assert _read(make_raw_workbook("", **{"xl__worksheets__sheet1.xml": sheet})) == {1: ("1",)}


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=9),
)


@given(st.lists(st.lists(_VALUES, min_size=1, max_size=5), min_size=1, max_size=8))
def test_what_openpyxl_wrote_is_read_as_openpyxl_reads_it(rows: list[list[Any]]) -> None:
    data = make_workbook({"Contacts": [[None if str(cell).startswith("=") else cell for cell in row] for row in rows]})

    found = _read(data)

    expected = load_workbook(io.BytesIO(data), data_only=True).active.iter_rows(values_only=True)
    for number, cells in enumerate(expected, 1):
        texts = [str(cell).upper() if isinstance(cell, bool) else "" if cell is None else str(cell) for cell in cells]
        assert list(found.get(number, ())) + [""] * (len(texts) - len(found.get(number, ()))) == (
            texts if any(map(str.strip, texts)) else [""] * len(texts)
        )


def test_a_row_that_is_too_wide_or_a_cell_that_is_too_long_is_reported_and_the_others_are_read() -> None:
    wide = make_raw_workbook('<row r="1"><c r="ALN1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>')
    workbook = unpack(io.BytesIO(wide))
    assert isinstance(workbook, OurWorkbook)

    first, second = workbook.open_rows(workbook.sheets[0])

    assert first.parse_error == "row: more than 1,000 cells"
    assert second.cells == ("2",)


_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_SHEET = "<worksheet><sheetData><row><c t='str'><v>&a;</v></c></row></sheetData></worksheet>"


@pytest.mark.parametrize(
    "data",
    [
        make_raw_workbook('<row r="5"/><row r="5"/>'),
        make_raw_workbook('<row r="1048577"/>'),
        make_raw_workbook('<row r="1"><c r="XFE1"><v>1</v></c></row>'),
        make_raw_workbook('<row r="1"><c r="ABCDE1"><v>1</v></c></row>'),
        make_raw_workbook('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'),
        make_raw_workbook('<row r="1"><c t="s"><v>7</v></c></row>'),
        make_raw_workbook("<row>"),
        make_raw_workbook("<row><c><v>" + "9" * 9_000_000 + "</v></c></row>"),
        make_raw_workbook(f'<row><c r="{"A" * 9_000_000}"/></row>'),
        make_raw_workbook("", **{"xl__worksheets__sheet1.xml": _BOMB + _SHEET}),
        make_raw_workbook("", **{"xl__worksheets__sheet1.xml": _OUTSIDE + _SHEET}),
        make_raw_workbook("", **{"xl__workbook.xml": _BOMB + "<workbook/>"}),
        make_raw_workbook("", **{"xl__workbook.xml": "<workbook/>"}),
        make_raw_workbook("", **{"xl__workbook.xml": "no XML"}),
        make_raw_workbook("<row><c t='s'><v>0</v></c></row>", strings="<si><t>" + "a" * 3_000_000 + "</t></si>"),
    ],
    ids=[
        *("same row twice", "row too far", "column too far", "no column", "cells out of order", "no such text"),
        *("unclosed", "endless cell", "endless tag", "entities", "outside entity", "entities in the workbook"),
        *("no sheet", "no XML", "endless text"),
    ],
)
def test_a_damaged_or_hostile_workbook_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(FileError, match=r"The workbook is damaged; open it in Excel, save it as"):
        _read(data)


def test_damage_within_a_part_is_found_although_the_zip_can_be_opened() -> None:
    data = bytearray(make_workbook({"Contacts": [[f"Ann {number}", number] for number in range(2000)]}))
    place = data.index(b"PK\x03\x04", data.index(b"xl/worksheets/sheet1.xml") - 40)
    data[place + 4000] ^= 0xFF

    with pytest.raises(FileError, match="damaged"):
        _read(bytes(data))


def test_the_rows_before_the_damage_are_read() -> None:
    workbook = unpack(io.BytesIO(make_raw_workbook('<row r="1"><c><v>1</v></c></row><row r="1"/>')))
    assert isinstance(workbook, OurWorkbook)
    rows = iter(workbook.open_rows(workbook.sheets[0]))

    assert next(rows).cells == ("1",)
    with pytest.raises(FileError):
        next(rows)


def test_no_warning_and_so_no_log_quotes_a_cell() -> None:
    workbook = Workbook()
    workbook.active["A1"] = 491570006
    workbook.active["A1"].number_format = "dd/mm/yyyy"

    with warnings.catch_warnings(record=True) as caught:
        rows = _read(save_workbook(workbook))

    assert rows == {1: ("491570006",)}
    assert caught == []
