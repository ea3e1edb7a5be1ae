"""A workbook is imported as the CSV with the same cells is, by both paths."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from tests.conftest import Importer
from tests.make_workbook import make_raw_workbook, make_workbook, zip_parts

HEADER = ["First name", "Mobile", "Birthday", "Postcode", "Accepts SMS"]
ROWS: list[list[Any]] = [
    ["Ann", 491570006, date(1990, 5, 14), 800, True],
    ["Bob", "0491 570 156", date(1991, 12, 25), 2000, True],
    ["Cy", 61491570157, None, 3000, False],
    ["Dee", 255501234, None, 3000, True],
    ["Ann again", "+61 491 570 006", None, None, None],
]
NOTES = [["Made in June"]]


def _to_csv(rows: list[list[Any]]) -> str:
    texts = {None: "", True: "TRUE", False: "FALSE"}
    return "".join(",".join(texts.get(cell, str(cell)) for cell in row) + "\n" for row in rows)


@pytest.fixture(params=["inline", "large"])
def run(request: pytest.FixtureRequest, importer: Importer) -> Any:
    """Return a function that imports a file by one path and returns its result."""
    if request.param == "inline":
        return importer.import_file
    return lambda body, key="incoming/june.csv": importer.run_large(importer.upload(body, key))


def test_the_same_cells_give_the_same_contacts_and_the_same_failures(importer: Importer, run: Any) -> None:
    from_csv = run(_to_csv([HEADER, *ROWS]))
    contacts = importer.sandbox.contacts.copy()
    importer.sandbox.contacts.clear()

    from_sheet = run(make_workbook({"June": [HEADER, *ROWS]}), "incoming/june.xlsx")

    assert importer.sandbox.contacts == contacts
    assert [one["phone_number"] for one in contacts] == ["+61491570006", "+61491570156"]
    assert from_sheet["rows"] == from_csv["rows"]
    for name in ("failed.csv", "accepted.csv"):
        assert importer.read_report_file(from_sheet, name) == importer.read_report_file(from_csv, name)
    assert from_sheet["format"] == {"encoding": None, "delimiter": None, "header_line": 1, "sheet": "June"}


def test_failed_rows_have_the_row_numbers_of_the_sheet(importer: Importer, run: Any) -> None:
    sheet = [["Our customers"], [], HEADER, [], *ROWS]

    result = run(make_workbook({"Notes": NOTES, "June": sheet}), "incoming/june.xlsx")

    failed = csv.DictReader(io.StringIO(importer.read_report_file(result, "failed.csv")))
    assert [line["_row"] for line in failed] == ["7", "8", "9"]
    assert [one["reason"] for one in result["warnings"] if one["field"] == "file"] == [
        "only the sheet “June” is read, not “Notes”"
    ]


def test_what_comes_before_the_damage_is_imported_and_the_damage_is_reported(importer: Importer, run: Any) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{491570000 + n}</v></c></row>' for n in range(1, 401))

    result = run(make_raw_workbook(rows + '<row r="3"/>'), "incoming/june.xlsx")

    assert result["rows"]["read"] == 400
    assert "The workbook is damaged" in result["error"]


def test_a_workbook_that_cannot_be_read_at_all_sends_nothing(importer: Importer, run: Any) -> None:
    result = run(make_raw_workbook("<row>"), "incoming/june.xlsx")

    assert result["status"] == "failed"
    assert result["error"].startswith("The workbook is damaged; open it in Excel")
    assert importer.sandbox.contacts == []


def test_who_left_by_the_name_of_a_file_is_not_sent_although_another_file_has_the_number(
    importer: Importer, run: Any
) -> None:
    header = "Email Address,First Name,Phone Number\n"
    files = {
        "subscribed_export_1.csv": header + "a@example.com,Ann,0491570006\nb@example.com,Bob,0491570156\n",
        "unsubscribed_export_1.csv": "First Name,Phone Number,UNSUB_TIME\nBob,0491 570 156,2024-05-01 10:00:00\n",
        "cleaned_export_1.csv": header + "c@example.com,Cy,0491570157\n,,12\n",
    }

    result = run(zip_parts(files), "incoming/audience.zip")

    assert importer.sandbox.numbers == ["+61491570006"]
    counts = {"read": 5, "accepted": 1, "opted_out": 4}
    assert result["rows"] | counts == result["rows"]
    failed = list(csv.DictReader(io.StringIO(importer.read_report_file(result, "failed.csv"))))
    assert [line["File"] for line in failed] == [
        *("subscribed_export_1.csv, line 3", "unsubscribed_export_1.csv, line 2"),
        *("cleaned_export_1.csv, line 2", "cleaned_export_1.csv, line 3"),
    ]


def test_the_failed_rows_of_several_files_come_back_with_what_their_files_said(importer: Importer, run: Any) -> None:
    header = "First Name,Phone Number\n"
    files = {"a.csv": header + "Ann,0491570006\nDee,12\n", "unsubscribed.csv": header + "Bob,0491570156\n"}
    failed = importer.read_report_file(run(zip_parts(files), "incoming/audience.zip"), "failed.csv")

    again = run(failed.replace(",12,", ",0491570157,"), "incoming/failed.csv")

    assert importer.sandbox.numbers == ["+61491570006", "+61491570157"]
    assert again["rows"]["opted_out"] == 1


def test_failed_rows_that_were_corrected_and_saved_as_a_workbook_come_back(importer: Importer, run: Any) -> None:
    first = run(make_workbook({"June": [HEADER, *ROWS]}), "incoming/tag=VIP/june.xlsx")
    lines = list(csv.reader(io.StringIO(importer.read_report_file(first, "failed.csv"))))
    importer.sandbox.contacts.clear()
    landline = next(line for line in lines if "Dee" in line)
    landline[landline.index("255501234")] = "0491570158"

    again = run(make_workbook({"failed": lines}), "incoming/failed.xlsx")

    assert importer.sandbox.numbers == ["+61491570158"]
    assert importer.sandbox.contacts[0]["tags"] == ["VIP"]
    counts = {"read": 3, "accepted": 1, "opted_out": 1, "duplicate": 1}
    assert again["rows"] | counts == again["rows"]
