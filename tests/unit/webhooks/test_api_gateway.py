import base64
from typing import Any

import pytest

from contact_import.domain.http import HttpResponse
from contact_import.errors import EventError
from contact_import.webhooks.api_gateway import format_response, parse_request


def _event(**changes: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/hooks/website",
        "rawQueryString": "",
        "headers": {"host": "abc.execute-api.example", "content-type": "application/json"},
        "requestContext": {"domainName": "abc.execute-api.example", "http": {"method": "POST"}},
        "body": "{}",
        "isBase64Encoded": False,
        **changes,
    }


def test_the_bytes_are_those_that_were_sent() -> None:
    text, binary = "name=Zoë", b"\xff\x00 name=Zo\xc3\xab"

    assert parse_request(_event(body=text)).body == text.encode()
    assert parse_request(_event(body=base64.b64encode(binary).decode(), isBase64Encoded=True)).body == binary
    assert parse_request({**_event(), "body": None}).body == b""


def test_path_and_query_are_decoded_and_the_address_is_not() -> None:
    post = parse_request(_event(rawPath="/hooks/my%20site", rawQueryString="token=a%2Bb&token=c&empty="))

    assert post.path == "/hooks/my site"
    assert post.query == {"token": "a+b", "empty": ""}
    assert post.url == "https://abc.execute-api.example/hooks/my%20site?token=a%2Bb&token=c&empty="


def test_headers_are_found_whatever_their_case_and_cookies_are_a_header_again() -> None:
    post = parse_request(_event(headers={"X-Signature": "a,b", "Host": "h"}, cookies=["a=1", "b=2"]))

    assert (post.headers["x-signature"], post.headers["cookie"]) == ("a,b", "a=1; b=2")


def test_the_address_is_the_one_that_senders_see() -> None:
    assert parse_request(_event(), "https://hooks.example.com/in").url == "https://hooks.example.com/in/hooks/website"
    assert parse_request(_event(headers={"host": "127.0.0.1:8080", "x-forwarded-proto": "http"})).url == (
        "http://127.0.0.1:8080/hooks/website"
    )


def test_neither_a_token_nor_a_person_is_in_its_repr() -> None:
    post = parse_request(
        _event(rawQueryString="token=t0p", body="Zebedee", headers={"authorization": "t0p", "host": "h"})
    )

    assert "t0p" not in repr(post)
    assert "Zebedee" not in repr(post)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        _event(requestContext={}),
        _event(isBase64Encoded=True, body="no base64!"),
        _event(headers=["x"]),
        _event(headers={}, requestContext={"http": {"method": "GET"}}),
    ],
)
def test_an_event_of_another_kind_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        parse_request(event)


def test_an_answer_goes_out_as_it_is() -> None:
    assert format_response(HttpResponse(202, {"Retry-After": "5"}, "{}")) == {
        "statusCode": 202,
        "headers": {"Retry-After": "5"},
        "body": "{}",
        "isBase64Encoded": False,
    }
