"""Tokens of API callers and of senders that cannot sign."""

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.tokens import has_any_secret, has_matching_secret, has_token
from tests.signers import NOW
from tests.token_requests import (
    FORM,
    MULTIPART,
    TOKEN,
    TOKEN_IN_BODY,
    TOKEN_IN_FRONT,
    make_request,
)


@pytest.mark.parametrize("post", TOKEN_IN_FRONT)
def test_a_token_in_front_opens_the_route_of_its_sender_and_in_a_header_the_api(post: HttpRequest) -> None:
    assert has_token(post, ("other", TOKEN)) == (not post.query)
    assert verify_signature(post, WebhookSender("website", "token", ("other", TOKEN)), NOW) == ""


@pytest.mark.parametrize("post", TOKEN_IN_BODY)
def test_a_token_inside_opens_the_route_of_its_sender(post: HttpRequest) -> None:
    assert verify_signature(post, WebhookSender("website", "token", (TOKEN,)), NOW) == ""
    assert not has_token(post, (TOKEN,))


@pytest.mark.parametrize(
    "post",
    [
        make_request(),
        make_request({"authorization": "Bearer"}),
        make_request({"authorization": ""}, {"token": ""}),
        make_request({"authorization": f"Bearer {TOKEN[:-1]}"}),
        make_request({"authorization": f"Bearer {TOKEN}x"}),
        make_request({"authorization": f"Bearer {TOKEN.upper()}"}),
        make_request({"authorization": "Basic !!!"}),
        make_request({"authorization": "Bearer \udcff\ud800ü"}),
        make_request({"authorization": "Bearer " + "x" * 1_000_000}),
        make_request({"cookie": TOKEN}),
        make_request(body=b'{"token": ""}'),
        make_request(body=b"{" * 100_000),
        make_request(body=b"[" * 100_000),
        make_request(body=b'{"token": ' + b"9" * 10_000 + b"}"),
        make_request(body=TOKEN.encode()),
        make_request(body=b"token=%FF%00", kind=FORM),
        make_request(body=b"a&" * 300_000, kind=FORM),
        make_request(body=MULTIPART, kind="multipart/form-data"),
        make_request(body=b"--b\r\n" * 100_000, kind="multipart/form-data; boundary=b"),
    ],
)
def test_whoever_has_no_token_stays_outside(post: HttpRequest) -> None:
    sender = WebhookSender("website", "token", (TOKEN, "", " "))

    assert verify_signature(post, sender, NOW) == "no token, or a wrong one"
    assert not has_token(post, (TOKEN, "", " "))
    assert not has_token(post, ())


def test_only_a_secret_that_is_not_empty_matches() -> None:
    assert has_matching_secret(["", "a", "b"], ("b",))
    assert not has_matching_secret(["", " "], ("", " "))
    assert not has_matching_secret([], ("b",))


def test_a_secret_may_be_in_any_place_of_a_form() -> None:
    assert all(has_any_secret(one, (TOKEN,)) for one in (*TOKEN_IN_BODY, *TOKEN_IN_FRONT))
