"""Tokens of those who cannot sign: where they may stand, and how a post is kept without them."""

import base64
import hmac
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from contact_import.domain.http import HttpRequest
from contact_import.domain.person import Person, PersonField

_MAX_VALUES = 300  # texts of a body that are looked at
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)

# Headers that are kept: what kind of thing it is, and by what it is told from another one. Whatever else there is
# may be a secret, under whichever name somebody thought of.
_SAFE_HEADER_PATTERN = re.compile(
    r"content-type|user-agent|idempotency-key|(webhook|svix)-id|webhook-timestamp|svix-timestamp|ce-[a-z]+|soapaction|"
    r"x-[a-z-]*(topic|event|resource|event-id|delivery-id|webhook-id|submission-id|triggered-at|api-version)|"
    r"framer-webhook-submission-id"
)
_SECRET_NAMES = rb"google_key|handshake_?key|session_?id|api_?key|access_token|auth_token|client_secret|password|passwd"
_SECRET_PARAM_PATTERN = re.compile(r"token|secret|key|auth|pass|sig|hmac|code|credential|session", re.IGNORECASE)
# Named secrets in JSON, XML, forms and multipart, and those in addresses inside of a body.
_SECRET_BODY_PATTERNS = (
    re.compile(rb'("(?:' + _SECRET_NAMES + rb')"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE),
    re.compile(rb'(\\"(?:' + _SECRET_NAMES + rb')\\"\s*:\s*\\")(?:[^"\\]|\\\\.)*', re.IGNORECASE),
    re.compile(rb"(<(?:[\w-]+:)?(?:" + _SECRET_NAMES + rb")(?:\s[^<>]*)?>)[^<]*", re.IGNORECASE),
    re.compile(rb"((?:\A|&)(?:" + _SECRET_NAMES + rb"|token)=)[^&\s]*", re.IGNORECASE),
    re.compile(rb'(name="(?:' + _SECRET_NAMES + rb'|token)"\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n)[^\r\n]*', re.IGNORECASE),
    re.compile(
        rb"((?:[?&]|&amp;)(?:" + _SECRET_NAMES + rb"|key|token|secret|sig|signature)=)[^&\s\"'<>\\]*", re.IGNORECASE
    ),
    re.compile(
        rb"(%(?:3F|26)(?:" + _SECRET_NAMES + rb"|key|token|secret|sig|signature)%3D)(?:[^&%\s]|%(?!26))*", re.IGNORECASE
    ),
)
_USERINFO_PATTERN = re.compile(r"\A(\w+://)[^/]*@")
_MIN_SECRET_CHARS = 6  # letters: what is shorter would star harmless words


def has_token(request: HttpRequest, tokens: tuple[str, ...]) -> bool:
    """Whether one of the tokens is in the headers. An empty one never matches.

    In an address it does not count: that stands in the logs of others, which only a form has to bear with.
    """
    return has_matching_secret(_find_header_values(request), tokens)


def has_any_secret(request: HttpRequest, secrets: tuple[str, ...]) -> bool:
    """Whether one of them is a header, in the query, or one of the texts in the body: each sender has a place for it.

    Google Ads and others can put it nowhere but into the body, many forms nowhere but into the address.
    """
    return (
        has_token(request, secrets)
        or has_matching_secret(request.query.values(), secrets)
        or has_matching_secret(_find_body_values(request), secrets)
    )


def find_token(request: HttpRequest) -> str:
    """The token that a post carries, "" when it has none: bearer, basic, `X-Api-Key` or `token` in the query."""
    scheme, _, rest = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        return _decode_basic(rest).partition(":")[2]
    return rest.strip() or scheme or request.headers.get("x-api-key", "").strip() or request.query.get("token", "")


def redact_request(request: HttpRequest, secrets: Iterable[str] = ()) -> HttpRequest:
    """The post as it may be kept: without tokens, signatures, cookies, keys, and `secrets` wherever they stand."""
    redactable = _filter_redactable(secrets)
    headers = {
        name: value
        for name, value in request.headers.items()
        if _SAFE_HEADER_PATTERN.fullmatch(name) and not any(secret in value for secret in redactable)
    }
    query = {
        name: value
        for name, value in request.query.items()
        if not _SECRET_PARAM_PATTERN.search(name) and not any(secret in value for secret in redactable)
    }
    return replace(
        request,
        url=_redact_url(request.url, redactable),
        headers=MappingProxyType(headers),
        query=MappingProxyType(query),
        body=_redact_bytes(request.body, redactable),
    )


def redact_people(people: Iterable[Person], secrets: Iterable[str]) -> tuple[Person, ...]:
    """The same people, and no secret among what is told of them: Jotform repeats the address that it posts to.

    What a contact is made from stays as it is.
    """
    redactable = _filter_redactable(secrets)

    def redact_field(field: PersonField) -> PersonField:
        if field.role is not None:
            return field
        starred = _redact_bytes(_encode_utf8(field.value), redactable).decode("utf-8", "surrogatepass")
        return field if starred == field.value else replace(field, value=starred)

    return tuple(Person(tuple(redact_field(field) for field in person.fields)) for person in people)


def has_matching_secret(values: Iterable[str], secrets: tuple[str, ...]) -> bool:
    """Every pair is compared, in constant time."""
    usable = [_encode_utf8(secret) for secret in secrets if secret.strip()]
    given = [_encode_utf8(one) for one in values]
    return any([hmac.compare_digest(one, secret) for one in given for secret in usable])  # noqa: C419 - all of them


def _find_header_values(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name == "authorization":
            scheme, _, rest = value.strip().partition(" ")
            yield from (value.strip(), rest.strip())
            if scheme.lower() == "basic":
                pair = _decode_basic(rest)
                yield from (pair, *pair.split(":", 1))
        elif name != "cookie":
            yield value.strip()


def _decode_basic(text: str) -> str:
    try:
        return base64.b64decode(text.strip()).decode("utf-8", "replace")
    except ValueError:
        return ""


def _find_body_values(request: HttpRequest) -> list[str]:
    """Texts of the body, as many as are worth looking at. A body that cannot be read has none."""
    content_type = request.content_type
    try:
        if content_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(request.body.decode("utf-8", "replace"), max_num_fields=2000)
            return [value for _, value in pairs][:_MAX_VALUES]
        if content_type == "multipart/form-data":
            return _find_multipart_values(request)
        return _find_json_values(json.loads(request.body)) if request.body.lstrip()[:1] in (b"{", b"[") else []
    except (ValueError, RecursionError):
        return []


def _find_multipart_values(request: HttpRequest) -> list[str]:
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if boundary is None:
        return []
    parts = request.body.split(b"--" + _encode_utf8(boundary[1]), _MAX_VALUES)
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


def _filter_redactable(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARS)


def _redact_url(url: str, redactable: tuple[str, ...]) -> str:
    """Cut by hand: the host is what the sender says it is, and need not be one."""
    front, _, query = url.partition("#")[0].partition("?")
    params = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _SECRET_PARAM_PATTERN.search(name) and not any(secret in value for secret in redactable)
    ]
    return _USERINFO_PATTERN.sub(r"\1", front) + (f"?{urlencode(params, errors='replace')}" if params else "")


def _redact_bytes(body: bytes, redactable: tuple[str, ...]) -> bytes:
    for pattern in _SECRET_BODY_PATTERNS:
        body = pattern.sub(rb"\1***", body)
    for variant in sorted({one for secret in redactable for one in _generate_variants(secret)}, key=len, reverse=True):
        body = body.replace(_encode_utf8(variant), b"***")
    return body


def _generate_variants(secret: str) -> Iterator[str]:
    """The ways in which a body may write it."""
    in_json = json.dumps(secret)[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"), json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (
        quote(_encode_utf8(secret)),
        quote(_encode_utf8(secret), safe=""),
        quote_plus(_encode_utf8(secret)),
        html.escape(secret),
    )


def _encode_utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
