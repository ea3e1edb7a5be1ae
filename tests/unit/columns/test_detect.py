"""Detect the columns of files as tools and people write them."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contact_import.columns.detect import Columns, detect_columns
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from tests.unit.columns.column_reader import list_headers, map_fields, parse_rows


def test_a_plain_file_is_understood_without_a_caution() -> None:
    columns, skip = detect_columns(parse_rows("First Name,Surname,Mobile,Notes\nAda,Moss,0491 570 006,called twice"))

    assert (columns.header_line, skip, columns.warnings) == (1, 1, ())
    assert map_fields(columns) == {
        "First Name": "first_name",
        "Surname": "last_name",
        "Mobile": "phone_number",
        "Notes": None,
    }


def test_a_file_of_a_header_only_is_understood() -> None:
    columns, skip = detect_columns(parse_rows("Name,Mobile"))

    assert (columns.header_line, skip) == (1, 1)
    assert list_headers(columns, Role.PHONE) == ["Mobile"]


# Where the header stands


def test_a_mapping_can_take_the_place_of_the_table() -> None:
    mapping = ColumnMapping({"Kenn": Role.LAST_NAME}, "mapping.json")

    columns, _ = detect_columns(parse_rows("Kenn,Mobile\nMoss,0491 570 006"), mapping=mapping)

    assert list_headers(columns, Role.LAST_NAME) == ["Kenn"]


_CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "Name", "Mobile", "Email / Phone", "_row", "0491 570 006", "a@example.com", "Yes", "6.14E+10"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_CELLS, max_size=6), max_size=8), st.sampled_from(["AU", "US", "DE"]))
@example([["Mobile"], ["0", "0491570006"]], "AU")
def test_whatever_is_in_a_file_is_understood_somehow(cells: list[list[str]], region: str) -> None:
    rows = [Row(number, tuple(row)) for number, row in enumerate(cells, 1)]

    columns, skip = detect_columns(rows, region=region)

    assert 0 <= skip <= len(rows)
    if columns.header_line is not None and skip == 1:
        # A header that lacks its first cell, as R writes it, gets an empty one.
        assert columns.header in (rows[0].cells, ("", *rows[0].cells))
    assert all(0 <= index < len(columns.columns) for places in columns.role_indexes.values() for index in places)
    assert not any(column.field for column in columns.columns if column.header.startswith("_"))


_FILE = (
    (
        "Notes",
        "Mobile",
        "Work Phone",
        "First Name",
        "Last Name",
        "Email",
        "Suburb",
        "Street",
        "Status",
        "Title",
        "DOB",
        "Zip",
    ),
    (
        "-",
        "0491 570 006",
        "02 7010 0000",
        "Ada",
        "Moss",
        "ada@example.com",
        "Perth",
        "1 High St",
        "New",
        "Ms",
        "1/2/90",
        "6000",
    ),
    ("", "0491 570 156", "", "Bo", "Lee", "", "Cairns", "2 Low St", "", "Mr", "", "0800"),
)


@given(st.permutations(range(len(_FILE[0]))))
def test_the_order_of_the_columns_does_not_matter(order: list[int]) -> None:
    def read(places: list[int]) -> Columns:
        rows = [Row(n, tuple(row[index] for index in places)) for n, row in enumerate(_FILE, 1)]
        return detect_columns(rows)[0]

    straight, mixed = read(sorted(order)), read(order)

    assert map_fields(mixed) == map_fields(straight)
    assert {role: list_headers(mixed, role) for role in mixed.role_indexes} == {
        role: list_headers(straight, role) for role in straight.role_indexes
    }
