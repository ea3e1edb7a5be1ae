"""Recognise the type of a column by its values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.value_types import ValueType, classify_value, has_phone_or_email, profile_column


@pytest.mark.parametrize(
    ("cell", "value_type"),
    [
        ("0491 570 006", ValueType.MOBILE),
        ("(02) 5550 1234", ValueType.PHONE),
        ("0491 570 0061", ValueType.DIGITS),
        ("6.14E+10", ValueType.DIGITS),
        ("a@example.com", ValueType.EMAIL),
        ("a@", ValueType.OTHER),
        ("Opt-Out", ValueType.YES_NO),
        ("1", ValueType.YES_NO),
        ("Mrs.", ValueType.TITLE),
        ("Ann Moss-Lee", ValueType.NAME),
        ("Zoë", ValueType.WORD),
        ("2024-01-31", ValueType.CODE),
        ("10.0.0.1", ValueType.CODE),
        ("412345678.25", ValueType.CODE),
        ("$5 off", ValueType.OTHER),
        ("n/a", ValueType.EMPTY),
        ("  ", ValueType.EMPTY),
    ],
)
def test_a_cell_is_classified_by_its_form(cell: str, value_type: ValueType) -> None:
    assert classify_value(cell, "AU") is value_type


@given(st.lists(st.text(max_size=10) | st.sampled_from(["0491 570 006", "a@example.com", "n/a", ""])))
def test_the_shares_of_a_profile_add_up_and_empty_cells_do_not_count(cells: list[str]) -> None:
    profile = profile_column(cells, "AU", sample_size=5)

    assert ValueType.EMPTY not in profile.counts
    assert profile.filled_count <= 5
    assert profile.get_share(*ValueType) == (1 if profile.filled_count else 0)
    assert profile.phone_share <= profile.maybe_phone_share


def test_a_profile_counts_the_first_filled_cells() -> None:
    profile = profile_column(["", " ", "Ann", "Ann", "0491 570 006", "Bo"], "AU", sample_size=3)

    assert profile.counts == {ValueType.WORD: 2, ValueType.MOBILE: 1}
    assert (profile.filled_count, profile.distinct_count) == (3, 2)


def test_a_row_with_a_phone_or_an_e_mail_is_data() -> None:
    assert has_phone_or_email(["Ann", "0491 570 006"], "AU")
    assert has_phone_or_email(["a@example.com"], "AU")
    assert not has_phone_or_email(["Name", "Mobile", "2024-01-31"], "AU")
