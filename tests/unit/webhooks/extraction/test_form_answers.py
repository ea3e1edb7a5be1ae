"""Answers of every shape become labelled values; the rest of a body keeps its shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.webhooks.extraction.form_answers import EmbeddedTree, FormAnswer, read_answers
from contact_import.webhooks.extraction.form_definitions import FieldDefinitions, find_definitions

MOBILE = "0491 570 006"


def _read(body: Any) -> Any:
    return read_answers(body, find_definitions(body))


@pytest.mark.parametrize(
    ("body", "rewritten"),
    [
        (
            {"fields": [{"label": "Your mobile", "type": "tel", "value": MOBILE}]},
            {"fields": [FormAnswer(("Your mobile",), (MOBILE,), "tel", "value")]},
        ),
        (
            {"q7": {"title": "Your mobile", "value": MOBILE}},
            {"q7": FormAnswer(("Your mobile", "q7"), (MOBILE,), "answer", "value")},
        ),
        (
            {"answers": {"3": {"text": "Your name", "answer": {"first": "Ada", "last": "Moss"}}}},
            {"answers": {"3": FormAnswer(("Your name",), {"first": "Ada", "last": "Moss"}, "answer", "answer")}},
        ),
        (
            {"fields": [{"label": "Topics", "value": ["b"], "options": [{"id": "b", "text": "Books"}]}]},
            {"fields": [FormAnswer(("Topics",), ("Books",), "answer", "value")]},
        ),
        (
            {"phones": [{"label": "work", "value": MOBILE, "primary": True}, {"label": "home"}]},
            {"phones": [FormAnswer(("phones work",), (MOBILE,), is_primary=True), None]},
        ),
        (
            {"phone": {"type": "mobile", "number": MOBILE}},
            {"phone": FormAnswer((), (MOBILE,), "mobile")},
        ),
        (
            {"optins": [{"channel": "sms", "status": "subscribed"}, {"channel": "email", "status": "unsubscribed"}]},
            {"optins": [FormAnswer(("sms consent",), ("subscribed",)), None]},
        ),
        (
            {"q7": {"area": "04", "phone": "91570006"}},
            {"q7": FormAnswer((), ("0491570006",))},
        ),
        ({"tags": {"data": [{"name": "gold"}, "vip"]}}, {"tags": ("gold", "vip")}),
        ({"addresses": [{"city": "Perth"}, {"city": "Hobart"}]}, {"addresses": [{"city": "Perth"}, None]}),
        ({"context": {"page": {"title": "x"}, "traits": {"name": "Ada"}}}, {"context": {"traits": {"name": "Ada"}}}),
    ],
)
def test_an_answer_becomes_a_labelled_value(body: Any, rewritten: Any) -> None:
    assert _read(body) == rewritten


def test_an_answer_gets_the_title_and_type_that_the_form_defines() -> None:
    body = {
        "definition": {"fields": [{"id": "KoJx", "title": "Your mobile", "type": "phone_number"}]},
        "answers": [{"value": MOBILE, "field": {"id": "KoJx"}}],
    }

    assert _read(body)["answers"] == [FormAnswer(("Your mobile", "KoJx"), (MOBILE,), "phone_number", "value")]


def test_answers_inside_a_text_are_answers_too() -> None:
    body = {"rawRequest": json.dumps({"q3": {"label": "Your mobile", "value": MOBILE}})}

    answer = FormAnswer(("Your mobile", "q3"), (MOBILE,), "answer", "value")
    assert _read(body) == {"rawRequest": EmbeddedTree({"q3": answer})}


def test_the_root_of_a_body_is_no_answer() -> None:
    assert _read({"title": "Lead", "value": "0491 570 006"}) == {"title": "Lead", "value": "0491 570 006"}


PLAIN = st.recursive(
    st.none() | st.text("xyz"), lambda inner: st.dictionaries(st.text("xyz", min_size=1), inner), max_leaves=20
)


@given(body=PLAIN)
def test_a_body_without_answers_stays_as_it_is(body: Any) -> None:
    assert read_answers(body, FieldDefinitions()) == body
