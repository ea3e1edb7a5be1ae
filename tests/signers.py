"""Signs as the senders do: written from their documentation, and not from the table that is under test."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://hooks.example.com/hooks/website?a=1"


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _typeform(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"typeform-signature": "sha256=" + _b64(_hmac(secret.encode(), body))}


def _tally(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"tally-signature": _b64(_hmac(secret.encode(), body))}


def _shopify(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-shopify-hmac-sha256": _b64(_hmac(secret.encode(), body))}


def _woocommerce(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-wc-webhook-signature": _b64(_hmac(secret.encode(), body))}


def _meta(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + _hmac(secret.encode(), body).hex()}


def _formstack(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-fs-signature": "sha256=" + _hmac(secret.encode(), body).hex()}


def _squarespace(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"squarespace-signature": _hmac(bytes.fromhex(secret), body).hex()}


def _framer(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    signed = "sha256=" + _hmac(secret.encode(), body + b"sub-1").hex()
    return {"framer-signature": signed, "framer-webhook-submission-id": "sub-1"}


def _klaviyo(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = format_datetime(at, usegmt=True)
    return {"klaviyo-signature": _hmac(secret.encode(), body + stamp.encode()).hex(), "klaviyo-timestamp": stamp}


def _webflow(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _millis(at)
    return {
        "x-webflow-signature": _hmac(secret.encode(), f"{stamp}:".encode() + body).hex(),
        "x-webflow-timestamp": stamp,
    }


def _stripe(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _seconds(at)
    return {"stripe-signature": f"t={stamp},v1={_hmac(secret.encode(), f'{stamp}.'.encode() + body).hex()},v0=00"}


def _calendly(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _seconds(at)
    return {"calendly-webhook-signature": f"t={stamp},v1={_hmac(secret.encode(), f'{stamp}.'.encode() + body).hex()}"}


def _hubspot_v3(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _millis(at)
    signed = _b64(_hmac(secret.encode(), b"POST" + url.encode() + body + stamp.encode()))
    return {"x-hubspot-signature-v3": signed, "x-hubspot-request-timestamp": stamp}


def _hubspot_v2(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hubspot-signature": hashlib.sha256(secret.encode() + b"POST" + url.encode() + body).hexdigest()}


def _hubspot_v1(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hubspot-signature": hashlib.sha256(secret.encode() + body).hexdigest()}


def _standard(prefix: str) -> Callable[..., dict[str, str]]:
    def sign(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = _b64(_hmac(key, f"msg_1.{_seconds(at)}.".encode() + body))
        return {f"{prefix}-id": "msg_1", f"{prefix}-timestamp": _seconds(at), f"{prefix}-signature": f"v1,{signed}"}

    return sign


SIGNERS: dict[str, Callable[..., dict[str, str]]] = {
    "typeform": _typeform,
    "tally": _tally,
    "shopify": _shopify,
    "woocommerce": _woocommerce,
    "meta": _meta,
    "formstack": _formstack,
    "squarespace": _squarespace,
    "framer": _framer,
    "klaviyo_system": _klaviyo,
    "webflow": _webflow,
    "stripe": _stripe,
    "calendly": _calendly,
    "hubspot_v3": _hubspot_v3,
    "hubspot_v2": _hubspot_v2,
    "hubspot_v1": _hubspot_v1,
    "standard_webhooks": _standard("webhook"),
    "svix": _standard("svix"),
}


def secret_for(scheme: str, seed: str = "a") -> str:
    """Written as the scheme writes secrets; another one for another seed."""
    raw = hashlib.sha256(seed.encode()).digest()
    if scheme in ("standard_webhooks", "svix"):
        return "whsec_" + base64.b64encode(raw).decode()
    return raw.hex()
