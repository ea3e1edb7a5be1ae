"""A ZIP of several CSV files is one list."""

import io

import pytest

from contact_import.columns.user_mapping import parse_mapping
from contact_import.errors import FileError
from contact_import.files.table import Table, open_table
from tests.make_workbook import zip_parts

SUBSCRIBED = "Email Address,First Name,Phone\nann@example.com,Ann,0491570006\nbob@example.com,Bob,0491570156\n"
UNSUBSCRIBED = "Email Address;Phone;First Name;UNSUB_REASON\nbob@example.com;0491570156;Bob;NORMAL\n"
NAME = "email_audience_export_6ab2.csv"


def _open(files: dict[str, str], mapping: str = "") -> Table:
    told = parse_mapping(mapping.encode(), "mapping.json") if mapping else None
    return open_table(io.BytesIO(zip_parts(files)), region="AU", mapping=told)


def test_each_cell_is_below_its_header_whatever_the_order_of_the_columns_and_the_delimiter() -> None:
    table = _open({f"subscribed_{NAME}": SUBSCRIBED, "__MACOSX/x": "", f"export/unsubscribed_{NAME}": UNSUBSCRIBED})

    rows = list(table.rows)

    assert table.columns.header == (
        *("Subscription status", "File", "Email Address", "First Name", "Phone", "UNSUB_REASON"),
    )
    assert [row.cells for row in rows] == [
        ("", f"subscribed_{NAME}, line 2", "ann@example.com", "Ann", "0491570006", ""),
        ("", f"subscribed_{NAME}, line 3", "bob@example.com", "Bob", "0491570156", ""),
        (
            *("unsubscribed email audience export 6ab2", f"unsubscribed_{NAME}, line 2"),
            *("bob@example.com", "Bob", "0491570156", "NORMAL"),
        ),
    ]
    assert [row.number for row in rows] == [2, 3, 5]
    assert [column.field for column in table.columns.columns[:2]] == ["consent", None]


def test_what_is_said_of_the_format_is_of_all_files() -> None:
    table = _open({"a.csv": SUBSCRIBED, "b.csv": UNSUBSCRIBED})
    list(table.rows)

    summary = table.summarize()

    assert summary.format == {"encoding": "utf-8", "delimiter": None, "header_line": 1}
    assert [one.reason for one in summary.warnings] == [
        "the files of the ZIP archive were imported as one list: “a.csv”, “b.csv”"
    ]


@pytest.mark.parametrize("name", ["customers", "subscribed", "2024-06-01", "no reply needed"])
def test_a_name_that_says_no_no_is_no_status(name: str) -> None:
    table = _open({f"{name}.csv": SUBSCRIBED, "others.csv": SUBSCRIBED})

    assert table.columns.header[:2] == ("File", "Email Address")


@pytest.mark.parametrize("name", ["opt-outs", "Opt_Out", "nonsubscribed_x", "cleaned_6", "Do not contact", "suppression-list"])  # fmt: skip  # noqa: E501
def test_a_name_that_says_no_is_a_status_of_its_rows(name: str) -> None:
    rows = [*_open({f"{name}.csv": SUBSCRIBED, "others.csv": SUBSCRIBED}).rows]

    assert [bool(row.cells[0]) for row in rows] == [True, True, False, False]


def test_a_later_run_reads_the_same_rows() -> None:
    data = zip_parts({f"cleaned_{NAME}": UNSUBSCRIBED, f"subscribed_{NAME}": SUBSCRIBED})
    first = open_table(io.BytesIO(data), region="AU")

    again = open_table(io.BytesIO(data), region="AU", layout=first.layout)

    assert list(again.rows) == list(first.rows)
    assert again.summarize() == first.summarize()


def test_a_file_with_several_tables_is_read_by_each_of_its_headers() -> None:
    tables = "First Name,Phone\nAnn,0491570006\nPhone,First Name\n0491570156,Bob\n"

    rows = [*_open({"a.csv": tables, "b.csv": SUBSCRIBED}).rows]

    assert [row.cells[1:3] for row in rows[:2]] == [("Ann", "0491570006"), ("Bob", "0491570156")]


def test_headers_that_are_twice_in_a_file_and_columns_without_one_stay_apart() -> None:
    table = _open({"a.csv": "Name,Phone,Phone,\nAnn,0491570006,0491570156,x\n", "b.csv": "Phone,Name,\n0491570157,Bob,y\n"})  # fmt: skip  # noqa: E501

    assert [row.cells[1:] for row in table.rows] == [
        ("Ann", "0491570006", "0491570156", "x", ""),
        ("Bob", "0491570157", "", "", "y"),
    ]


def test_a_long_row_keeps_its_surplus_and_a_short_one_is_padded() -> None:
    rows = [*_open({"a.csv": "Name,Phone\nAnn\nBob,0491570006,more\n", "b.csv": SUBSCRIBED}).rows]

    assert rows[0].cells[1:] == ("Ann", "", "", "")
    assert rows[1].cells[1:] == ("Bob", "0491570006", "", "", "more")


def test_a_mapping_is_of_all_files() -> None:
    table = _open({"a.csv": "Kunde,Handy\nAnn,0491570006\n", "b.csv": SUBSCRIBED}, '{"Handy": null}')

    assert table.columns.columns[2].field is None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.csv": SUBSCRIBED, "b.csv": "0491570006\n0491570156\n"}, "“b.csv” in the ZIP archive has no header"),
        ({"a.csv": SUBSCRIBED, "b.csv": "%PDF-1.7"}, "PDF"),
        ({"a.csv": SUBSCRIBED, "b.pdf": "%PDF-1.7"}, "contains 2 files; it may contain CSV files only"),
        ({"a.csv": "", "b.csv": "\n\n"}, "only blank lines"),
        ({f"{n}.csv": SUBSCRIBED for n in range(51)}, "51 CSV files; at most 50"),
        ({f"{side}.csv": f"{side}," * 600 + "Phone\n" + "y," * 600 + "0491570006\n" for side in ("Left", "Right")},
         "more than 1,000 columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_one_list_gets_a_sentence(files: dict[str, str], words: str) -> None:
    with pytest.raises(FileError, match=words):
        _open(files)


def test_an_empty_file_among_others_is_passed_over() -> None:
    assert len([*_open({"a.csv": "", "b.csv": SUBSCRIBED, "c.csv": "Name,Phone\n"}).rows]) == 2
