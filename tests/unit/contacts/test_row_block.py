"""Rows by column and role."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import Columns, detect_columns
from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from tests.unit.contacts.row_validation import validate_lines


def _detect(*header: str) -> Columns:
    return detect_columns([Row(1, header)])[0]


@given(st.lists(st.lists(st.text(max_size=3), max_size=5), min_size=1, max_size=6))
def test_every_cell_is_in_its_column_and_short_rows_are_padded(cells: list[list[str]]) -> None:
    rows = [Row(number, tuple(row)) for number, row in enumerate(cells, 2)]

    block = RowBlock(rows, _detect("Mobile", "Name"))

    assert block.width == max(map(len, cells))
    for index in range(7):
        assert list(block.get_column(index)) == [row[index] if index < len(row) else "" for row in cells]


def test_the_first_filled_cell_of_a_role_counts() -> None:
    columns = _detect("Mobile", "Email", "Secondary Email")
    rows = [Row(2, ("1", "a@example.com", "b@example.com")), Row(3, ("2", "", "c@example.com")), Row(4, ("3",))]

    block = RowBlock(rows, columns)

    assert list(block.coalesce_columns(Role.EMAIL)) == ["a@example.com", "c@example.com", ""]
    assert list(block.coalesce_columns(Role.PURCHASE)) == ["", "", ""]


def test_names_on_a_bill_are_apart_from_the_others() -> None:
    columns = _detect("First Name", "Last Name", "Billing First Name", "Billing Last Name", "Mobile")
    block = RowBlock([Row(2, ("", "", "Ann", "Moss", "1")), Row(3, ("Ada", "Hill", "Bob", "Lee", "2"))], columns)

    assert block.has_own_and_billing_names()
    assert list(block.coalesce_columns(Role.FIRST_NAME, is_billing=True)) == ["Ann", "Bob"]
    assert list(block.coalesce_columns(Role.FIRST_NAME, is_billing=False)) == ["", "Ada"]
    assert not RowBlock([Row(2, ("1", "Ann"))], _detect("Mobile", "Name")).has_own_and_billing_names()


@pytest.mark.parametrize(
    ("types", "phones"),
    [
        (("Work", "Mobile"), ["2", "1"]),
        (("Mobile", "Work"), ["1", "2"]),
        (("", "Home"), ["1", "2"]),
        (("Work Fax", "Home"), ["2"]),
        (("Emergency", "Partner"), []),
    ],
)
def test_the_type_beside_a_number_ranks_it_in_its_row(types: tuple[str, str], phones: list[str]) -> None:
    columns = _detect("Phone 1 - Type", "Phone 1 - Value", "Phone 2 - Type", "Phone 2 - Value")

    assert RowBlock([Row(2, (types[0], "1", types[1], "2"))], columns).get_phones(0) == phones


def test_a_block_has_the_roles_of_its_columns() -> None:
    block = RowBlock([Row(2, ("1", "Ann"))], _detect("Mobile", "Name"))

    assert block.has_roles(Role.PHONE, Role.FULL_NAME)
    assert not block.has_roles(Role.PHONE, Role.EMAIL)


_CODES = ("", "61", "+61", "32", "+32", "1")


@given(st.sampled_from(_CODES), st.sampled_from(_CODES), st.sampled_from(["Country Code", "Calling Code", "Dial code"]))
def test_a_calling_code_moves_with_the_number_of_its_record(player_code: str, parent_code: str, words: str) -> None:
    header = f"Player Name,Player {words},Player Mobile,Parent Name,Parent {words},Parent Mobile"
    codes = "Ed Lee,61,0491570110,Bo Lee,61,0491570313"
    own, parent, _ = validate_lines(
        header, f"Tom,{player_code},491570006,Ann,{parent_code},491570156", f"Tim,,,Ann,{parent_code},491570157", codes
    )

    for result, code in ((own, player_code), (parent, parent_code)):
        assert isinstance(result, Contact) == (code in ("", "61", "+61"))


@pytest.mark.parametrize(("cell", "header"), [("Belgium", "Country"), ("BE", "Land"), ("+32", "Mobile country code")])
def test_the_reason_of_another_country_names_its_column(cell: str, header: str) -> None:
    (outcome,) = validate_lines(f"Name,{header},Mobile", f"Ann,{cell},0491570006")

    assert isinstance(outcome, Outcome)
    assert outcome.reason == f"Mobile: an international number without its country code; {header} is “{cell}”"
