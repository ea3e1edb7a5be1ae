import html
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields.dressing import undress

_WORDS = st.from_regex(r"[A-Z\u00c0-\u00d6][a-z\u00df-\u00f6]{1,8}(?:[ '-][A-Z][a-z]{1,8})?", fullmatch=True)
_DRESSINGS: dict[str, Callable[[str], str]] = {
    "tags": lambda text: f"<p class='x'><b>{text}</b></p>",
    "entities": html.escape,
    "numeric entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "office open xml": lambda text: f"_x{ord(text[0]):04X}_{text[1:]}_x000D_",
    "backslashes": lambda text: text.replace("'", "\\'") + "\\n",
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "typographic quotes": lambda text: f"\u201c{text}\u201d",
    "guillemets": lambda text: f"\u00ab{text}\u00bb",
    "formula": lambda text: f'="{text}"' if '"' not in text else text,
    "invisible characters": lambda text: f"\ufeff\u200b{text[:1]}\u200d{text[1:]}\u202c",
    "end of a dos file": lambda text: text + "\x1a",
}


@given(_WORDS, st.lists(st.sampled_from(sorted(_DRESSINGS)), min_size=1, max_size=4, unique=True))
def test_a_cell_is_undressed_however_often_it_was_dressed(text: str, dressings: list[str]) -> None:
    dressed = text
    for name in dressings:
        dressed = _DRESSINGS[name](dressed)

    assert undress(dressed) == text


@given(st.text(st.characters(codec="utf-8"), max_size=30) | st.text("<>&;#x_0041ab\\'\"=C3A9nul \n/", max_size=40))
def test_undressing_twice_changes_nothing_more(cell: str) -> None:
    once = undress(cell)

    assert undress(once) == once


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("O\\'Brien", "O'Brien"),
        ("1 High St<br />Perth WA", "1 High St\nPerth WA"),
        ("02 5550 1234\x1d0491 570 006", "02 5550 1234\n0491 570 006"),
        ("Di&amp;amp;Ed", "Di&Ed"),
        ('<a href="tel:0491570006">0491 570 006</a>', "0491 570 006"),
        ('<a href="tel:%2B61491570006">Call me</a>', "+61491570006"),
        ('=HYPERLINK("tel:0491570156","0491 570 156")', "0491 570 156"),
        ('=HYPERLINK("mailto:ann@example.com";"Ann")', "ann@example.com"),
        ("_xD83D__xDE00_", "\U0001f600"),
    ],
)
def test_what_programs_put_around_a_text_is_taken_away(cell: str, text: str) -> None:
    assert undress(cell) == text


@pytest.mark.parametrize(
    "cell",
    [
        "Ann <ann@example.com>",
        '"VIP","Blog"',
        "=61491570006",
        "AT&T",
        "\\N",
        "{{first_name}}",
        "5 < 6",
        "Smith & Co",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",  # a Persian name, written with a zero-width non-joiner
    ],
)
def test_what_only_looks_like_a_dressing_stays(cell: str) -> None:
    assert undress(cell) == cell


def test_a_list_of_channels_stays_a_list_for_those_who_read_consent() -> None:
    assert undress('["email", "sms"]', unpack=False) == '["email", "sms"]'


@given(st.lists(_WORDS, min_size=1, max_size=4))
def test_a_json_list_gives_its_values(values: list[str]) -> None:
    assert undress(json.dumps(values)).split("\n") == values
    assert undress(json.dumps([{"id": 3, "tag": value} for value in values])).split("\n") == values


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("['VIP', 'Perth']", "VIP\nPerth"),
        ('[{"value": "a@x.org"}, {"value": "b@x.org", "primary": true}]', "b@x.org\na@x.org"),
        ('{"street": "1 High St", "city": "Perth", "id": 7}', "1 High St\nPerth"),
        ("[null]", ""),
        ("[First Name]", "[First Name]"),
        ("{{tags}}", "{{tags}}"),
        ("VIP", "VIP"),
    ],
)
def test_a_cell_of_json_gives_what_it_is_about(cell: str, text: str) -> None:
    assert undress(cell) == text
