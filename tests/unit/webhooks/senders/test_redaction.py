"""A stored request contains no token, signature or secret."""

import json
from urllib.parse import urlencode

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.domain.roles import Role
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.redaction import redact_request
from tests.token_requests import (
    BASIC,
    FORM,
    TOKEN,
    TOKEN_IN_BODY,
    TOKEN_IN_FRONT,
    URL,
    make_request,
)


@pytest.mark.parametrize("post", [*TOKEN_IN_FRONT, *TOKEN_IN_BODY])
def test_what_is_kept_has_no_token_in_it(post: HttpRequest) -> None:
    kept = redact_request(post, [TOKEN])
    body = kept.body.decode("utf-8", "replace")

    for spelling in (TOKEN, BASIC, urlencode({"": TOKEN})[1:]):
        assert spelling not in f"{kept.url} {dict(kept.headers)} {dict(kept.query)} {body}"
    assert kept.path == post.path


def test_jotform_repeats_its_address_and_the_token_in_it_is_not_kept() -> None:
    body = urlencode(
        {
            "webhookURL": f"{URL}?{urlencode({'token': TOKEN})}",
            "rawRequest": json.dumps({"q3_phone": {"full": "0491 570 156"}, "q4_note": f"I know {TOKEN}"}),
            "submissionID": "12",
        }
    ).encode()

    found = extract_people(make_request(body=body, kind=FORM), WebhookSender("website", "token", (TOKEN,)))

    details = found.people[0].fields
    assert (Role.PHONE, "0491 570 156") in [(one.role, one.value) for one in details]
    assert f"{URL}?token=***" in [one.value for one in details]
    assert TOKEN not in str(found)


def test_a_token_that_looks_like_a_phone_takes_nothing_from_a_contact() -> None:
    body = b'{"phone": "0491570156", "name": "Jo Citizen"}'

    found = extract_people(make_request(body=body), WebhookSender("website", "token", ("570156", "Citizen")))

    assert {"0491570156", "Jo Citizen"} <= {one.value for one in found.people[0].fields}


@pytest.mark.parametrize("post", [post for post in TOKEN_IN_FRONT if "x-whatever" not in post.headers])
def test_a_token_in_its_usual_place_is_found_without_knowing_it(post: HttpRequest) -> None:
    kept = redact_request(post)

    assert TOKEN not in f"{kept.url} {dict(kept.headers)} {dict(kept.query)}"
    assert "key=" not in kept.url


def test_a_password_before_the_host_is_not_kept() -> None:
    post = HttpRequest("POST", "/hooks/website", "https://jo:pass@hooks.example.com/hooks/website", {}, {})

    assert redact_request(post).url == URL


def test_signatures_and_cookies_are_not_kept_and_the_delivery_id_is() -> None:
    headers = {
        "x-shopify-hmac-sha256": "c2ln",
        "x-hub-signature": "sha1=00",
        "stripe-signature": "t=1,v1=00",
        "cookie": "session=1",
        "proxy-authorization": "Basic eA==",
        "x-forwarded-for": "203.0.113.9",
        "x-shopify-event-id": "e-1",
        "x-shopify-topic": "customers/create",
        "webhook-id": "msg_1",
    }

    kept = redact_request(make_request(headers))

    assert dict(kept.headers) == {
        "content-type": "application/json",
        "x-shopify-event-id": "e-1",
        "x-shopify-topic": "customers/create",
        "webhook-id": "msg_1",
    }


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"google_key": "k\\"ey", "lead_id": "1"}', b'{"google_key": "***", "lead_id": "1"}'),
        (b"<sf:SessionId>00D!x</sf:SessionId><Id>1</Id>", b"<sf:SessionId>***</sf:SessionId><Id>1</Id>"),
        (b'<SessionId xsi:type="a">x</SessionId>', b'<SessionId xsi:type="a">***</SessionId>'),
        (b"a=1&HandshakeKey=x%20y&b=2", b"a=1&HandshakeKey=***&b=2"),
        (b"token=x&b=2", b"token=***&b=2"),
        (b"u=https%3A%2F%2Fa.b%2Fc%3Ftoken%3Dx%26d%3De&b=2", b"u=https%3A%2F%2Fa.b%2Fc%3Ftoken%3D***%26d%3De&b=2"),
        (
            b'form-data; name="webhookURL"\r\n\r\nhttps://a.b/c?d=e&api_key=x\r\n--b',
            b'form-data; name="webhookURL"\r\n\r\nhttps://a.b/c?d=e&api_key=***\r\n--b',
        ),
        (b'form-data; name="token"\r\n\r\nx y\r\n--b', b'form-data; name="token"\r\n\r\n***\r\n--b'),
        (b'{"raw": "{\\"api_key\\":\\"x\\",\\"q\\":1}"}', b'{"raw": "{\\"api_key\\":\\"***\\",\\"q\\":1}"}'),
        (b'{"form_response": {"token": "a3a12e"}}', b'{"form_response": {"token": "a3a12e"}}'),
        (
            '{"n": "Noël", "phone": 614915701560000000001}'.encode(),
            '{"n": "Noël", "phone": 614915701560000000001}'.encode(),
        ),
        (bytes(range(256)), bytes(range(256))),
    ],
)
def test_secrets_that_hide_in_bodies_are_starred_and_the_rest_stays(body: bytes, kept: bytes) -> None:
    assert redact_request(make_request(body=body)).body == kept


@pytest.mark.parametrize(
    "body",
    [b'name="token"\n' * 80_000, b"&token=" * 150_000, b'"google_key":' * 80_000, b"<SessionId " * 90_000],
)
def test_a_body_that_is_made_to_take_long_does_not(body: bytes) -> None:
    assert redact_request(make_request(body=body), ["s3cret-s3cret"]).body
