import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.reports.masking import escape_control_chars, mask, mask_personal_data


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("Zebedee Quartermain", "Z•••••• •••••••••••"),
        ("0491 570 156", "•••• ••• •56"),
        ("ann90@example.com", "a••••@•••••••.•••"),
        ("14/05/1990", "••/••/••90"),
        ("2000", "••••"),
        ("", ""),
        ("Ωmega", "Ω••••"),
        (" Ann", " •••"),
        ("\u00b9\u00b2\u00b3\u00b9 0491 570 156", "•••• •••• ••• •56"),  # superscripts are not digits of the number
    ],
)
def test_a_cell_keeps_its_shape_and_little_else(cell: str, masked: str) -> None:
    assert mask(cell) == masked


@given(st.text(min_size=2))
def test_no_more_than_three_letters_and_digits_are_ever_seen(cell: str) -> None:
    assert sum(letter.isalnum() for letter in mask(cell)) <= 3


def test_the_numbers_and_addresses_inside_a_sentence_are_masked() -> None:
    sentence = "row 12: +61 491 570 156 of ann.lee@example.com is not valid (HTTP 400)"

    assert mask_personal_data(sentence) == "row 12: +•• ••• ••• •56 of a••.•••@•••••••.••• is not valid (HTTP 400)"


_MARKS = st.text("\u00ad\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\x00", max_size=2)


@given(st.lists(_MARKS, min_size=10, max_size=10), st.sampled_from(["", " ", "-", "/", "\u00a0"]))
def test_a_number_broken_by_invisible_characters_is_masked(marks: list[str], separator: str) -> None:
    number = "".join(f"{digit}{mark}" for digit, mark in zip("0491570156", marks, strict=True))
    sentence = f"It has {number[:-1]}{separator}6 in row 12; ann\u200b.lee\u202e@exa\u2060mple.com too"

    for text in (sentence, escape_control_chars(sentence)):
        masked = mask_personal_data(text)
        assert sum(letter.isdigit() for letter in masked) == 4
        assert "lee" not in masked
        assert "mple" not in masked


def test_what_turns_its_neighbours_is_written_out() -> None:
    assert escape_control_chars("a\u202eb\u2066c\x00d\ne") == "a[U+202E]b[U+2066]c\ufffdd\ne"
