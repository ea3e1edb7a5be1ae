"""The JSON body of a response, whatever its shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.response_body import (
    collect_messages,
    find_code,
    find_reason,
    has_flag,
    limit_messages,
    parse_contact_errors,
    parse_object,
)


def test_a_body_is_an_object_or_nothing() -> None:
    assert parse_object(b'{"a": 1}') == {"a": 1}
    assert [parse_object(body) for body in (b"", b"[]", b"null", b'"a"', b"{", b"[" * 100_000)] == [None] * 6


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (None, 200, 200),
        ({"code": 401}, 200, 401),
        ({"code": "401"}, 400, 401),
        ({"meta": {"code": 404}}, 200, 404),
        ({"code": 401}, 500, 500),
        ({"code": 200}, 400, 400),
        ({"code": True}, 200, 200),
        ({"code": "x401"}, 200, 200),
    ],
)
def test_the_code_of_the_body_counts_when_the_status_says_less(data: Any, status: int, code: int) -> None:
    assert find_code(data, status) == code


@pytest.mark.parametrize(
    ("body", "is_set"),
    [
        ({"OVER_LIMIT": True}, True),
        ({"error": {"details": ["x", {"name": "OVER_LIMIT"}]}}, True),
        ({"OVER_LIMIT": "false"}, False),
        ({"OVER_LIMIT": 0}, False),
        ({"message": "over the OVER_LIMIT"}, False),
        ({"a": {"b": {"c": {"d": {"e": {"OVER_LIMIT": True}}}}}}, False),
    ],
)
def test_a_flag_is_a_name_with_a_true_value_or_a_whole_text(body: Any, is_set: bool) -> None:
    assert has_flag(body, "OVER_LIMIT") is is_set


def test_errors_are_parted_into_those_of_a_contact_and_the_others() -> None:
    errors = ["contact[1] error : empty", " Contact [0] Error: ", "contact[1] error : odd", "no index", {"x": 1}]

    refused, others = parse_contact_errors({"data": {"errors": errors}})

    assert refused == {1: "empty; odd", 0: "Cellcast gave no reason"}
    assert others == ["no index", '{"x": 1}']
    assert parse_contact_errors({"data": {"errors": None}}) == parse_contact_errors({}) == ({}, [])


def test_messages_are_bounded_and_each_is_there_once() -> None:
    data = {"message": "fail", "data": {"errors": [f"error {number % 30}" for number in range(90)]}}

    assert collect_messages(data)[:2] == ("fail", "error 0")
    assert len(collect_messages(data)) == 21
    assert limit_messages(["a", "b", "a"]) == ("a", "b")


def test_the_reason_is_the_innermost_message_or_the_status() -> None:
    assert find_reason({"message": "outer", "data": {"message": "inner"}}, 400) == "inner"
    assert find_reason({"message": "outer", "data": {"message": " "}}, 400) == "outer"
    assert find_reason(None, 502) == "HTTP 502"


@given(st.text(min_size=1, max_size=2000))
def test_a_reason_is_printable_and_bounded(message: str) -> None:
    reason = find_reason({"message": message}, 400)

    assert len(reason) <= 500
    assert reason.isprintable()
