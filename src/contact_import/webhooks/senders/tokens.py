"""Compare the tokens of API callers and of senders that cannot sign, wherever a request has them."""

import base64
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from contact_import.domain.http import HttpRequest

_MAX_VALUES = 300  # texts of a body that are compared: each costs time before the request is authenticated
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)


def has_token(request: HttpRequest, tokens: tuple[str, ...]) -> bool:
    """Return whether one of the tokens is in the headers. An empty token never matches.

    Tokens in an address do not count: proxies log addresses, and only forms have no other place.
    """
    return has_matching_secret(_find_header_values(request), tokens)


def has_any_secret(request: HttpRequest, secrets: tuple[str, ...]) -> bool:
    """Return whether one of a sender's secrets is a header, a query parameter, or a text of the body.

    A text of the body may be JSON in a form field.

    Some senders can send their key in the body only, many forms can have a token in the address only.
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
    usable = [secret.encode("utf-8", "surrogatepass") for secret in secrets if secret.strip()]
    given = [one.encode("utf-8", "surrogatepass") for one in values]
    return any([hmac.compare_digest(one, secret) for one in given for secret in usable])  # noqa: C419 - all of them


def _find_header_values(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name == "authorization":
            scheme, _, rest = value.strip().partition(" ")
            yield from (value.strip(), rest.strip())
            # Senders put a token in the user, in the password, or as `user:password`.
            if scheme.lower() == "basic":
                pair = _decode_basic(rest)
                yield from (pair, *pair.split(":", 1))
        # A cookie is sent by a browser without its user's doing (CSRF).
        elif name != "cookie":
            yield value.strip()


def _decode_basic(text: str) -> str:
    try:
        return base64.b64decode(text.strip()).decode("utf-8", "replace")
    except ValueError:
        return ""


def _find_body_values(request: HttpRequest) -> list[str]:
    """Return the first texts of the body. A body that cannot be read has none."""
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
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if boundary is None:
        return []
    parts = request.body.split(b"--" + boundary[1].encode("utf-8", "surrogatepass"), _MAX_VALUES)
    values = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]
    return [value.decode("utf-8", "replace") for value in values if value]


def _find_json_values(value: object) -> list[str]:
    found: list[str] = []
    waiting = [value]
    while waiting and len(found) < _MAX_VALUES:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found
