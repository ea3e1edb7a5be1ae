"""Sign requests as the senders do: written from their documentation, not from the table that is under test."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://hooks.example.com/hooks/website?a=1"


def _compute_hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _encode_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _format_seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _format_milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _sign_typeform(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"typeform-signature": "sha256=" + _encode_base64(_compute_hmac(secret.encode(), body))}


def _sign_tally(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"tally-signature": _encode_base64(_compute_hmac(secret.encode(), body))}


def _sign_shopify(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-shopify-hmac-sha256": _encode_base64(_compute_hmac(secret.encode(), body))}


def _sign_woocommerce(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-wc-webhook-signature": _encode_base64(_compute_hmac(secret.encode(), body))}


def _sign_meta(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + _compute_hmac(secret.encode(), body).hex()}


def _sign_formstack(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-fs-signature": "sha256=" + _compute_hmac(secret.encode(), body).hex()}


def _sign_squarespace(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"squarespace-signature": _compute_hmac(bytes.fromhex(secret), body).hex()}


def _sign_framer(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    signed = "sha256=" + _compute_hmac(secret.encode(), body + b"sub-1").hex()
    return {"framer-signature": signed, "framer-webhook-submission-id": "sub-1"}


def _sign_klaviyo(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = format_datetime(at, usegmt=True)
    return {
        "klaviyo-signature": _compute_hmac(secret.encode(), body + stamp.encode()).hex(),
        "klaviyo-timestamp": stamp,
    }


def _sign_webflow(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _format_milliseconds(at)
    return {
        "x-webflow-signature": _compute_hmac(secret.encode(), f"{stamp}:".encode() + body).hex(),
        "x-webflow-timestamp": stamp,
    }


def _sign_stripe(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _format_seconds(at)
    return {
        "stripe-signature": f"t={stamp},v1={_compute_hmac(secret.encode(), f'{stamp}.'.encode() + body).hex()},v0=00"
    }


def _sign_calendly(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _format_seconds(at)
    mac = _compute_hmac(secret.encode(), f"{stamp}.".encode() + body).hex()
    return {"calendly-webhook-signature": f"t={stamp},v1={mac}"}


def _sign_hubspot_v3(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _format_milliseconds(at)
    signed = _encode_base64(_compute_hmac(secret.encode(), b"POST" + url.encode() + body + stamp.encode()))
    return {"x-hubspot-signature-v3": signed, "x-hubspot-request-timestamp": stamp}


def _sign_hubspot_v2(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hubspot-signature": hashlib.sha256(secret.encode() + b"POST" + url.encode() + body).hexdigest()}


def _sign_hubspot_v1(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-hubspot-signature": hashlib.sha256(secret.encode() + body).hexdigest()}


def _sign_zoom(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    stamp = _format_seconds(at)
    mac = _compute_hmac(secret.encode(), f"v0:{stamp}:".encode() + body).hex()
    return {"x-zm-signature": f"v0={mac}", "x-zm-request-timestamp": stamp}


def _sign_help_scout(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
    return {"x-helpscout-signature": _encode_base64(hmac.new(secret.encode(), body, hashlib.sha1).digest())}


def _make_standard_signer(prefix: str) -> Callable[..., dict[str, str]]:
    def sign(secret: str, body: bytes, at: datetime, url: str = URL) -> dict[str, str]:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = _encode_base64(_compute_hmac(key, f"msg_1.{_format_seconds(at)}.".encode() + body))
        return {
            f"{prefix}-id": "msg_1",
            f"{prefix}-timestamp": _format_seconds(at),
            f"{prefix}-signature": f"v1,{signed}",
        }

    return sign


SIGNERS: dict[str, Callable[..., dict[str, str]]] = {
    "typeform": _sign_typeform,
    "tally": _sign_tally,
    "shopify": _sign_shopify,
    "woocommerce": _sign_woocommerce,
    "meta": _sign_meta,
    "formstack": _sign_formstack,
    "squarespace": _sign_squarespace,
    "framer": _sign_framer,
    "klaviyo_system": _sign_klaviyo,
    "webflow": _sign_webflow,
    "stripe": _sign_stripe,
    "calendly": _sign_calendly,
    "hubspot_v3": _sign_hubspot_v3,
    "hubspot_v2": _sign_hubspot_v2,
    "hubspot_v1": _sign_hubspot_v1,
    "standard_webhooks": _make_standard_signer("webhook"),
    "zoom": _sign_zoom,
    "help_scout": _sign_help_scout,
    "svix": _make_standard_signer("svix"),
}


def make_secret(scheme: str, seed: str = "a") -> str:
    """Return a secret as the scheme writes secrets: another one for another seed."""
    raw = hashlib.sha256(seed.encode()).digest()
    if scheme in ("standard_webhooks", "svix"):
        return "whsec_" + base64.b64encode(raw).decode()
    return raw.hex()
