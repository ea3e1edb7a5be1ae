import json
from pathlib import Path
from types import MappingProxyType

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.handshakes import answer_challenge, answer_handshake, build_acknowledgement

FIXTURES = Path(__file__).parents[3] / "fixtures" / "webhooks"
HANDSHAKES = {path.parent.name: json.loads(path.read_text("utf-8")) for path in FIXTURES.glob("*/handshake.json")}
META = WebhookSender("leads", "meta", ("app-secret", "verify-me"))
_SIGNED = "1e67187e50a5ca19fc8a70ada83b125475cd48311008c2c13c0b183b0245bf02"
SHOP = WebhookSender("shop", "woocommerce", ("s3cret",))


def _post(method: str, query: dict[str, str] | None = None, body: bytes = b"", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(
        method, "/hooks/x", "https://a.b/hooks/x", MappingProxyType(named), MappingProxyType(query or {}), body
    )


@pytest.mark.parametrize("name", HANDSHAKES)
def test_each_handshake_of_a_sender_gets_its_answer(name: str) -> None:
    shake = HANDSHAKES[name]
    request = HttpRequest(
        shake["method"], "/hooks/x", "https://a.b/hooks/x", shake["headers"], shake["query"], shake["body"].encode()
    )
    sender = WebhookSender("x", shake["scheme"], tuple(shake["secrets"]))

    answer = answer_handshake(request, sender) or answer_challenge(request, sender)

    assert answer
    assert (answer.status, answer.body) == (shake["answer"]["status"], shake["answer"]["body"])
    assert answer.headers.items() >= shake["answer"].get("headers", {}).items()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_looks_whether_someone_is_here_gets_an_answer(method: str) -> None:
    answer = answer_handshake(_post(method), SHOP)

    assert answer
    assert answer.status == 200


def test_meta_gets_its_challenge_back_as_text() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}

    answer = answer_handshake(_post("GET", query), META)

    assert answer
    assert (answer.status, answer.body) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("token", ["", "verify-m", "verify-mee", "ü", "\ud800"])
def test_no_one_else_gets_a_challenge_back(token: str) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "<script>"}

    long = query | {"hub.verify_token": "verify-me", "hub.challenge": "<script>" * 999}
    for asked in (query, {"hub.challenge": "<script>"}, long):
        answer = answer_handshake(_post("GET", asked), META)
        assert answer
        assert answer.status == 401
        assert "script" not in answer.body


def test_cloudevents_get_permission_to_come() -> None:
    answer = answer_handshake(_post("OPTIONS", webhook_request_origin="eventemitter.example.com"), SHOP)

    assert answer
    assert answer.status == 200
    assert answer.headers["webhook-allowed-origin"] == "eventemitter.example.com"


def test_an_origin_cannot_write_headers() -> None:
    answer = answer_handshake(_post("OPTIONS", webhook_request_origin="a\r\nset-cookie: b"), SHOP)

    assert answer
    assert "webhook-allowed-origin" not in answer.headers


def test_woocommerces_ping_is_welcome_though_it_is_unsigned() -> None:
    answer = answer_handshake(_post("POST", body=b"webhook_id=142"), SHOP)

    assert answer
    assert answer.status == 200


@pytest.mark.parametrize(
    ("sender", "body"), [(SHOP, b"webhook_id=142&phone=0491570156"), (SHOP, b"{}"), (META, b"webhook_id=142")]
)
def test_a_delivery_is_no_handshake(sender: WebhookSender, body: bytes) -> None:
    assert answer_handshake(_post("POST", body=body), sender) is None


def test_a_challenge_in_an_authentic_post_goes_back() -> None:
    answer = answer_challenge(_post("POST", body=b'{"challenge": "3eZbrw1aB"}'), SHOP)

    assert answer
    assert json.loads(answer.body) == {"challenge": "3eZbrw1aB"}


def test_zoom_gets_its_word_back_signed() -> None:
    """The signature was made with openssl."""
    body = b'{"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}}'

    answer = answer_challenge(_post("POST", body=body), WebhookSender("zoom", "token", ("123456",)))

    assert answer
    assert json.loads(answer.body)["plainToken"] == "qgg8vlvZRS6UYooatFL8Aw"
    assert json.loads(answer.body)["encryptedToken"] == _SIGNED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b'{"challenge": 1}',
        b'{"challenge": ""}',
        b'{"name": "Jo", "phone": "0491570156", "email": "jo@example.com", "challenge": "marathon", "age": 4}',
        b'{"event": "endpoint.url_validation", "payload": []}',
        b'{"challenge": "' + b"x" * 9999 + b'"}',
        b"{" * 2000,
        b"challenge=marathon&name=Jo",
        b"mode=subscribe&challenge=x&name=Jo&phone=0491570156&email=jo%40example.com",
        b"mode=subscribe&challenge=" + b"x" * 600,
        b"mode=subscribe",
    ],
)
def test_a_delivery_is_not_sent_back(body: bytes) -> None:
    assert answer_challenge(_post("POST", body=body), SHOP) is None


def test_salesforce_is_acknowledged_in_its_own_words() -> None:
    body = b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><Id>1</Id></notifications>'

    answer = build_acknowledgement(_post("POST", body=body))

    assert answer
    assert "<Ack>true</Ack>" in answer.body
    assert build_acknowledgement(_post("POST", body=b"{}")) is None
