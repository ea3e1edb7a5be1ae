"""Redact a request: remove tokens and secrets before it is stored.

Two nets: names that senders give to secrets (`access_token`, `Authorization`), and the sender's configured secrets in
every spelling. Headers go the safe way: only listed ones are kept.
"""

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
from contact_import.domain.utf8 import encode_utf8
from contact_import.webhooks.registry import load_providers

# The headers that are stored: types and ids of a delivery. Any other header may hold a secret under any name.
_SAFE_HEADER_PATTERN = re.compile(
    r"content-type|user-agent|idempotency-key|ce-[a-z]+|soapaction|"
    r"x-[a-z-]*(topic|event|resource|event-id|delivery-id|webhook-id|submission-id|triggered-at|api-version)"
)
_SECRET_NAMES = "api_?key|access_token|auth_token|client_secret|password|passwd"  # noqa: S105 - names of keys
_SECRET_PARAM_PATTERN = re.compile(r"token|secret|key|auth|pass|sig|hmac|code|credential|session", re.IGNORECASE)
_USERINFO_PATTERN = re.compile(r"\A(\w+://)[^/]*@")
_MIN_SECRET_CHARS = 6  # a shorter secret would also star harmless words


def redact_request(request: HttpRequest, secrets: Iterable[str] = ()) -> HttpRequest:
    """Return the request without tokens, signatures, cookies, keys and `secrets`: this one may be stored."""
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
    """Return the people without secrets in the fields that have no role.

    Some senders repeat the address that they post to, token included. Fields with a role stay as they are, because a
    contact is made from them.
    """
    redactable = _filter_redactable(secrets)

    def redact_field(field: PersonField) -> PersonField:
        if field.role is not None:
            return field
        starred = _redact_bytes(encode_utf8(field.value), redactable).decode("utf-8", "surrogatepass")
        return field if starred == field.value else replace(field, value=starred)

    return tuple(Person(tuple(redact_field(field) for field in person.fields)) for person in people)


def _filter_redactable(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARS)


def _redact_url(url: str, redactable: tuple[str, ...]) -> str:
    """Return an address without user, password, secret parameters and fragment.

    No URL parser is used: the host comes from the sender, and `urlsplit` raises for an invalid one.
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
        body = body.replace(encode_utf8(variant), b"***")
    return body


@cache
def _compile_secret_patterns() -> tuple[re.Pattern[bytes], ...]:
    """Return the patterns of named secrets. Group 1 of each is the text before the secret, which stays."""
    known = (name for provider in load_providers().values() for name in provider.secret_names)
    names = "|".join((*known, _SECRET_NAMES)).encode()
    query_names = names + rb"|key|token|secret|sig|signature"
    patterns = (
        # JSON: "api_key": "…"
        rb'("(?:' + names + rb')"\s*:\s*")(?:[^"\\]|\\.)*',
        # JSON inside a text of JSON: \"api_key\": \"…\"
        rb'(\\"(?:' + names + rb')\\"\s*:\s*\\")(?:[^"\\]|\\\\.)*',
        # XML, with or without a namespace: <ns:SessionId>…
        rb"(<(?:[\w-]+:)?(?:" + names + rb")(?:\s[^<>]*)?>)[^<]*",
        # A form: api_key=…&
        rb"((?:\A|&)(?:" + names + rb"|token)=)[^&\s]*",
        # Multipart: the name, up to eight more headers of the part, an empty line, the value.
        rb'(name="(?:' + names + rb'|token)"\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n)[^\r\n]*',
        # An address in any text: ?token=…&amp;
        rb"((?:[?&]|&amp;)(?:" + query_names + rb")=)[^&\s\"'<>\\]*",
        # An address that is percent-encoded, as in a form: %3Ftoken%3D…%26
        rb"(%(?:3F|26)(?:" + query_names + rb")%3D)(?:[^&%\s]|%(?!26))*",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


@cache
def _list_id_headers() -> frozenset[str]:
    """Return the headers that make the id of a delivery, and the timestamps of the schemes that sign an id."""
    known = load_providers().values()
    schemes = [scheme for provider in known for scheme in provider.schemes.values() if scheme.id_header]
    names = {name for provider in known for one in provider.event_ids for name in one.headers}
    return frozenset(names | {scheme.ts_header for scheme in schemes if scheme.ts_header})


def _generate_variants(secret: str) -> Iterator[str]:
    """Yield the spellings of a secret in JSON, in addresses and in HTML."""
    in_json = json.dumps(secret)[1:-1]
    yield secret
    yield in_json
    yield in_json.replace("/", "\\/")  # as PHP writes it
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(encode_utf8(secret))
    yield quote(encode_utf8(secret), safe="")
    yield quote_plus(encode_utf8(secret))
    yield html.escape(secret)
