"""The spellings of headers."""

from collections import Counter

import pytest

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.header_names import HEADER_NAMES
from contact_import.domain.roles import Role


def test_no_spelling_is_listed_twice_or_for_two_roles() -> None:
    counts = Counter(spelling for spellings in HEADER_NAMES.values() for spelling in spellings.split("|"))

    assert [spelling for spelling, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("role", HEADER_NAMES)
def test_each_spelling_names_its_role(role: Role) -> None:
    spellings = HEADER_NAMES[role].split("|")

    assert all(map(split_words, spellings))
    assert {match_role(spelling) for spelling in spellings} == {role}
