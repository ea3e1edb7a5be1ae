"""Whether a post comes from who it says: one verifier for every scheme."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from contact_import.domain.http import Post
from contact_import.webhooks.senders.config import HookSender
from contact_import.webhooks.senders.signature_schemes import Scheme
from contact_import.webhooks.senders.tokens import bears_any

_MOST_SIGNATURES = 20  # in one header: some senders sign with an old and a new secret
_LONGEST_HEADER = 8192
_DIGITS = re.compile(r"\d{1,16}", re.ASCII)
# HubSpot, "Validating requests": these are signed as they read, not as they travel.
_READ_AS = {"3a": ":", "2f": "/", "3f": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")",
            "2a": "*", "2c": ",", "3b": ";"}  # fmt: skip
_ESCAPED = re.compile("%(" + "|".join(_READ_AS) + ")", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a header says: the timestamp as written, and the signatures, any of which may be the right one."""

    stamp: str
    signatures: tuple[str, ...]


def objection(post: Post, sender: HookSender, now: datetime) -> str:
    """Nothing when the post is authentic, otherwise why not, in words of ours that are safe to log.

    The signature is over the bytes as sent, before anybody reads them. Raise ValueError for a garbled secret,
    which `parse_hooks` has kept out.
    """
    scheme = sender.signature
    if scheme is None:
        return "" if bears_any(post, sender.secrets) else "no token, or a wrong one"
    signed = _read(post, scheme)
    if not signed.signatures:
        return "no signature"
    if scheme.is_dated:
        at = _instant(signed.stamp, scheme.ts_unit)
        if at is None:
            return "no timestamp"
        if abs(now - at) > timedelta(seconds=scheme.tolerance):
            return "a timestamp too far from now"
    if scheme.id_header and not post.headers.get(scheme.id_header):
        return "no delivery id"
    expected = [one for key in sender.signing_keys() for one in _expected(post, scheme, signed.stamp, key)]
    # Every pair is compared, in constant time: how long it takes tells nothing.
    matches = [hmac.compare_digest(_bytes(given), one) for given in signed.signatures for one in expected]
    return "" if any(matches) else "a wrong signature"


def _read(post: Post, scheme: Scheme) -> _Signed:
    text = post.headers.get(scheme.header, "").strip()
    stamp = post.headers.get(scheme.ts_header, "").strip()
    if len(text) > _LONGEST_HEADER or len(stamp) > _LONGEST_HEADER:
        return _Signed(stamp, ())
    if scheme.form == "kv":
        pairs = [part.strip().partition("=") for part in re.split("[,;]", text)]
        stamps = [value for key, _, value in pairs if key == scheme.names[0]]
        found = [value for key, _, value in pairs if key == scheme.names[1]]
        stamp = stamp if scheme.ts_header else next(iter(stamps), "")
    elif scheme.form == "space_v1":
        found = [part.removeprefix("v1,") for part in text.split() if part.startswith("v1,")]
    else:
        found = [text.removeprefix(scheme.prefix)] if text.startswith(scheme.prefix) else []
    if scheme.encoding == "hex":
        found = [one.lower() for one in found]
    return _Signed(stamp, tuple(one for one in found[:_MOST_SIGNATURES] if one))


def _instant(text: str, unit: str) -> datetime | None:
    try:
        if unit in ("http-date", "iso"):
            at = parsedate_to_datetime(text) if unit == "http-date" else datetime.fromisoformat(text)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if _DIGITS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / (1000 if unit == "ms" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _expected(post: Post, scheme: Scheme, stamp: str, key: bytes) -> Iterator[bytes]:
    """The right signature, or two where it is not certain which way the address was written."""
    urls = [post.url]
    if scheme.url_decode:
        urls.append(_ESCAPED.sub(lambda found: _READ_AS[found[1].lower()], post.url))
    for url in dict.fromkeys(urls):
        values = {
            "body": post.body,
            "ts": _bytes(stamp),
            "id": _bytes(post.headers.get(scheme.id_header, "")),
            "method": _bytes(post.method),
            "url": _bytes(url),
            "secret": key,
        }
        pieces = [values[text] if at % 2 else text.encode() for at, text in enumerate(scheme.pieces())]
        yield _digest(b"".join(pieces), scheme, key)


def _digest(message: bytes, scheme: Scheme, key: bytes) -> bytes:
    made = (
        hashlib.new(scheme.algorithm, message) if scheme.kind == "digest" else hmac.new(key, message, scheme.algorithm)
    )
    return made.hexdigest().encode() if scheme.encoding == "hex" else base64.b64encode(made.digest())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
