"""Files of several tables, and records of several lines."""

import io
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.outcomes import Outcome
from contact_import.domain.roles import Role
from contact_import.files.sections import is_header
from contact_import.files.table import Table, open_table
from tests.unit.contacts.row_validation import TODAY

PERSON = {"Name": "Ann Moss", "Mobile": "0491570006", "Email": "ann@example.com", "Postcode": "6000"}


def _open(text: str) -> Table:
    return open_table(io.BytesIO(text.encode()), region="AU")


def _validate(text: str) -> list[Contact | Outcome]:
    table = _open(text)
    return list(validate_rows(table.rows, table.columns, ValidationRules(TODAY)))


def _warnings(text: str) -> list[str]:
    table = _open(text)
    list(table.rows)
    return [warning.reason for warning in table.summarize().warnings]


@given(st.lists(st.sampled_from([*permutations(PERSON)]), min_size=1, max_size=4), st.booleans())
def test_each_table_is_read_in_the_order_of_its_header(orders: list[tuple[str, ...]], has_titles: bool) -> None:
    lines = []
    for number, order in enumerate(orders):
        lines += [f"Orders {number}"] * has_titles + [",".join(order)]
        lines.append(",".join(PERSON[name].replace("570006", f"57{number:04}") for name in order))

    found = _validate("\n".join(lines) + "\n")

    values = [one.values for one in found if isinstance(one, Contact)]
    assert {(*value[:2], value[5], value[6]) for value in values} <= {("Ann", "Moss", "ann@example.com", "6000")}
    assert all(
        isinstance(one, Contact) or len(one.row.cells) == 1 or one.reason.startswith("Mobile: ") for one in found
    )
    assert len(values) + sum(isinstance(one, Outcome) for one in found) == len(orders) * (1 + has_titles) - has_titles


def test_a_table_far_down_is_read_by_its_own_header_and_reported() -> None:
    text = "Name,Mobile,City\n" + "Ann Moss,0491570006,Perth\n" * 600 + "Mobile,City,Name\n0491570156,Hobart,Bo Lee\n"

    table = _open(text)
    rows = list(table.rows)

    assert (rows[-1].number, rows[-1].cells) == (603, ("Bo Lee", "0491570156", "Hobart"))
    assert len(rows) == 601
    assert [warning.field for warning in table.summarize().warnings] == ["file"]


def test_a_table_without_a_phone_gives_no_contact() -> None:
    found = _validate("Name,Mobile,Email\nAnn,0491570006,a@example.com\nName,Email,Postcode\nBo,b@example.com,6000\n")

    assert [type(one) for one in found] == [Contact, Outcome]


def test_a_consent_column_that_the_first_table_lacks_holds_its_rows_back() -> None:
    found = _validate("Name,Mobile\nAnn,0491570006\nName,Mobile,SMS opt out\nBo,0491570156,yes\n")

    assert [type(one) for one in found] == [Contact, Outcome]
    assert isinstance(found[1], Outcome)
    assert "consent column" in found[1].reason


def test_a_repeated_header_is_no_row() -> None:
    text = "Name,Mobile\nAnn,0491570006\nName,Mobile\nBo,0491570156\n"

    assert [row.cells[0] for row in _open(text).rows] == ["Ann", "Bo"]
    assert _warnings(text) == ["the header is repeated in the file; its further lines were left out"]


@pytest.mark.parametrize(
    "cells",
    [("Ann Moss", "", "Mobile"), ("Name", "0491570006"), ("Customer", "Phone", ""), ("Ann", "Client", "Email"), ()],
)
def test_a_row_of_a_person_is_no_header(cells: tuple[str, ...]) -> None:
    assert not is_header(cells, 2)


def test_people_above_the_header_that_names_a_phone_are_reported() -> None:
    text = (
        "Hosts\nName,Email,Joined\nUma,uma@example.com,Monday\nVic,vic@example.com,Monday\n"
        "Attendees\nName,Email,Joined,Phone\nAnn,ann@example.com,Tuesday,0491570006\n"
    )

    table = _open(text)

    assert [row.cells[0] for row in table.rows] == ["Ann"]
    assert table.columns.header_line == 6
    assert _warnings(text) == ["the people above the header have no phone column and were not imported"]


def test_lines_without_an_id_and_a_name_continue_the_person_above() -> None:
    text = (
        "ID,First Name,Last Name,Mobile,Tags\n1,Ann,Moss,02 5550 1234,VIP\n,,,0491570006,Perth\n"
        "2,Bo,Lee,0491570156,\n,,,,Hobart\n"
    )

    found = _validate(text)

    assert [one.row.number for one in found] == [2, 4]
    contacts = [one for one in found if isinstance(one, Contact)]
    assert [(one.values[0], one.values[2], one.labels.tags) for one in contacts] == [
        ("Ann", "+61491570006", ("VIP", "Perth")),
        ("Bo", "+61491570156", ("Hobart",)),
    ]
    assert _warnings(text) == ["lines without an id and a name were read with the line above them"]


def test_a_contact_without_a_name_is_not_taken_for_another_ones_line() -> None:
    found = _validate("First Name,Last Name,Mobile\nAnn,Moss,0491570006\n,,0491570156\n")

    assert [one.values[2] for one in found if isinstance(one, Contact)] == ["+61491570006", "+61491570156"]


def test_a_record_of_many_lines_over_chunks_is_one_row() -> None:
    text = "ID,Name,Mobile,Tags\n" + "".join(f"{n},Ann {n},0491570006,a\n,,,b\n,,,c\n" for n in range(300))

    rows = list(_open(text).rows)

    assert len(rows) == 300
    assert {row.cells[3] for row in rows} == {"a; b; c"}


@pytest.mark.parametrize("first", ["1", "0", "Row one"])
def test_a_header_one_cell_short_of_its_rows_is_shifted_and_reported(first: str) -> None:
    text = f'"first_name","mobile","opted_out"\n"{first}","Ann","0491 570 006","no"\n'

    table = _open(text)

    assert table.columns.role_indexes[Role.PHONE] == (2,)
    assert table.columns.header == ("", "first_name", "mobile", "opted_out")
    assert len(table.summarize().warnings) == 1


@pytest.mark.parametrize("row", ["Ann,0491570006,", "Ann,0491570006,x"])
def test_a_cell_behind_the_header_shifts_nothing(row: str) -> None:
    assert _open(f"Name,Mobile\n{row}\n").columns.role_indexes[Role.PHONE] == (1,)


def test_hundreds_of_columns_below_a_title_have_their_header() -> None:
    names = ["First Name", "Last Name", "Mobile", *(f"Custom {n}" for n in range(681))]
    row = ["Ann", "Moss", "0491570006", *["x"] * 681]

    table = _open("All fields\n" + ",".join(names) + "\n" + (",".join(row) + "\n") * 50)

    assert table.columns.header_line == 2
