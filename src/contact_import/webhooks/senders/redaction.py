"""Redaction: remove tokens and secrets from a request before it is stored or logged."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

from contact_import.domain.http import HttpRequest
from contact_import.domain.person import Person, PersonField
from contact_import.webhooks.registry import load_providers

# The headers that are stored: types and ids of a delivery. Any other header may hold a secret under any name.
_SAFE_HEADER_PATTERN = re.compile(
    r"content-type|user-agent|idempotency-key|ce-[a-z]+|soapaction|"
    r"x-[a-z-]*(topic|event|resource|event-id|delivery-id|webhook-id|submission-id|triggered-at|api-version)"
)
_SECRET_NAMES = "api_?key|access_token|auth_token|client_secret|password|passwd"  # noqa: S105 - names of keys
_SECRET_PARAM_PATTERN = re.compile(r"token|secret|key|auth|pass|sig|hmac|code|credential|session", re.IGNORECASE)
_USERINFO_PATTERN = re.compile(r"\A(\w+://)[^/]*@")
_MIN_SECRET_CHARS = 6  # a shorter secret would star harmless words


def redact_request(request: HttpRequest, secrets: Iterable[str] = ()) -> HttpRequest:
    """Return the request without tokens, signatures, cookies, keys and `secrets`, as it may be stored."""
    redactable = _filter_redactable(secrets)
    headers = {
        name: value
        for name, value in request.headers.items()
        if (_SAFE_HEADER_PATTERN.fullmatch(name) or name in _list_id_headers())
        and not any(secret in value for secret in redactable)
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
    """Return the people without secrets in their unmapped fields: some senders repeat the address that they post to.

    Fields with a role stay as they are: a contact is made from them.
    """
    redactable = _filter_redactable(secrets)

    def redact_field(field: PersonField) -> PersonField:
        if field.role is not None:
            return field
        starred = _redact_bytes(_encode_utf8(field.value), redactable).decode("utf-8", "surrogatepass")
        return field if starred == field.value else replace(field, value=starred)

    return tuple(Person(tuple(redact_field(field) for field in person.fields)) for person in people)


def _filter_redactable(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARS)


def _redact_url(url: str, redactable: tuple[str, ...]) -> str:
    """Return an address without user, password, secret parameters and fragment.

    The host comes from the sender and need not be a valid one, so no URL parser is used.
    """
    front, _, query = url.partition("#")[0].partition("?")
    params = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _SECRET_PARAM_PATTERN.search(name) and not any(secret in value for secret in redactable)
    ]
    return _USERINFO_PATTERN.sub(r"\1", front) + (f"?{urlencode(params, errors='replace')}" if params else "")


def _redact_bytes(body: bytes, redactable: tuple[str, ...]) -> bytes:
    for pattern in _compile_secret_patterns():
        body = pattern.sub(rb"\1***", body)
    # The longest spelling goes first: a shorter one may be a part of it.
    for variant in sorted({one for secret in redactable for one in _generate_variants(secret)}, key=len, reverse=True):
        body = body.replace(_encode_utf8(variant), b"***")
    return body


@cache
def _compile_secret_patterns() -> tuple[re.Pattern[bytes], ...]:
    """Return patterns of named secrets in JSON, in JSON inside JSON, in XML, forms and multipart, and in addresses."""
    known = (name for provider in load_providers().values() for name in provider.secret_names)
    names = "|".join((*known, _SECRET_NAMES)).encode()
    query_names = names + rb"|key|token|secret|sig|signature"
    patterns = (
        rb'("(?:' + names + rb')"\s*:\s*")(?:[^"\\]|\\.)*',
        rb'(\\"(?:' + names + rb')\\"\s*:\s*\\")(?:[^"\\]|\\\\.)*',
        rb"(<(?:[\w-]+:)?(?:" + names + rb")(?:\s[^<>]*)?>)[^<]*",
        rb"((?:\A|&)(?:" + names + rb"|token)=)[^&\s]*",
        rb'(name="(?:' + names + rb'|token)"\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n)[^\r\n]*',
        rb"((?:[?&]|&amp;)(?:" + query_names + rb")=)[^&\s\"'<>\\]*",
        rb"(%(?:3F|26)(?:" + query_names + rb")%3D)(?:[^&%\s]|%(?!26))*",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


@cache
def _list_id_headers() -> frozenset[str]:
    """Return the headers that make the id of a delivery, with the timestamps of the schemes that name an id."""
    known = load_providers().values()
    schemes = [scheme for provider in known for scheme in provider.schemes.values() if scheme.id_header]
    names = {name for provider in known for one in provider.event_ids for name in one.headers}
    return frozenset(names | {scheme.ts_header for scheme in schemes if scheme.ts_header})


def _generate_variants(secret: str) -> Iterator[str]:
    """Yield the spellings of a secret in JSON, in addresses and in HTML."""
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
