import base64
import hmac
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from standardwebhooks.webhooks import Webhook

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.provider import Scheme
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.signature import verify_signature
from tests.schemes import SCHEMES
from tests.signers import NOW, SIGNERS, URL, make_secret

BODY = '{"name": "Noël", "phone": "0491 570 156"}'.encode()
DATED = [name for name, scheme in SCHEMES.items() if scheme.has_timestamp]


def _post(headers: dict[str, str], body: bytes = BODY, url: str = URL, method: str = "POST") -> HttpRequest:
    return HttpRequest(method, "/hooks/website", url, MappingProxyType(headers), MappingProxyType({}), body)


def _sender(scheme: str, *secrets: str) -> WebhookSender:
    return WebhookSender("website", scheme, secrets or (make_secret(scheme),))


def _signed(scheme: str, at: datetime = NOW, body: bytes = BODY, seed: str = "a") -> dict[str, str]:
    return SIGNERS[scheme](make_secret(scheme, seed), body, at)


def test_there_is_a_signer_for_every_scheme() -> None:
    assert set(SIGNERS) == set(SCHEMES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_the_sender_signed_is_authentic(scheme: str) -> None:
    assert verify_signature(_post(_signed(scheme)), _sender(scheme), NOW) == ""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("body", [b"", bytes(range(256)) * 10, b" " + BODY, BODY + b"\n"])
def test_the_signature_is_over_the_bytes_as_sent(scheme: str, body: bytes) -> None:
    headers = _signed(scheme, body=body)

    assert verify_signature(_post(headers, body), _sender(scheme), NOW) == ""
    assert verify_signature(_post(headers, body + b"!"), _sender(scheme), NOW) == "a wrong signature"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_old_and_new_secret_are_valid_at_once(scheme: str) -> None:
    sender = _sender(scheme, make_secret(scheme, "old"), make_secret(scheme, "new"))

    for seed in ("old", "new"):
        assert verify_signature(_post(_signed(scheme, seed=seed)), sender, NOW) == ""
    assert verify_signature(_post(_signed(scheme, seed="stolen")), sender, NOW) == "a wrong signature"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_secret_matches_nothing(scheme: str) -> None:
    for empty in ("", " ") if scheme not in ("standard_webhooks", "svix") else ("whsec_", ""):
        headers = SIGNERS[scheme](empty, BODY, NOW)

        assert verify_signature(_post(headers), _sender(scheme, empty, make_secret(scheme)), NOW) == "a wrong signature"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("spoil", ["cut", "longer", "case", "letters", "huge", "many", "empty", "surrogate", "nul"])
def test_a_spoilt_signature_is_no_signature(scheme: str, spoil: str) -> None:
    headers = _signed(scheme)
    name = SCHEMES[scheme].header
    right = headers[name]
    headers[name] = {
        "cut": right.removesuffix(",v0=00")[:-3],
        "longer": right.removesuffix(",v0=00") + "00",
        "case": right.swapcase() if SCHEMES[scheme].encoding == "base64" else "sha512=" + right,
        "letters": "sha256=" + "ü" * 44,
        "huge": right + " " * 5 + "A" * 1_000_000,
        "many": "v1,AAAA " * 100_000,
        "empty": "",
        "surrogate": "\udcff\ud800",
        "nul": "\0" * 64,
    }[spoil]

    assert verify_signature(_post(headers), _sender(scheme), NOW) != ""


@pytest.mark.parametrize("scheme", ["tally", "shopify", "squarespace", "webflow", "hubspot_v1", "hubspot_v3"])
def test_the_right_digest_in_the_wrong_letters_is_no_signature(scheme: str) -> None:
    headers = _signed(scheme)
    name = SCHEMES[scheme].header
    in_hex = SCHEMES[scheme].encoding == "hex"
    digest = bytes.fromhex(headers[name]) if in_hex else base64.b64decode(headers[name])
    headers[name] = base64.b64encode(digest).decode() if in_hex else digest.hex()

    assert verify_signature(_post(headers), _sender(scheme), NOW) == "a wrong signature"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_its_headers_a_delivery_is_a_stranger(scheme: str) -> None:
    headers = _signed(scheme)

    for name in headers:
        rest = {other: value for other, value in headers.items() if other != name}
        assert verify_signature(_post(rest), _sender(scheme), NOW).startswith("no ")


@pytest.mark.parametrize("scheme", DATED)
def test_a_delivery_of_another_hour_is_a_replay(scheme: str) -> None:
    tolerance = timedelta(seconds=SCHEMES[scheme].tolerance)
    post = _post(_signed(scheme))

    for just_in_time in (NOW + tolerance, NOW - tolerance):
        assert verify_signature(post, _sender(scheme), just_in_time) == ""
    for too_far in (NOW + tolerance + timedelta(seconds=1), NOW - tolerance - timedelta(seconds=1)):
        assert verify_signature(post, _sender(scheme), too_far) == "a timestamp too far from now"


@pytest.mark.parametrize("scheme", DATED)
@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e3", "٣", "9" * 400, "99999999999999999", "Mon, 99 Foo 2026"])
def test_a_timestamp_that_is_none_lets_no_one_in(scheme: str, stamp: str) -> None:
    headers = _signed(scheme)
    if SCHEMES[scheme].header_format == "kv":
        headers[SCHEMES[scheme].header] = f"t={stamp}," + headers[SCHEMES[scheme].header].split(",", 1)[1]
    else:
        headers[SCHEMES[scheme].ts_header] = stamp

    assert verify_signature(_post(headers), _sender(scheme), NOW) != ""


@pytest.mark.parametrize("scheme", DATED)
def test_a_younger_timestamp_does_not_make_an_old_delivery_new(scheme: str) -> None:
    old, fresh = _signed(scheme, NOW - timedelta(hours=1)), _signed(scheme)
    if SCHEMES[scheme].header_format == "kv":
        name = SCHEMES[scheme].header
        old[name] = fresh[name].split(",")[0] + "," + old[name].split(",", 1)[1]
    else:
        old[SCHEMES[scheme].ts_header] = fresh[SCHEMES[scheme].ts_header]

    assert verify_signature(_post(old), _sender(scheme), NOW) == "a wrong signature"


@pytest.mark.parametrize("scheme", ["hubspot_v3", "hubspot_v2"])
def test_an_address_that_is_signed_too_must_be_the_right_one(scheme: str) -> None:
    post = _post(_signed(scheme), url=URL.replace("a=1", "a=2"))

    assert verify_signature(post, _sender(scheme), NOW) == "a wrong signature"


_HUBSPOT = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
_EVENTS = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    b'"changeFlag":"NEW","appId":54321}]'
)
_HUBSPOT_URL = "https://www.example.com/webhook_uri"


@pytest.mark.parametrize(
    ("scheme", "method", "body", "signature"),
    [
        ("hubspot_v1", "POST", _EVENTS, "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"),
        ("hubspot_v2", "GET", b"", "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"),
        (
            "hubspot_v2",
            "POST",
            b'{"example_field":"example_value"}',
            "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
        ),
    ],
)
def test_hubspots_published_examples(scheme: str, method: str, body: bytes, signature: str) -> None:
    post = _post({"x-hubspot-signature": signature}, body, _HUBSPOT_URL, method)

    assert verify_signature(post, _sender(scheme, _HUBSPOT), NOW) == ""


@pytest.mark.parametrize("query", ["?x=a:b", "?x=a%3Ab", "?x=a%3ab"])
def test_hubspots_third_version_reads_an_address_with_or_without_escapes(query: str) -> None:
    """The signature was made by HubSpot's own client for `?x=a:b`."""
    headers = {
        "x-hubspot-signature-v3": "pGaqipPiYpnRzTHQquj/LJH83HMaMUaJ132HqlEOjx8=",
        "x-hubspot-request-timestamp": "1700000000000",
    }

    post = _post(headers, _EVENTS, _HUBSPOT_URL + query)

    assert (
        verify_signature(post, _sender("hubspot_v3", _HUBSPOT), datetime.fromtimestamp(1_700_000_000, NOW.tzinfo)) == ""
    )


def test_the_standards_own_library_agrees() -> None:
    secret = make_secret("standard_webhooks")
    signature = Webhook(secret).sign("msg_1", NOW, BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": signature}

    for scheme, named in (("standard_webhooks", "webhook"), ("svix", "svix")):
        renamed = {name.replace("webhook", named, 1): value for name, value in headers.items()}
        assert verify_signature(_post(renamed), _sender(scheme, secret), NOW) == ""
        bare = _sender(scheme, secret.removeprefix("whsec_"))
        assert verify_signature(_post(renamed), bare, NOW) == ""


def test_one_right_signature_among_others_is_enough() -> None:
    headers = _signed("standard_webhooks")
    headers["webhook-signature"] = f"v1,AAAA v1a,xyz {headers['webhook-signature']} v2,zzz"

    assert verify_signature(_post(headers), _sender("standard_webhooks"), NOW) == ""


def test_stripes_other_signatures_do_not_count() -> None:
    headers = _signed("stripe")
    headers["stripe-signature"] = headers["stripe-signature"].replace("v1=", "v0=")

    assert verify_signature(_post(headers), _sender("stripe"), NOW) == "no signature"


def test_hex_is_read_in_either_case() -> None:
    headers = _signed("webflow")
    headers["x-webflow-signature"] = headers["x-webflow-signature"].upper()

    assert verify_signature(_post(headers), _sender("webflow"), NOW) == ""


def test_a_sender_can_describe_its_own_signature() -> None:
    zoom = Scheme("x-zm-signature", "v0:{ts}:{body}", prefix="v0=", ts_header="x-zm-request-timestamp")
    sender = WebhookSender("zoom", "described", ("s3cret",), custom_scheme=zoom)
    stamp = str(int(NOW.timestamp()))
    signature = hmac.new(b"s3cret", f"v0:{stamp}:".encode() + BODY, "sha256").hexdigest()

    for given, verdict in ((signature, ""), (signature[::-1], "a wrong signature")):
        post = _post({"x-zm-signature": f"v0={given}", "x-zm-request-timestamp": stamp})
        assert verify_signature(post, sender, NOW) == verdict
