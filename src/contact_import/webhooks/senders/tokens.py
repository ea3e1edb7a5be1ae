"""Compare the tokens of API callers and of senders that cannot sign, wherever a request has them."""

import base64
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from contact_import.domain.http import HttpRequest
from contact_import.domain.utf8 import encode_utf8

_MAX_VALUES = 300  # texts of a body that are compared: each costs time before the request is authenticated
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)


def has_token(request: HttpRequest, tokens: tuple[str, ...]) -> bool:
    """Return whether one of the tokens is in the headers. An empty token never matches.

    Tokens in an address do not count: proxies log addresses, and only forms have no other place.
    """
    return has_matching_secret(_find_header_values(request), tokens)


def has_any_secret(request: HttpRequest, secrets: tuple[str, ...]) -> bool:
    """Return whether one of a sender's secrets is a header, a query parameter, or a text of the body.

    Some senders can send their key in the body only, and many forms can have a token in the address only. A text of
    the body may be JSON in a form field: its texts count too.
    """
    return (
        has_token(request, secrets)
        or has_matching_secret(request.query.values(), secrets)
        or has_matching_secret(_find_body_values(request), secrets)
    )


def has_matching_secret(values: Iterable[str], secrets: tuple[str, ...]) -> bool:
    """Return whether one of the values is one of the secrets. An empty secret never matches.

    Every pair is compared, each in constant time: the duration reveals nothing about a secret.
    """
    usable = [encode_utf8(secret) for secret in secrets if secret.strip()]
    given = [encode_utf8(one) for one in values]
    # A list: a generator would end at the first match, and the duration would say how many pairs came before it.
    return any([hmac.compare_digest(one, secret) for one in given for secret in usable])  # noqa: C419


def _find_header_values(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name == "authorization":
            scheme, _, rest = value.strip().partition(" ")
            yield from (value.strip(), rest.strip())
            # Senders put a token in the user, in the password, or as `user:password`.
            if scheme.lower() == "basic":
                pair = _decode_basic(rest)
                yield from (pair, *pair.split(":", 1))
        # A browser sends cookies by itself, also from another site's page (CSRF): a cookie proves nothing.
        elif name != "cookie":
            yield value.strip()


def _decode_basic(text: str) -> str:
    try:
        return base64.b64decode(text.strip()).decode("utf-8", "replace")
    except ValueError:
        return ""


def _find_body_values(request: HttpRequest) -> list[str]:
    """Return the first texts of the body. A body that cannot be parsed has none."""
    content_type = request.content_type
    try:
        if content_type == "multipart/form-data":
            return _find_embedded_values(_find_multipart_values(request))
        text = request.body.decode(json.detect_encoding(request.body), "replace")
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            return _find_embedded_values([text])
        if content_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(text, max_num_fields=2000)
            return _find_embedded_values([value for _, value in pairs][:_MAX_VALUES])
    except ValueError:
        pass
    return []


def _find_embedded_values(texts: list[str]) -> list[str]:
    """Return the texts, and those inside each one that is JSON."""
    found = list(texts)
    for text in texts:
        if text.lstrip()[:1] in ("{", "[") and len(found) < _MAX_VALUES:
            try:
                found += _find_json_values(json.loads(text, strict=False))
            except (ValueError, RecursionError):
                continue
    return found[:_MAX_VALUES]


def _find_multipart_values(request: HttpRequest) -> list[str]:
    # Split by hand, without the parser of `extraction/body`: this runs before the request is authenticated, on any
    # bytes that anyone sends, and needs the values only.
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if boundary is None:
        return []
    parts = request.body.split(b"--" + encode_utf8(boundary[1]), _MAX_VALUES)
    values = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]
    return [value.decode("utf-8", "replace") for value in values if value]


def _find_json_values(value: object) -> list[str]:
    # A stack instead of recursion: the depth is the caller's choice, and the request is not authenticated yet.
    found: list[str] = []
    waiting = [value]
    while waiting and len(found) < _MAX_VALUES:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found
