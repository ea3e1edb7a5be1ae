"""Choose the sheet of a workbook, and warn about the others."""

import io
from typing import Any

import pytest

from contact_import.columns.user_mapping import parse_mapping
from contact_import.errors import FileError
from contact_import.files.table import Table, detect_date_order, open_table
from tests.make_workbook import make_raw_workbook, make_workbook

CONTACTS: list[list[Any]] = [["Name", "Mobile"], ["Ann Lee", 491570006], ["Bob Ray", "0491 570 156"]]
NOTES: list[list[Any]] = [["Notes for June"], ["Call the printer"]]


def _open(data: bytes, mapping: str = "") -> Table:
    told = parse_mapping(mapping.encode(), "mapping.json") if mapping else None
    return open_table(io.BytesIO(data), region="AU", mapping=told)


def _warnings(table: Table) -> list[str]:
    return [warning.reason for warning in table.summarize().warnings if warning.field == "file"]


def test_the_sheet_with_phones_is_imported_and_the_others_are_named() -> None:
    table = _open(make_workbook({"Notes": NOTES, "June": CONTACTS, "Sheet3": []}))

    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("Ann Lee", "491570006")),
        (3, ("Bob Ray", "0491 570 156")),
    ]
    assert table.summarize().format == {"encoding": None, "delimiter": None, "header_line": 1, "sheet": "June"}
    assert _warnings(table) == ["only the sheet “June” is read, not “Notes”"]
    assert table.error == ""


def test_a_sheet_with_a_header_counts_before_one_without() -> None:
    table = _open(make_workbook({"Numbers": [[491570156], [491570157]], "June": CONTACTS}))

    assert table.summarize().format["sheet"] == "June"


def test_a_second_sheet_with_phones_is_not_passed_over_in_silence() -> None:
    table = _open(make_workbook({"VIP": CONTACTS, "Others": CONTACTS, **{f"x{n}": NOTES for n in range(12)}}))

    assert table.summarize().format["sheet"] == "VIP"
    assert _warnings(table)[0].startswith("only the sheet “VIP” is read, not “Others”, “x0”, ")
    assert _warnings(table)[0].endswith("“x8” and 3 more")


def test_a_hidden_sheet_is_not_imported_but_named() -> None:
    table = _open(make_workbook({"Old": CONTACTS, "June": CONTACTS}, hidden=["Old"]))

    assert table.summarize().format["sheet"] == "June"
    assert _warnings(table) == ["only the sheet “June” is read, not “Old”"]


@pytest.mark.parametrize("name", ["Unsubscribed", "Opt-outs", "do not contact"])
@pytest.mark.parametrize("hidden", [[], ["Unsubscribed"]])
def test_no_one_is_imported_beside_a_sheet_of_people_who_left(name: str, hidden: list[str]) -> None:
    with pytest.raises(FileError, match="seems to contain people who left"):
        _open(make_workbook({name: CONTACTS}))
    with pytest.raises(FileError, match=f"The sheet “{name}” seems to contain people who left"):
        _open(make_workbook({"June": CONTACTS, name: CONTACTS}, hidden=hidden))


@pytest.mark.parametrize(
    "sheets", [{"June": CONTACTS, "Unsubscribed": NOTES}, {"June": CONTACTS, "Subscribed": CONTACTS}]
)
def test_a_sheet_without_people_or_with_others_stops_nothing(sheets: dict[str, list[list[Any]]]) -> None:
    assert _open(make_workbook(sheets)).summarize().format["sheet"] == "June"


def test_without_phones_the_first_visible_sheet_says_what_is_missing() -> None:
    table = _open(make_workbook({"Old": CONTACTS, "June": NOTES}, hidden=["Old"]))

    assert table.summarize().format["sheet"] == "June"
    assert "no column of phone numbers" in table.error


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_workbook({"June": []}), "All sheets of the workbook are empty"),
        (make_raw_workbook("<row/>"), "All sheets of the workbook are empty"),
    ],
)
def test_a_workbook_without_a_row_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        _open(data)


def test_a_mapping_finds_its_sheet() -> None:
    other: list[list[Any]] = [["Client", "Handy"], ["Cy Fox", 491570157]]

    table = _open(make_workbook({"June": CONTACTS, "July": other}), '{"Handy": "phone_number", "Client": "name"}')

    assert table.summarize().format["sheet"] == "July"


def test_a_later_run_reads_the_same_sheet_and_the_same_rows() -> None:
    data = make_workbook({"Notes": NOTES, "June": [["Our customers"], [], *CONTACTS]})
    first = _open(data)

    again = open_table(io.BytesIO(data), region="AU", layout=first.layout)

    assert list(again.rows) == list(first.rows)
    assert [row.number for row in _open(data).rows] == [4, 5]
    assert again.summarize() == first.summarize()


def test_the_order_of_day_and_month_is_found_in_texts_of_a_sheet() -> None:
    data = make_workbook({"June": [["Mobile", "Birthday"], [491570006, "25/12/1990"]]})

    order = detect_date_order(lambda: io.BytesIO(data), region="AU", layout=_open(data).layout)

    assert order.name == "DAY_FIRST"


def test_the_position_grows_with_the_rows_up_to_the_size_of_the_upload() -> None:
    data = make_workbook({"June": [["Name", "Mobile"], *([f"Ann {n}", 491570006] for n in range(20_000))]})
    table = _open(data)
    positions = [table.tell() for n, _ in enumerate(table.rows) if n % 1000 == 0]

    assert positions == sorted(positions)
    assert len(data) * 0.2 < positions[10] < len(data) * 0.9
    assert len(data) * 0.9 < table.tell() <= len(data)
