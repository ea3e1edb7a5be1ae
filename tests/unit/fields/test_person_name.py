"""Full names to first and last ones. No word of a name may get lost."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameparser.config import CONSTANTS

from contact_import.fields.person_name import (
    _parse_with_library,
    split_name,
)


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


_NAMES = (
    "Ann Bo Zoë Müller Smith LEE lee Xu Ng Ma Li Mai Jo El Al Ii Iv Vi Xi Di De Van Von Mac McDonald Art Ed".split()
)


def _full_names() -> Iterator[str]:
    """Names with the library's own words for titles, particles and suffixes among them, in all kinds of writing."""
    choose = random.Random(5)
    words = [*_NAMES, *_NAMES, *_NAMES, *sorted({*CONSTANTS.titles, *CONSTANTS.prefixes, *CONSTANTS.suffix_acronyms})]
    for _ in range(3_000):
        some = choose.choices(words, k=choose.choice([2, 2, 3]))
        yield " ".join(choose.choice((word, word.title(), word.upper(), word.lower())) for word in some)


def test_a_quick_look_and_the_library_agree() -> None:
    different = [
        (name, split_name(name), _parse_with_library(name))
        for name in _full_names()
        if split_name(name) != _parse_with_library(name)
    ]

    assert different == []


@pytest.mark.parametrize("first", "Ann Zoë LEE li Jo Ii Xi Mac".split())
@pytest.mark.parametrize("last", "Ma Ng Smith Müller Iv Vi xi LEE Jr Van Junior Esq Ra".split())
def test_short_names_are_no_titles(first: str, last: str) -> None:
    assert split_name(f"{first} {last}") == _parse_with_library(f"{first} {last}")
