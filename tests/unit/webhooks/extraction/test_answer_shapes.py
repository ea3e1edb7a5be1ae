"""The shapes of one answer, as the senders' documentation writes them."""

from typing import Any

import pytest

from contact_import.domain.roles import Role
from contact_import.webhooks.extraction.answer_shapes import (
    extract_texts,
    find_answer_key,
    find_consent_name,
    find_container_role,
    find_kind,
    find_names_and_kind,
    find_phone_label,
    find_phone_or_email,
    find_two_part_phone,
    has_name_key,
    is_marked_primary,
    resolve_choices,
)


@pytest.mark.parametrize(
    ("node", "key"),
    [
        ({"label": "Mobile", "value": "0491 570 006"}, "value"),
        ({"Label": "Mobile", "Answer": "0491 570 006"}, "Answer"),
        ({"question": "Name?", "text": "Ada"}, "text"),
        ({"type": "email", "email": "ada@example.com"}, "email"),  # Typeform
        ({"column_id": "PHONE_NUMBER", "string_value": "0491 570 006"}, "string_value"),  # Google Ads
        ({"text": "Ada"}, ""),
        ({"type": "type"}, ""),
        ({"answers": [{"label": "Mobile", "value": "0491 570 006"}]}, ""),
        ({"name": "Ada", "mobile": "0491 570 006"}, ""),
        ({"value": "gold", "email": "ada@example.com"}, ""),
        ({"value": "gold", "first_name": "Ada"}, ""),
        ({"value": "gold", "first_name": "Ada", "type": "text"}, "value"),
    ],
)
def test_an_answer_is_an_object_with_a_value_and_no_person(node: Any, key: str) -> None:
    assert find_answer_key(node) == key


def test_a_label_comes_before_the_key_around_it_and_an_id() -> None:
    node = {"id": "input_7", "title": "Your mobile", "type": "tel", "value": "0491 570 006"}

    assert find_names_and_kind(node, "value", "phone") == (("Your mobile", "phone", "input_7"), "tel")
    assert find_names_and_kind(node, "value", "7") == (("Your mobile", "input_7"), "tel")


def test_an_answer_goes_by_the_question_that_it_links_to() -> None:
    node: Any = {"text": "Ada", "type": "text", "field": {"id": "KoJx", "type": "contact_info", "ref": "who"}}

    assert find_names_and_kind(node, "text", None) == (("KoJx", "who"), "contact_info")


def test_the_type_of_a_field_comes_before_that_of_its_record() -> None:
    assert find_kind({"type": "SYSTEM", "field_type": "tel"}) == "tel"
    assert find_kind({"type": None, "value": "x"}) == ""


@pytest.mark.parametrize(
    ("value", "options", "resolved"),
    [
        (["b"], [{"id": "a", "text": "No"}, {"id": "b", "text": "Yes"}], ["Yes"]),
        ("a", [{"id": "a", "label": "No"}], "No"),
        ("c", [{"id": "a", "label": "No"}], "c"),
        ({"labels": ["Red", "Blue"]}, None, ["Red", "Blue"]),
        ({"id": "x", "label": {"text": "Red"}}, None, "Red"),
        ({"first": "Ada"}, None, {"first": "Ada"}),
        (True, "a,b", True),
    ],
)
def test_choices_are_read_by_their_words(value: Any, options: Any, resolved: Any) -> None:
    assert resolve_choices(value, options) == resolved


def test_texts_come_one_by_one_and_objects_by_what_people_see() -> None:
    assert list(extract_texts(["a", ["b", None], {"id": "7", "name": "Gold"}, {"id": "8"}, True])) == [
        "a",
        "b",
        "Gold",
        "true",
    ]
    assert list(extract_texts(None)) == []


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ({"countryCode": "AU", "number": "0491570006"}, "0491570006"),
        ({"national": "0491 570 006", "international": "+61491570006"}, "+61491570006"),
        ({"area": "04", "phone": "91570006"}, "0491570006"),
        ({"email_address": "ada@example.com"}, "ada@example.com"),
        ({"number": " "}, ""),
    ],
)
def test_a_phone_or_email_that_is_an_object_is_one_text(node: Any, text: str) -> None:
    assert find_phone_or_email(node) == text


@pytest.mark.parametrize(
    ("node", "phone"),
    [
        ({"area": "(04) ", "phone": "9157 0006"}, "(04) 9157 0006"),
        ({"country": "61", "area": "", "phone": "491570006"}, "491570006"),
        ({"area": "Inner West", "phone": "0491570006"}, ""),
        ({"area": "6000", "phone": "0491570006", "name": "Ada"}, ""),
        ({"area": ["04"], "phone": "0491570006"}, ""),
    ],
)
def test_a_phone_in_two_parts_has_an_area_code_and_nothing_else(node: Any, phone: str) -> None:
    assert find_two_part_phone(node) == phone


def test_a_phone_of_a_list_says_which_it_is_and_whether_it_is_the_first() -> None:
    assert find_phone_label({"Label": "work", "value": "1"}) == "work"
    assert [is_marked_primary({"primary": mark}) for mark in (True, "true", "1", "false", None)] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_a_consent_goes_by_its_channel() -> None:
    assert find_consent_name({"type": "consent", "status": "granted"}) == "consent"
    assert find_consent_name({"channel": "SMS", "status": "unsubscribed"}) == "sms consent"
    assert find_consent_name({"channel": "email", "status": "unsubscribed"}) == ""


def test_a_key_says_what_an_object_is_and_whether_it_is_a_person() -> None:
    assert find_container_role("phones") is Role.PHONE
    assert find_container_role("addresses") is Role.ADDRESS
    assert find_container_role("payload") is None
    assert has_name_key({"id": "7", "last_name": "Moss"})
    assert not has_name_key({"name": "Lee Motors"})
