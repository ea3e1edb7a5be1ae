"""Queries: retried within the outage timeout, and everything but a clear error is an answer."""

from typing import Any

import pytest

from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.queries import QueryFailed, query
from contact_import.errors import SecretError, SecretUnavailableError
from tests.unit.fake_endpoint import (
    DENIED,
    NOT_FOUND,
    SERVER_ERROR,
    THROTTLED,
    TOO_LARGE,
    UNAVAILABLE,
    Endpoint,
    Play,
    be_unreachable,
    lose_response,
    respond,
)

FOUND = {"status": True, "message": "success", "data": {"name": "Ann's shop"}}
ANSWER = respond(200, FOUND)


@pytest.mark.parametrize("fault", [THROTTLED, UNAVAILABLE, SERVER_ERROR, lose_response, be_unreachable])
def test_a_passing_fault_is_retried_even_when_the_request_may_have_arrived(fault: Play) -> None:
    endpoint = Endpoint(fault, fault, ANSWER)

    assert query(endpoint.build_client(on_ambiguous="hold"), "/x") == FOUND
    assert len(endpoint.seen) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (THROTTLED, "Cellcast is too busy"),
        (respond(429, {}, Retry_After="50"), "Cellcast is too busy"),
        (UNAVAILABLE, "HTTP 503"),
        (lose_response, "there was no response in time"),
        (respond(503, {}, Retry_After="9999"), "HTTP 503"),
    ],
)
def test_a_lasting_fault_ends_after_the_outage_timeout_and_stops_nothing_else(fault: Play, reason: str) -> None:
    endpoint = Endpoint(fault)
    client = endpoint.build_client()

    assert query(client, "/x") == QueryFailed(reason)
    assert endpoint.now - 1000 <= client.outage_timeout + 0.1
    assert (client.stop_reason, client.slowest_seconds) == ("", 0.0)
    assert client.rate_limiter.wait(1.0) == 0


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (DENIED, QueryFailed("Cellcast rejected the API key", is_denied=True)),
        (NOT_FOUND, QueryFailed("HTTP 404")),
        (TOO_LARGE, QueryFailed("the request was too large")),
        (respond(400, {"message": "odd"}), QueryFailed("odd")),
        (respond(200, FOUND | {"status": False}), QueryFailed("the response says both success and failure")),
    ],
)
def test_a_clear_error_is_not_retried(fault: Play, failure: QueryFailed) -> None:
    endpoint = Endpoint(fault)

    assert query(endpoint.build_client(), "/x") == failure
    assert len(endpoint.seen) == 1


def test_a_new_key_is_tried_once() -> None:
    endpoint = Endpoint(DENIED, ANSWER)

    assert query(endpoint.build_client(keys=("old", "new")), "/x") == FOUND
    assert endpoint.keys == ["old", "new"]


@pytest.mark.parametrize("error", [SecretError("empty"), SecretUnavailableError("later")])
def test_a_secret_that_cannot_be_read_fails_like_a_denied_key(error: SecretError) -> None:
    client = Endpoint(ANSWER).build_client()

    def fetch(_fresh: bool) -> str:
        raise error

    client.api_key = ApiKey(fetch)

    assert query(client, "/x") == QueryFailed(str(error), is_denied=True)


def test_without_time_or_after_a_stop_nothing_is_asked() -> None:
    endpoint = Endpoint(ANSWER)
    stopped = endpoint.build_client()
    stopped.stop("Cellcast could not be reached", is_failure=False)

    assert query(endpoint.build_client(seconds=0.5), "/x") == QueryFailed("there was no time left to query Cellcast")
    assert query(stopped, "/x") == QueryFailed("Cellcast could not be reached")
    assert endpoint.seen == []


@pytest.mark.parametrize(
    "data", [{}, {"data": None}, {"data": {"tags": ["maintenance"]}}, {"contacts": [{"code": 401}, "OVER_LIMIT"]}]
)
def test_whatever_is_no_error_is_an_answer(data: dict[str, Any]) -> None:
    assert query(Endpoint(respond(200, data)).build_client(), "/x") == data


@pytest.mark.parametrize("flag", ["invalid_token", "OVER_LIMIT"])
def test_a_flag_of_the_response_itself_is_an_error(flag: str) -> None:
    answer = query(Endpoint(respond(200, {"status": False, "data": {flag: True}})).build_client(seconds=3), "/x")

    assert isinstance(answer, QueryFailed)
