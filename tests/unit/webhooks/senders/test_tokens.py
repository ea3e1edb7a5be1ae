import base64
import json
from types import MappingProxyType
from urllib.parse import urlencode

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.domain.roles import Role
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.redaction import redact_request
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.tokens import find_token, has_token
from tests.signers import NOW

TOKEN = "t0ken+with/odd=letters"
BASIC = base64.b64encode(f"cellcast:{TOKEN}".encode()).decode()
URL = "https://hooks.example.com/hooks/website"
FORM = "application/x-www-form-urlencoded"


def _post(
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    kind: str = "application/json",
) -> HttpRequest:
    url = f"{URL}?{urlencode(query)}" if query else URL
    named = {"content-type": kind} | (headers or {})
    return HttpRequest("POST", "/hooks/website", url, MappingProxyType(named), MappingProxyType(query or {}), body)


IN_FRONT = [
    _post({"authorization": f"Bearer {TOKEN}"}),
    _post({"authorization": f"bearer  {TOKEN} "}),
    _post({"authorization": TOKEN}),
    _post({"authorization": f"Token {TOKEN}"}),
    _post({"authorization": f"Basic {BASIC}"}),
    _post({"x-api-key": TOKEN}),
    _post({"x-whatever": TOKEN}),
    _post(query={"token": TOKEN}),
    _post(query={"a": "1", "key": TOKEN}),
]
MULTIPART = (
    b'--b1\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    b'--b1\r\nContent-Disposition: form-data; name="token"\r\n\r\n' + TOKEN.encode() + b"\r\n--b1--\r\n"
)
INSIDE = [
    _post(body=json.dumps({"google_key": TOKEN, "lead_id": "1"}).encode()),
    _post(body=json.dumps({"a": [{"b": {"token": TOKEN}}]}).encode()),
    _post(body=urlencode({"a": "1", "HandshakeKey": TOKEN}).encode(), kind=FORM),
    _post(body=MULTIPART, kind="multipart/form-data; boundary=b1"),
]


@pytest.mark.parametrize("post", IN_FRONT)
def test_a_token_in_front_opens_the_door_of_its_sender_and_in_a_header_the_api(post: HttpRequest) -> None:
    assert has_token(post, ("other", TOKEN)) == (not post.query)
    assert verify_signature(post, WebhookSender("website", "token", ("other", TOKEN)), NOW) == ""


@pytest.mark.parametrize("post", INSIDE)
def test_a_token_inside_opens_the_door_of_its_sender(post: HttpRequest) -> None:
    assert verify_signature(post, WebhookSender("website", "token", (TOKEN,)), NOW) == ""
    assert not has_token(post, (TOKEN,))


@pytest.mark.parametrize(
    "post",
    [
        _post(),
        _post({"authorization": "Bearer"}),
        _post({"authorization": ""}, {"token": ""}),
        _post({"authorization": f"Bearer {TOKEN[:-1]}"}),
        _post({"authorization": f"Bearer {TOKEN}x"}),
        _post({"authorization": f"Bearer {TOKEN.upper()}"}),
        _post({"authorization": "Basic !!!"}),
        _post({"authorization": "Bearer \udcff\ud800ü"}),
        _post({"authorization": "Bearer " + "x" * 1_000_000}),
        _post({"cookie": TOKEN}),
        _post(body=b'{"token": ""}'),
        _post(body=b"{" * 100_000),
        _post(body=b"[" * 100_000),
        _post(body=b'{"token": ' + b"9" * 10_000 + b"}"),
        _post(body=TOKEN.encode()),
        _post(body=b"token=%FF%00", kind=FORM),
        _post(body=b"a&" * 300_000, kind=FORM),
        _post(body=MULTIPART, kind="multipart/form-data"),
        _post(body=b"--b\r\n" * 100_000, kind="multipart/form-data; boundary=b"),
    ],
)
def test_whoever_has_no_token_stays_outside(post: HttpRequest) -> None:
    sender = WebhookSender("website", "token", (TOKEN, "", " "))

    assert verify_signature(post, sender, NOW) == "no token, or a wrong one"
    assert not has_token(post, (TOKEN, "", " "))
    assert not has_token(post, ())


@pytest.mark.parametrize("post", [IN_FRONT[0], IN_FRONT[4], IN_FRONT[5], IN_FRONT[7]])
def test_the_token_of_a_post_can_be_told(post: HttpRequest) -> None:
    assert find_token(post) == TOKEN


def test_a_post_without_a_token_has_none() -> None:
    assert find_token(_post()) == ""


@pytest.mark.parametrize("post", [*IN_FRONT, *INSIDE])
def test_what_is_kept_has_no_token_in_it(post: HttpRequest) -> None:
    kept = redact_request(post, [TOKEN])

    for spelling in (TOKEN, BASIC, urlencode({"": TOKEN})[1:]):
        assert spelling not in f"{kept.url} {dict(kept.headers)} {dict(kept.query)} {kept.body.decode()}"
    assert kept.path == post.path


def test_jotform_repeats_its_address_and_the_token_in_it_is_not_kept() -> None:
    body = urlencode(
        {
            "webhookURL": f"{URL}?{urlencode({'token': TOKEN})}",
            "rawRequest": json.dumps({"q3_phone": {"full": "0491 570 156"}, "q4_note": f"I know {TOKEN}"}),
            "submissionID": "12",
        }
    ).encode()

    found = extract_people(_post(body=body, kind=FORM), WebhookSender("website", "token", (TOKEN,)))

    details = found.people[0].fields
    assert (Role.PHONE, "0491 570 156") in [(one.role, one.value) for one in details]
    assert f"{URL}?token=***" in [one.value for one in details]
    assert TOKEN not in str(found)


def test_a_token_that_looks_like_a_phone_takes_nothing_from_a_contact() -> None:
    body = b'{"phone": "0491570156", "name": "Jo Citizen"}'

    found = extract_people(_post(body=body), WebhookSender("website", "token", ("570156", "Citizen")))

    assert {"0491570156", "Jo Citizen"} <= {one.value for one in found.people[0].fields}


@pytest.mark.parametrize("post", [post for post in IN_FRONT if "x-whatever" not in post.headers])
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

    kept = redact_request(_post(headers))

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
    assert redact_request(_post(body=body)).body == kept


@pytest.mark.parametrize(
    "body",
    [b'name="token"\n' * 80_000, b"&token=" * 150_000, b'"google_key":' * 80_000, b"<SessionId " * 90_000],
)
def test_a_body_that_is_made_to_take_long_does_not(body: bytes) -> None:
    assert redact_request(_post(body=body), ["s3cret-s3cret"]).body
