"""Full names to first and last ones. No word of a name may get lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.person_name import split_name


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Moss", "Ada", "Moss"),
        ("Moss, Ada", "Ada", "Moss"),
        ("van der Berg, Maria", "Maria", "van der Berg"),
        ("Dr. Maria van der Berg", "Maria", "van der Berg"),
        ("Mx Sam Orr", "Sam", "Orr"),
        ("Ada Mary Moss-Lee", "Ada Mary", "Moss-Lee"),
        ("Ada Moss Jr.", "Ada", "Moss"),
        ("José María de la Cruz", "José María", "de la Cruz"),
        ("Do, Anh", "Anh", "Do"),
        ("نور أحمد", "نور", "أحمد"),
        # words that are a title, or stand behind a name, in other people's names
        ("Bishop Lee", "Bishop", "Lee"),
        ("Hon Lee", "Hon", "Lee"),
        ("Baron Cohen", "Baron", "Cohen"),
        ("Rae Ra", "Rae", "Ra"),
        ("RAE RA", "RAE", "RA"),
        # what cannot be split
        ("Madonna", "Madonna", ""),
        ("王小明", "王小明", ""),
        ("Ada,", "Ada", ""),
        (", Ada", "Ada", ""),
        ("", "", ""),
    ],
)
def test_a_full_name_is_split(name: str, first: str, last: str) -> None:
    assert split_name(name) == (first, last)


@given(st.text(max_size=40))
def test_no_name_breaks_the_split(name: str) -> None:
    first, last = split_name(name)

    assert bool(first or last) or not name.strip(", ")
