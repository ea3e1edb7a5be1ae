"""Verify that a request comes from its sender: `verify_signature` serves every scheme, tokens among them.

A `Scheme` says what is signed and how. With `Scheme("x-signature", "{ts}.{body}", header_format="kv")`, the header
`t=1700000000,v1=5257a8…` is authentic if HMAC-SHA256 of `1700000000.<body>` with a secret of the sender is `5257a8…`,
and the timestamp is at most five minutes from now (as https://www.standardwebhooks.com recommends).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from contact_import.domain.http import HttpRequest
from contact_import.domain.utf8 import encode_utf8
from contact_import.webhooks.provider import Scheme
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.tokens import has_any_secret

_MAX_SIGNATURES = 20  # in one header: some senders sign with an old and a new secret
_MAX_HEADER_CHARS = 8192
_DIGITS = re.compile(r"\d{1,16}", re.ASCII)
# The characters that a scheme with `url_decode` signs decoded, although the address has them encoded.
_DECODED_ESCAPES = {"3a": ":", "2f": "/", "3f": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")",
            "2a": "*", "2c": ",", "3b": ";"}  # fmt: skip
_ESCAPE_PATTERN = re.compile("%(" + "|".join(_DECODED_ESCAPES) + ")", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _SignatureHeader:
    """The timestamp as the header has it, and the signatures: a sender with two secrets may send two."""

    timestamp: str
    signatures: tuple[str, ...]


def verify_signature(request: HttpRequest, sender: WebhookSender, now: datetime) -> str:
    """Return "" if a request is authentic, otherwise the reason, in words that are safe to log.

    The signature covers the bytes of the body as they were sent. `now` has a time zone. Raise ValueError for a garbled
    secret; `parse_sender_config` returns no sender that has one.
    """
    scheme = sender.signature_scheme
    if scheme is None:
        return "" if has_any_secret(request, sender.secrets) else "no token, or a wrong one"
    header = _parse_signature_header(request, scheme)
    if not header.signatures:
        return "no signature"
    if scheme.has_timestamp:
        sent_at = _parse_timestamp(header.timestamp, scheme.ts_unit)
        if sent_at is None:
            return "no timestamp"
        if abs(now - sent_at) > timedelta(seconds=scheme.tolerance):
            return "a timestamp too far from now"
    if scheme.id_header and not request.headers.get(scheme.id_header):
        return "no delivery id"
    expected = [
        one for key in sender.decode_signing_keys() for one in _compute_expected(request, scheme, header.timestamp, key)
    ]
    # A list, so that every pair is compared, each in constant time: the duration reveals nothing about a secret.
    matches = [hmac.compare_digest(encode_utf8(given), one) for given in header.signatures for one in expected]
    return "" if any(matches) else "a wrong signature"


def _parse_signature_header(request: HttpRequest, scheme: Scheme) -> _SignatureHeader:
    text = request.headers.get(scheme.header, "").strip()
    timestamp = request.headers.get(scheme.ts_header, "").strip()
    # The header is untrusted: its size and its number of signatures must not decide how long a request takes.
    if len(text) > _MAX_HEADER_CHARS or len(timestamp) > _MAX_HEADER_CHARS:
        return _SignatureHeader(timestamp, ())
    if scheme.header_format == "kv":  # t=…,v1=…
        pairs = [part.strip().partition("=") for part in re.split("[,;]", text)]
        timestamps = [value for key, _, value in pairs if key == scheme.kv_names[0]]
        signatures = [value for key, _, value in pairs if key == scheme.kv_names[1]]
        timestamp = timestamp if scheme.ts_header else next(iter(timestamps), "")
    elif scheme.header_format == "space_v1":  # v1,… v1,… ; other versions, such as v1a for public keys, are passed over
        signatures = [part.removeprefix("v1,") for part in text.split() if part.startswith("v1,")]
    else:
        signatures = [text.removeprefix(scheme.prefix)] if text.startswith(scheme.prefix) else []
    if scheme.encoding == "hex":
        signatures = [one.lower() for one in signatures]
    return _SignatureHeader(timestamp, tuple(one for one in signatures[:_MAX_SIGNATURES] if one))


def _parse_timestamp(text: str, unit: str) -> datetime | None:
    try:
        if unit in ("http-date", "iso"):
            parsed = parsedate_to_datetime(text) if unit == "http-date" else datetime.fromisoformat(text)
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        if _DIGITS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / (1000 if unit == "ms" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _compute_expected(request: HttpRequest, scheme: Scheme, timestamp: str, key: bytes) -> Iterator[bytes]:
    """Yield the expected signature, or both of a scheme that signs the address encoded or decoded."""
    urls = [request.url]
    if scheme.url_decode:
        urls.append(_ESCAPE_PATTERN.sub(lambda found: _DECODED_ESCAPES[found[1].lower()], request.url))
    for url in dict.fromkeys(urls):
        values = {
            "body": request.body,
            "ts": encode_utf8(timestamp),
            "id": encode_utf8(request.headers.get(scheme.id_header, "")),
            "method": encode_utf8(request.method),
            "url": encode_utf8(url),
            "secret": key,
        }
        # Joined as bytes: a body need not be UTF-8, and a `{ts}` inside it is not a placeholder.
        pieces = [values[text] if index % 2 else text.encode() for index, text in enumerate(scheme.split_template())]
        yield _compute_digest(b"".join(pieces), scheme, key)


def _compute_digest(message: bytes, scheme: Scheme, key: bytes) -> bytes:
    # A plain digest has the secret in the message.
    digest = (
        hashlib.new(scheme.algorithm, message) if scheme.kind == "digest" else hmac.new(key, message, scheme.algorithm)
    )
    return digest.hexdigest().encode() if scheme.encoding == "hex" else base64.b64encode(digest.digest())
