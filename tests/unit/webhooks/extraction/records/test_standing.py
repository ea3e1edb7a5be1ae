"""Whose an element of a delivery's array is."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.columns.header_words import OTHER_PERSON_WORDS
from contact_import.columns.records.owner import Standing, classify_owner
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.records.standing import _FRAME_TYPES, classify_element, is_declared_subject


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12), st.sampled_from(["type", "role", "kind"]))
def test_who_declares_an_unknown_role_beside_a_customer_is_someone_else(word: str, key: str) -> None:
    assume(classify_owner((word,)) is Standing.OTHER and word not in _FRAME_TYPES | OTHER_PERSON_WORDS)
    path = ("people", "1")
    value = BodyValue((*path, key), (key,), word, record=path)

    assert classify_element(path, [value], is_beside_subject=True) is Standing.OTHER
    assert classify_element(path, [replace(value, text="customer")], is_beside_subject=True) is Standing.SUBJECT
    assert is_declared_subject(path, [replace(value, text="Customer")])
    assert not is_declared_subject(path, [value])
