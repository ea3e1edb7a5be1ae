"""Cells to the values that Cellcast takes."""

import pytest

from contact_import.values import gender


@pytest.mark.parametrize(
    "cell", "m M Male man Mr. Masculin Masculino männlich Mann homme uomo Maschio мужской 男".split()
)
def test_male_in_the_words_of_the_world(cell: str) -> None:
    assert gender(cell) == "male"


@pytest.mark.parametrize(
    "cell", "f F Female woman Mrs Féminin Femenino weiblich Frau femme donna vrouw женский 女".split()
)
def test_female_in_the_words_of_the_world(cell: str) -> None:
    assert gender(cell) == "female"


@pytest.mark.parametrize("cell", ["Non-binary", "Prefer not to say", "X", "Unspecified"])
def test_any_other_word_is_passed_on(cell: str) -> None:
    assert gender(cell) == cell


@pytest.mark.parametrize("title", ["Mrs", "Ms.", "Miss", "Mme", "Frau", "Sra.", "Señora"])
def test_a_title_is_a_hint_when_the_gender_is_not_told(title: str) -> None:
    assert gender("", title) == gender("Unspecified", title) == "female"
    assert gender("Non-binary", title) == "Non-binary"


def test_a_doctor_may_be_anybody() -> None:
    assert gender("", "Dr") == ""
