"""Full names to first and last ones. No word of a name may get lost."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameparser.config import CONSTANTS

from contact_import.fields.person_name import (
    _parse_with_library,
    find_refusals,
    is_refusal,
    may_hold_refusal,
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


@pytest.mark.parametrize("words", ["never call", "no more sms", "donot use", "do n't text", "stop messaging"])
@pytest.mark.parametrize("form", ["Bo Lee ({})", "{}", "*{}* O'Brien", "Ann-Marie, {}"])
def test_a_refusal_in_other_words_is_found_among_plain_names(words: str, form: str) -> None:
    names = ["Ann", form.format(words), "O'Neill", form.format(words.upper())]

    assert find_refusals([names]) == [1, 3]


REFUSALS = [
    *("do not contact", "do-not-text", "do_not_call", "DONOTCALL", "DO NOT  USE", "do\xa0not\xa0ring", "don't text"),
    *(
        "don\u2019t sms",
        "dont call",
        "never text",
        "no sms",
        "no texts",
        "no more messages",
        "stop calling",
    ),
    *("deceased", "passed away", "(DNC)", "DND", "D.N.C.", "opted out", "opt out", "opt-out", "opt_out", "optout"),
    *("unsubscribed", "unsub", "blacklisted", "blocklist", "R.I.P", "(RIP)", "wrong number", "no marketing"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "mac_roman"])
@pytest.mark.parametrize("form", ["Bo Lee,{},x", '"{}";x', "Bo ({})\r\n", "\t{}\t"])
def test_the_bytes_of_a_file_show_each_refusal(encoding: str, form: str) -> None:
    hidden = [
        words
        for words in REFUSALS
        if not may_hold_refusal(f"Name,Mobile\n{form.format(words)}".encode(encoding))
        or not is_refusal(f"Bo ({words})")
    ]

    assert hidden == []


def test_plain_bytes_show_no_refusal() -> None:
    names = "Name,Notes\nNotting Hill,Knott\nZo\u00eb D\u2019Arcy\nAnn Nevers,Gordon Thomas\n"

    assert not may_hold_refusal(names.encode())
    assert not may_hold_refusal(names.encode("cp1252"))


def test_a_refusal_is_found_across_first_and_last_name() -> None:
    assert find_refusals([["Ann", "DO NOT", "Do"], ["Moss", "CONTACT", "Lee"]]) == [1]
