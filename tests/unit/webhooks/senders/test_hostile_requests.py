"""No hostile request is accepted by accident, and none makes the API fail."""

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.handshakes import answer_challenge, answer_handshake, build_acknowledgement
from contact_import.webhooks.senders.redaction import redact_request
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.signature_schemes import TOKEN
from contact_import.webhooks.senders.tokens import has_token
from tests.schemes import SCHEMES
from tests.signers import NOW, SIGNERS, make_secret

_NAMES = sorted(
    {name for scheme in SCHEMES.values() for name in (scheme.header, scheme.ts_header, scheme.id_header) if name}
    | {"authorization", "cookie", "content-type", "host", "webhook-request-origin", "x-api-key"}
)
_TEXTS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.sampled_from(
        [
            "sha256=",
            "t=1772366400,v1=",
            "v1,",
            "1772366400",
            "1772366400000",
            "Sun, 01 Mar 2026 12:00:00 GMT",
            "Basic Og==",
            "Bearer ",
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "text/xml",
        ]
    ),
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b'{"challenge": "x"}', b"webhook_id=1", b"a=b&token=c", b"--b\r\n\r\nx\r\n--b--", b"[[[", b'"\\ud800"']
    ),
)
_POSTS = st.builds(
    HttpRequest,
    method=st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "PUT", "\ud800"]),
    path=_TEXTS,
    url=st.one_of(_TEXTS, st.sampled_from(["https://[a/hooks/x?token=1", "https://a:b@c@d/hooks/x?#?", "?#@"])),
    headers=st.dictionaries(st.sampled_from(_NAMES), _TEXTS, max_size=6).map(MappingProxyType),
    query=st.dictionaries(st.one_of(_TEXTS, st.sampled_from(["token", "hub.challenge"])), _TEXTS, max_size=3),
    body=_BODIES,
)


@given(_POSTS)
@settings(max_examples=400, deadline=None)
def test_nothing_that_comes_in_breaks_the_way_to_its_answer(post: HttpRequest) -> None:
    for scheme in (TOKEN, *SCHEMES):
        sender = WebhookSender("website", scheme, (make_secret(scheme),))

        assert verify_signature(post, sender, NOW) != ""
        answer_handshake(post, sender)
        answer_challenge(post, sender)
    build_acknowledgement(post)
    assert not has_token(post, ("t0ken-t0ken",))
    kept = redact_request(post, ("t0ken-t0ken",))
    assert "authorization" not in kept.headers


@pytest.mark.parametrize("scheme", SCHEMES)
@given(body=_BODIES, at=st.integers(0, 10_000), to=st.integers(0, 255))
@settings(max_examples=50, deadline=None)
def test_one_other_byte_is_another_delivery(scheme: str, body: bytes, at: int, to: int) -> None:
    headers = SIGNERS[scheme](make_secret(scheme), body, NOW)
    changed = bytearray(body + b" ")
    changed[at % len(changed)] = to

    for sent, verdict in ((body, ""), (bytes(changed), "a wrong signature")):
        post = HttpRequest("POST", "/hooks/website", "https://hooks.example.com/hooks/website?a=1", headers, {}, sent)
        assert verify_signature(post, WebhookSender("website", scheme, (make_secret(scheme),)), NOW) == verdict
