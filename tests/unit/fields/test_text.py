"""Cells to the values that Cellcast takes."""

import pytest

from contact_import.fields.text import normalize_email, normalize_gender, normalize_postal_code


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


@pytest.mark.parametrize("cell", ["Non-binary", "Prefer not to say", "X", "Unspecified"])
def test_any_other_word_is_passed_on(cell: str) -> None:
    assert normalize_gender(cell) == cell


@pytest.mark.parametrize("title", ["Mrs", "Ms.", "Miss", "Mme", "Frau", "Sra.", "Señora"])
def test_a_title_is_a_hint_when_the_gender_is_not_told(title: str) -> None:
    assert normalize_gender("", title) == normalize_gender("Unspecified", title) == "female"
    assert normalize_gender("Non-binary", title) == "Non-binary"


def test_a_doctor_may_be_anybody() -> None:
    assert normalize_gender("", "Dr") == ""


@pytest.mark.parametrize(
    "cell", ["0800", "800", "800.0", "'0800", '="0800"', "z:0800", " 0800 ", "\uff10\uff18\uff10\uff10"]
)
def test_a_postcode_of_the_north_has_its_zero(cell: str) -> None:
    assert normalize_postal_code(cell, australian=True)[0] == "0800"


def test_a_zero_is_given_back_in_australia_alone_and_told() -> None:
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
def test_what_cannot_be_an_address_is_told(cell: str) -> None:
    assert normalize_email([cell]) == ("", True)
