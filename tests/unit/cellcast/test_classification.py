import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.classification import classify_response
from contact_import.cellcast.responses import (
    Accepted,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    Inconsistent,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)


def _answer(status: int, value: Any, sent: int = 3, headers: Mapping[str, str] | None = None) -> ClassifiedResponse:
    return classify_response(status, headers or {}, json.dumps(value).encode(), sent)


def _success(message: str, success: Any, failed: Any, errors: Any) -> dict[str, Any]:
    data = {"message": "", "success_data": success, "failed_data": failed, "errors": errors}
    return {"status": True, "message": message, "data": data}


def test_a_success_that_adds_up_is_one() -> None:
    assert _answer(200, _success("success", 3, 0, [])) == Accepted({})


def test_a_partial_success_names_who_failed() -> None:
    errors = ["contact[1] error : phone_number empty"]

    assert _answer(200, _success("partial_success", 2, 1, errors)) == Accepted({1: "phone_number empty"})


def test_several_errors_of_one_contact_are_all_kept() -> None:
    errors = ["contact[1] error : phone_number empty", "contact[1] error : email odd"]

    assert _answer(200, _success("partial_success", 2, 1, errors)) == Accepted({1: "phone_number empty; email odd"})


@pytest.mark.parametrize(
    "value",
    [
        _success("success", 2, 0, []),
        _success("success", 4, 0, []),
        _success("success", "3", 0, []),
        _success("success", 3.0, 0, []),
        _success("success", True, 2, []),
        _success("success", 2, 1, ["contact[0] error : x"]),
        _success("partial_success", 3, 0, []),
        _success("partial_success", 2, 1, []),
        _success("partial_success", 2, 1, ["contact[3] error : x"]),
        _success("partial_success", 2, 1, ["odd words"]),
        _success("partial_success", 1, 2, ["contact[0] error : x", "contact[0] error : y"]),
        _success("partial_success", 4, -1, []),
        {"status": True, "message": "success"},
        {"status": True, "message": "hello", "data": {}},
        {"meta": {"code": 200, "status": "SUCCESS"}, "data": {}},
        {},
    ],
)
def test_what_does_not_prove_a_success_is_none(value: dict[str, Any]) -> None:
    assert isinstance(_answer(200, value), Inconsistent)


def test_a_refusal_of_all_names_each() -> None:
    data = {"message": "fail process data", "errors": ["contact[0] error : a", "contact[2] error : b"]}

    answer = _answer(400, {"status": False, "message": "fail", "data": data})

    assert isinstance(answer, AllRejected)
    assert answer.refused == {0: "a", 2: "b"}


@pytest.mark.parametrize(
    ("status", "value", "kind"),
    [
        (401, {"code": 401, "message": "Token expired"}, Denied),
        (403, {}, Denied),
        (200, {"code": 401, "message": "Token expired"}, Denied),
        (200, {"status": False, "message": "x", "data": {"invalid_token": True}}, Denied),
        (429, {}, Throttled),
        (200, {"status": False, "message": "x", "error": {"name": "OVER_LIMIT"}}, Throttled),
        (413, {}, TooLarge),
        (400, {"code": 400, "message": "x"}, AllRejected),
        (422, {"message": "x"}, AllRejected),
        (200, {"status": False, "message": "x", "data": {}, "error": {}}, Ambiguous),
        (200, {"status": False, "message": "x", "data": {"errors": ["odd words"]}}, Ambiguous),
        (200, {"message": "fail", "data": {"message": "fail process data", "errors": []}}, Ambiguous),
        (200, {"status": False, "data": {"errors": ["contact[1] error : x"]}}, AllRejected),
        (400, {"status": True, "message": "x", "data": {}}, Inconsistent),
        (301, {}, WrongEndpoint),
        (404, {}, WrongEndpoint),
        (503, {}, Unavailable),
        (200, {"status": False, "data": {"maintainence": True}}, Unavailable),
        (500, {}, Ambiguous),
        (502, {}, Ambiguous),
        (200, {"status": False, "message": "internal server error", "error": {"name": "CastError"}}, Ambiguous),
        (200, {"code": 500, "message": "x"}, Ambiguous),
        (200, [], Ambiguous),
        (200, "success", Ambiguous),
        (200, None, Ambiguous),
    ],
)
def test_status_and_body_are_read_together(status: int, value: Any, kind: type) -> None:
    assert isinstance(_answer(status, value), kind)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"status": tr', b"[" * 100_000, b"\xff\xfe", b'{"a": NaN}' * 2])
def test_a_success_without_json_is_ambiguous(body: bytes) -> None:
    assert isinstance(classify_response(200, {}, body, 3), Ambiguous)


def test_retry_after_is_read_in_both_forms() -> None:
    assert _answer(429, {}, headers={"retry-after": "7"}) == Throttled(7.0)
    assert _answer(429, {}, headers=_dates("08:49:37", "08:51:37")) == Throttled(120.0)
    assert _answer(429, {}, headers=_dates("08:51:37", "08:49:37")) == Throttled(0.0)
    assert _answer(429, {}, headers={"Retry-After": "Fri, 01 Jan 2010 00:00:00 GMT"}) == Throttled(None)
    assert _answer(429, {}, headers={"Retry-After": "soon"}) == Throttled(None)
    assert _answer(429, {}) == Throttled(None)


def _dates(now: str, then: str) -> dict[str, str]:
    return {"Date": f"Fri, 01 Jan 2010 {now} GMT", "Retry-After": f"Fri, 01 Jan 2010 {then} GMT"}


def test_a_success_beside_a_flag_or_code_is_a_contradiction_and_not_asked_again() -> None:
    yes = _success("success", 3, 0, [])

    for more in ({"maintainence": True}, {"code": 429}, {"error": {"name": "OVER_LIMIT"}}, {"status": False}):
        assert isinstance(_answer(200, yes | more), Inconsistent), more
    assert _answer(200, yes | {"maintainence": False, "invalid_token": ""}) == Accepted({})


def test_a_refusal_that_counts_some_as_taken_is_a_contradiction() -> None:
    data = {"success_data": 2, "failed_data": 1, "errors": ["contact[0] error : x"]}

    assert isinstance(_answer(400, {"message": "fail", "data": data}), Inconsistent)


@pytest.mark.parametrize(
    ("status", "value", "kind"),
    [
        (400, {"code": 401, "message": "Token expired"}, Denied),
        (200, {"code": "401", "message": "Token expired"}, Denied),
        (200, {"code": 400, "message": "x"}, AllRejected),
        (200, {"code": 413, "message": "x"}, TooLarge),
        (200, {"meta": {"code": 404}, "message": "x"}, WrongEndpoint),
        (400, {"status": False, "error": {"details": [{"code": "OVER_LIMIT"}]}}, Throttled),
    ],
)
def test_the_code_in_a_body_counts_when_the_status_says_less(status: int, value: Any, kind: type) -> None:
    assert isinstance(_answer(status, value), kind)


def test_a_contact_that_is_refused_without_a_word_still_has_a_reason() -> None:
    answer = _answer(200, _success("partial_success", 2, 1, ["contact[0] error : "]))

    assert isinstance(answer, Accepted)
    assert answer.refused[0]


def test_texts_of_another_shape_are_kept_too() -> None:
    answer = _answer(200, _success("partial_success", 2, 1, {"0": "odd words"}))

    assert isinstance(answer, Inconsistent)
    assert '{"0": "odd words"}' in answer.messages


@pytest.mark.parametrize("depth", [1000, 9000, 9900, 20_000, 100_000])
def test_deep_json_is_no_success_and_no_crash(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    body = b'{"message": "success", "data": {"success_data": 2, "failed_data": 1, "errors": [' + deep + b"]}}"

    assert isinstance(classify_response(200, {}, body, 3), Ambiguous | Inconsistent)


def test_words_are_bounded_and_printable() -> None:
    answer = _answer(400, {"code": 400, "message": "a\x00\n" + "b" * 9999})

    assert isinstance(answer, AllRejected)
    assert len(answer.reason) <= 500
    assert answer.reason.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 600) | st.text(max_size=8) | st.sampled_from(["success", "fail"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "message", "data", "errors", "error", "code", "meta", "success_data", "failed_data"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 599), JSON, st.integers(1, 3))
def test_no_answer_breaks_the_reader_and_none_is_a_success_by_chance(status: int, value: Any, sent: int) -> None:
    answer = _answer(status, value, sent)

    if isinstance(answer, Accepted):
        assert 200 <= status < 300
        assert value["data"]["success_data"] + value["data"]["failed_data"] == sent
