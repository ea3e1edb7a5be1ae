"""Cells to the values that Cellcast takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.fields import text
from contact_import.fields.text import (
    EMPTY_WORDS,
    MAX_ADDRESS_CHARS,
    clean_text,
    is_empty_word,
    join_address,
    normalize_email,
    normalize_gender,
    normalize_postal_code,
    split_labels,
)


@pytest.mark.parametrize(
    "cell", "m M Male man Mr. Masculin Masculino männlich Mann homme uomo Maschio мужской 男".split()
)
def test_male_in_the_words_of_the_world(cell: str) -> None:
    assert normalize_gender(cell) == "male"


@pytest.mark.parametrize(
    "cell", "f F Female woman Mrs Féminin Femenino weiblich Frau femme donna vrouw женский 女".split()
)
def test_female_in_the_words_of_the_world(cell: str) -> None:
    assert normalize_gender(cell) == "female"


@pytest.mark.parametrize("cell", ["Non-binary", "Other", "X"])
def test_any_other_word_is_passed_on(cell: str) -> None:
    assert normalize_gender(cell) == cell


@pytest.mark.parametrize("cell", ["Prefer not to say", "Unspecified", "Unknown", "I'd rather not say", "not disclosed"])
def test_an_answer_that_says_nothing_is_no_gender(cell: str) -> None:
    assert normalize_gender(cell) == ""


@pytest.mark.parametrize("title", ["Mrs", "Ms.", "Miss", "Mme", "Frau", "Sra.", "Señora"])
def test_a_title_is_a_hint_when_the_gender_is_unknown(title: str) -> None:
    assert normalize_gender("", title) == normalize_gender("Unspecified", title) == "female"
    assert normalize_gender("Non-binary", title) == "Non-binary"


def test_a_doctor_may_be_anyone() -> None:
    assert normalize_gender("", "Dr") == ""


@pytest.mark.parametrize(
    "cell", ["0800", "800", "800.0", "'0800", '="0800"', "z:0800", " 0800 ", "\uff10\uff18\uff10\uff10"]
)
def test_a_postcode_of_the_north_has_its_zero(cell: str) -> None:
    assert normalize_postal_code(cell, australian=True)[0] == "0800"


def test_a_zero_is_restored_in_australia_alone_and_reported() -> None:
    assert normalize_postal_code("800", australian=True) == ("0800", True)
    assert normalize_postal_code("800", australian=False) == ("800", False)
    assert normalize_postal_code("0800", australian=True) == ("0800", False)


@pytest.mark.parametrize(
    "cell",
    [
        "ann@example.com",
        "mailto:ann@example.com",
        "Ann <ann@example.com>",
        '"ann@example.com"',
        "ann@example.com.",
        "ann@example.com; bo@example.com",
        "\u200bann@example.com ",
    ],
)
def test_an_address_is_found_in_its_cell(cell: str) -> None:
    assert normalize_email([cell]) == ("ann@example.com", False)


@pytest.mark.parametrize(
    "cell", ["ann@example", "ann@@example.com", "ann example.com", "ann(at)example.com", "ann@example..com"]
)
def test_what_cannot_be_an_address_is_reported(cell: str) -> None:
    assert normalize_email([cell]) == ("", True)


def _normalize_email_without_the_quick_check(cell: str) -> tuple[str, bool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "COMMON_EMAIL", re.compile(r"(?!)"))
        return normalize_email((cell,))


_PIECES = "; ;  ;';&;&amp;;n/a;N/A;|;a;Zoë;\u200d;,;\n;\t;a@b.au;.;-;\ud800;0;@;mailto:;<".split(";")


@given(
    st.lists(st.sampled_from(_PIECES), max_size=6).map("".join)
    | st.from_regex(text.COMMON_EMAIL.pattern, fullmatch=True)
)
def test_the_quick_check_of_an_e_mail_and_the_general_way_agree(cell: str) -> None:
    assert normalize_email((cell,)) == _normalize_email_without_the_quick_check(cell)


@pytest.mark.parametrize("local", ["ann", "ann.example", "a" * 64, "a" * 65, "a..b", ".a", "a+b"])
@pytest.mark.parametrize("domain", ["example.com", "a.b.example.com.au", "x" * 63 + ".com", "example", "-a.com"])
def test_e_mail_addresses_at_the_edge(local: str, domain: str) -> None:
    address = f"{local}@{domain}"

    assert normalize_email((address,)) == _normalize_email_without_the_quick_check(address)


@pytest.mark.parametrize("word", sorted(EMPTY_WORDS))
def test_a_word_for_nothing_is_empty_in_any_case(word: str) -> None:
    assert is_empty_word(word.upper())
    assert clean_text(f" {word.title()} ") == ""
    assert normalize_email((word,)) == ("", False)


def test_a_name_that_begins_as_a_word_for_nothing_is_a_name() -> None:
    assert [clean_text(cell) for cell in ("Nan Lee", "Nilsson", "Nullarbor")] == ["Nan Lee", "Nilsson", "Nullarbor"]


@given(st.text(max_size=30), st.integers(1, 20))
def test_cleaned_text_is_short_and_on_one_line(cell: str, limit: int) -> None:
    cleaned = clean_text(cell, limit)

    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    assert not any(letter.isspace() and letter != " " for letter in cleaned)


def test_the_parts_of_an_address_are_joined_once_on_one_line() -> None:
    assert join_address(["1 High St\r\nUnit 2,", "", "n/a", "Perth", "Perth", "WA"]) == "1 High St, Unit 2, Perth, WA"
    assert len(join_address(["x" * 300, "y" * 300])) == MAX_ADDRESS_CHARS


def test_labels_are_split_and_named_once() -> None:
    cells = ["VIP; Perth", '"VIP","Blog"', "* myContacts ::: * Friends", "n/a"]

    assert split_labels(cells) == ("VIP", "Perth", "Blog", "Friends")


def test_an_answer_is_no_label_but_a_letter_among_others_is() -> None:
    assert (split_labels(["Yes"]), split_labels(["a;f"])) == ((), ("a", "f"))
