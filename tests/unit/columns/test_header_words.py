"""A word that is not written as headers are folded would never match."""

import pytest

from contact_import.columns import header_words
from contact_import.columns.header_match import split_words

WORD_SETS = {name: words for name, words in vars(header_words).items() if isinstance(words, frozenset)}


@pytest.mark.parametrize("name", WORD_SETS)
def test_each_word_is_one_that_a_header_can_have(name: str) -> None:
    assert [word for word in WORD_SETS[name] if split_words(word) != (word,)] == []


def test_a_word_for_another_persons_column_is_not_a_word_for_the_contacts_own() -> None:
    assert not header_words.EXCLUDED_WORDS & (header_words.PHONE_WORDS | header_words.HOME_WORDS)
