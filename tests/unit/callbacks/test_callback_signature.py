"""Callbacks are verified by the reference library of Standard Webhooks, which is the oracle here."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contact_import.callbacks.callback_signature import build_signed_headers, read_callback_key
from contact_import.errors import SecretError

NOW = int(datetime.now(UTC).timestamp())


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.text(), max_size=3))
def test_the_reference_library_accepts_what_was_signed(key: bytes, value: dict[str, str]) -> None:
    secret, body = "whsec_" + base64.b64encode(key).decode(), json.dumps(value)

    headers = build_signed_headers(read_callback_key("s", secret), "3f2a9c0d", NOW, body)

    assert Webhook(secret).verify(body, headers) == value


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "key", "late"])
def test_the_reference_library_rejects_what_was_changed(change: str) -> None:
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    timestamp = NOW - int(timedelta(hours=1).total_seconds()) if change == "late" else NOW
    headers, body = build_signed_headers(read_callback_key("s", secret), "1", timestamp, "{}"), "{}"
    if change == "body":
        body = '{"a": 1}'
    elif change == "id":
        headers["webhook-id"] = "2"
    elif change == "timestamp":
        headers["webhook-timestamp"] = str(NOW + 1)
    elif change == "key":
        secret = base64.b64encode(secrets.token_bytes(32)).decode()

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_the_secret_of_the_stack_is_one_that_the_reference_library_takes() -> None:
    """GenerateSecretString makes 64 letters and digits: base64 of 48 bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    secret = "".join(secrets.choice(alphabet) for _ in range(64))

    headers = build_signed_headers(read_callback_key("s", f"{secret}\n"), "1", NOW, "{}")

    assert len(read_callback_key("s", secret)) == 48
    assert Webhook(secret).verify("{}", headers) == {}


@pytest.mark.parametrize("secret", ["", "whsec_", "short", "whsec_c2hvcnQ=", "A" * 200, "ä" * 40, "a b" * 20])
def test_a_secret_that_cannot_sign_is_named_without_its_value(secret: str) -> None:
    with pytest.raises(SecretError) as error:
        read_callback_key("cellcast/callbacks", secret)

    assert "cellcast/callbacks" in str(error.value)
    assert not secret or secret not in str(error.value)
