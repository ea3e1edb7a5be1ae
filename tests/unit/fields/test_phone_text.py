"""The text of a phone cell before it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.phone_text import normalize_phone_text
from contact_import.fields.text import EMPTY_WORDS


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'0491570006", "0491570006"),
        ('="0491570006"', "0491570006"),
        ("=+61491570006", "+61491570006"),
        ("491,570,006", "491570006"),
        ("1,2", "1,2"),
        ("(+61) 491", "+(61) 491"),
        ("++61", "+61"),
        ("0491\u2013570\u00a0006\u200b", "0491-570 006"),
        ("\u0660\u0664", "04"),
        ("0491_570\u00b7006", "0491 570 006"),
    ],
)
def test_digits_blanks_and_dashes_are_plain_and_a_spreadsheets_marks_are_gone(cell: str, text: str) -> None:
    assert normalize_phone_text(cell) == text


@pytest.mark.parametrize("word", sorted(EMPTY_WORDS))
def test_a_word_for_nothing_is_no_number(word: str) -> None:
    assert normalize_phone_text(f" {word.upper()}\u200b") == ""


@given(st.text(max_size=300))
def test_the_text_of_any_cell_is_bounded_and_has_no_other_digits(cell: str) -> None:
    text = normalize_phone_text(cell)

    assert all(letter.isascii() for letter in text if letter.isdecimal())
    assert text == text.strip(" \t\r\n'`")
