"""The values of a body, with their names and with what they belong to."""

from typing import Any

import pytest

from contact_import.errors import BodyError
from contact_import.webhooks.extraction.flatten import (
    MAX_FLATTENED_VALUES,
    MAX_VALUE_CHARS,
    BodyValue,
    flatten_body,
)
from contact_import.webhooks.extraction.form_answers import read_answers
from contact_import.webhooks.extraction.form_definitions import find_definitions


def _flatten(body: Any) -> list[BodyValue]:
    definitions = find_definitions(body)
    return flatten_body(read_answers(body, definitions), definitions)


def _texts(body: Any) -> list[str]:
    return [value.text for value in _flatten(body)]


def test_a_value_has_its_path_its_names_and_its_record() -> None:
    (value,) = _flatten({"data": {"first_name": "Ada", "last_name": " "}})

    assert value == BodyValue(("data", "first_name"), ("first_name",), "Ada", record=("data",), parents=("data",))
    assert value.label == "first_name"
    assert BodyValue((), (), "x").label == ""


def test_an_answer_has_the_path_of_its_value_and_its_declared_type() -> None:
    (value,) = _flatten({"fields": [{"id": "input_7", "label": "Mobile", "type": "tel", "value": "0491 570 006"}]})

    assert (value.path, value.names, value.kind) == (("fields", "0", "value"), ("Mobile", "input_7"), "tel")
    assert value.owner == ()


def test_each_object_of_an_array_may_be_a_person_and_a_page_is_none() -> None:
    people = _flatten({"attendees": [{"name": "Ada"}, {"name": "Bo"}]})
    pages = _flatten({"pages": [{"name": "Ada"}, {"phone": "0491570006"}]})

    assert [value.owner for value in people] == [("attendees", "0"), ("attendees", "1")]
    assert [value.owner for value in pages] == [(), ()]


def test_parts_of_a_name_or_address_belong_to_the_object_around_them() -> None:
    values = _flatten({"lead": {"name": {"first": "Ada"}, "address": {"city": "Perth"}, "extra": {"x": "1"}}})

    assert [value.record for value in values] == [("lead",), ("lead",), ("lead", "extra")]


def test_several_phones_stay_apart_and_other_texts_are_one() -> None:
    assert _texts({"phones": ["0491570006", "0491570156"]}) == ["0491570006", "0491570156"]
    assert _texts({"tags": ["gold", "vip"], "topics": ["a", "b"]}) == ["gold; vip", "a, b"]


@pytest.mark.parametrize(
    "body",
    [
        {"owner": {"name": "Bo"}},
        {"line_items": [{"name": "Hat"}]},
        {"account": {"name": "Lee Motors"}},
        {"payload": {"context": {"traits": {"name": "Bo"}}}},
        {"marketing_preferences": {"email": "no"}},
        {"email_consent": {"status": "no"}},
        {"sms_consent": {"collected_from": "POS"}},
        {"phone": [{"tag": "MOBILE"}]},
    ],
)
def test_what_is_about_others_is_left_out(body: Any) -> None:
    assert _texts(body) == []


@pytest.mark.parametrize(
    "body",
    [
        {"owner": "Bo"},
        {"account": {"first_name": "Bo"}},
        {"location": {"address1": "Bo"}},
        {"context": {"traits": {"name": "Bo"}}},
        {"marketing_preferences": {"sms": "Bo"}},
        {"form": '{"name": "Bo"}'},
    ],
)
def test_what_may_be_about_the_person_is_not_left_out(body: Any) -> None:
    assert _texts(body) == ["Bo"]


def test_a_plain_value_gets_the_title_that_the_form_defines() -> None:
    (value,) = _flatten({"schema": {"fields": [{"key": "f1", "title": "Mobile", "type": "tel"}]}, "f1": "0491570006"})

    assert (value.names, value.kind) == (("Mobile", "f1"), "tel")


def test_a_long_value_is_cut_and_too_many_are_refused() -> None:
    assert _texts({"note": "x" * 5_000}) == ["x" * MAX_VALUE_CHARS]
    with pytest.raises(BodyError):
        _flatten({str(number): "x" for number in range(MAX_FLATTENED_VALUES + 1)})
