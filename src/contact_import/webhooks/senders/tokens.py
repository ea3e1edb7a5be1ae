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

from contact_import.domain.http import Post
from contact_import.domain.person import Detail, Person

_MOST_VALUES = 300  # texts of a body that are looked at
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)

# Headers that are kept: what kind of thing it is, and by what it is told from another one. Whatever else there is
# may be a secret, under whichever name somebody thought of.
_KEPT_HEADER = re.compile(
    r"content-type|user-agent|idempotency-key|(webhook|svix)-id|webhook-timestamp|svix-timestamp|ce-[a-z]+|soapaction|"
    r"x-[a-z-]*(topic|event|resource|event-id|delivery-id|webhook-id|submission-id|triggered-at|api-version)|"
    r"framer-webhook-submission-id"
)
_NAME = rb"google_key|handshake_?key|session_?id|api_?key|access_token|auth_token|client_secret|password|passwd"
_IN_QUERY = re.compile(r"token|secret|key|auth|pass|sig|hmac|code|credential|session", re.IGNORECASE)
# Named secrets in JSON, XML, forms and multipart, and those in addresses inside of a body.
_IN_BODY = (
    re.compile(rb'("(?:' + _NAME + rb')"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE),
    re.compile(rb'(\\"(?:' + _NAME + rb')\\"\s*:\s*\\")(?:[^"\\]|\\\\.)*', re.IGNORECASE),
    re.compile(rb"(<(?:[\w-]+:)?(?:" + _NAME + rb")(?:\s[^<>]*)?>)[^<]*", re.IGNORECASE),
    re.compile(rb"((?:\A|&)(?:" + _NAME + rb"|token)=)[^&\s]*", re.IGNORECASE),
    re.compile(rb'(name="(?:' + _NAME + rb'|token)"\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n)[^\r\n]*', re.IGNORECASE),
    re.compile(rb"((?:[?&]|&amp;)(?:" + _NAME + rb"|key|token|secret|sig|signature)=)[^&\s\"'<>\\]*", re.IGNORECASE),
    re.compile(
        rb"(%(?:3F|26)(?:" + _NAME + rb"|key|token|secret|sig|signature)%3D)(?:[^&%\s]|%(?!26))*", re.IGNORECASE
    ),
)
_USER = re.compile(r"\A(\w+://)[^/]*@")
_SHORTEST = 6  # letters: what is shorter would star harmless words


def bears_token(post: Post, tokens: tuple[str, ...]) -> bool:
    """Whether one of the tokens is in the headers. An empty one never matches.

    In an address it does not count: that stands in the logs of others, which only a form has to bear with.
    """
    return any_equal(_in_headers(post), tokens)


def bears_any(post: Post, secrets: tuple[str, ...]) -> bool:
    """Whether one of them is a header, in the query, or one of the texts in the body: each sender has a place for it.

    Google Ads and others can put it nowhere but into the body, many forms nowhere but into the address.
    """
    return bears_token(post, secrets) or any_equal(post.query.values(), secrets) or any_equal(_in_body(post), secrets)


def token_in(post: Post) -> str:
    """The token that a post carries, "" when it has none: bearer, basic, `X-Api-Key` or `token` in the query."""
    scheme, _, rest = post.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        return _basic(rest).partition(":")[2]
    return rest.strip() or scheme or post.headers.get("x-api-key", "").strip() or post.query.get("token", "")


def without(post: Post, secrets: Iterable[str] = ()) -> Post:
    """The post as it may be kept: without tokens, signatures, cookies, keys, and `secrets` wherever they stand."""
    known = _known(secrets)
    headers = {
        name: value
        for name, value in post.headers.items()
        if _KEPT_HEADER.fullmatch(name) and not any(secret in value for secret in known)
    }
    query = {
        name: value
        for name, value in post.query.items()
        if not _IN_QUERY.search(name) and not any(secret in value for secret in known)
    }
    return replace(
        post,
        url=_address(post.url, known),
        headers=MappingProxyType(headers),
        query=MappingProxyType(query),
        body=_starred(post.body, known),
    )


def people_without(people: Iterable[Person], secrets: Iterable[str]) -> tuple[Person, ...]:
    """The same people, and no secret among what is told of them: Jotform repeats the address that it posts to.

    What a contact is made from stays as it is.
    """
    known = _known(secrets)

    def kept(detail: Detail) -> Detail:
        if detail.role is not None:
            return detail
        starred = _starred(_bytes(detail.value), known).decode("utf-8", "surrogatepass")
        return detail if starred == detail.value else replace(detail, value=starred)

    return tuple(Person(tuple(kept(detail) for detail in person.details)) for person in people)


def any_equal(found: Iterable[str], secrets: tuple[str, ...]) -> bool:
    """Every pair is compared, in constant time."""
    usable = [_bytes(secret) for secret in secrets if secret.strip()]
    given = [_bytes(one) for one in found]
    return any([hmac.compare_digest(one, secret) for one in given for secret in usable])  # noqa: C419 - all of them


def _in_headers(post: Post) -> Iterator[str]:
    for name, value in post.headers.items():
        if name == "authorization":
            scheme, _, rest = value.strip().partition(" ")
            yield from (value.strip(), rest.strip())
            if scheme.lower() == "basic":
                pair = _basic(rest)
                yield from (pair, *pair.split(":", 1))
        elif name != "cookie":
            yield value.strip()


def _basic(text: str) -> str:
    try:
        return base64.b64decode(text.strip()).decode("utf-8", "replace")
    except ValueError:
        return ""


def _in_body(post: Post) -> list[str]:
    """Texts of the body, as many as are worth looking at. A body that cannot be read has none."""
    kind = post.content_type
    try:
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(post.body.decode("utf-8", "replace"), max_num_fields=2000)
            return [value for _, value in pairs][:_MOST_VALUES]
        if kind == "multipart/form-data":
            return _in_parts(post)
        return _in_json(json.loads(post.body)) if post.body.lstrip()[:1] in (b"{", b"[") else []
    except (ValueError, RecursionError):
        return []


def _in_parts(post: Post) -> list[str]:
    boundary = _BOUNDARY.search(post.headers.get("content-type", ""))
    if boundary is None:
        return []
    parts = post.body.split(b"--" + _bytes(boundary[1]), _MOST_VALUES)
    values = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]
    return [value.decode("utf-8", "replace") for value in values if value]


def _in_json(value: object) -> list[str]:
    found: list[str] = []
    waiting = [value]
    while waiting and len(found) < _MOST_VALUES:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def _known(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if len(secret) >= _SHORTEST)


def _address(url: str, known: tuple[str, ...]) -> str:
    """Cut by hand: the host is what the sender says it is, and need not be one."""
    front, _, query = url.partition("#")[0].partition("?")
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _IN_QUERY.search(name) and not any(secret in value for secret in known)
    ]
    return _USER.sub(r"\1", front) + (f"?{urlencode(kept, errors='replace')}" if kept else "")


def _starred(body: bytes, known: tuple[str, ...]) -> bytes:
    for pattern in _IN_BODY:
        body = pattern.sub(rb"\1***", body)
    for spelling in sorted({one for secret in known for one in _spellings(secret)}, key=len, reverse=True):
        body = body.replace(_bytes(spelling), b"***")
    return body


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a body may write it."""
    in_json = json.dumps(secret)[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"), json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (quote(_bytes(secret)), quote(_bytes(secret), safe=""), quote_plus(_bytes(secret)), html.escape(secret))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
