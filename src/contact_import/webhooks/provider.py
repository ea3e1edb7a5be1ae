"""What a webhook sender is known for: how it signs, where its ids are, which names it alone uses.

One module of `providers/` describes one sender, as `PROVIDER`. Code that serves every sender asks `registry`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contact_import.domain.http import HttpRequest, HttpResponse

USE_CONNECTOR = "use a connector such as Zapier or Make, which fetches the person and posts it here"

_PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign a request.

    `template` is what is signed: `{body}` the bytes as sent, `{ts}` the timestamp as written, `{id}` the value of
    `id_header`, `{method}`, `{url}` the public address with its query, and `{secret}` in a plain digest.
    `header_format` is `plain`, `kv` (`t=…,v1=…`, or other `kv_names`) or `space_v1` (`v1,… v1,…`). `key_encoding` is
    how the secret is written: `utf8`, `hex`, or `b64:` and a prefix that the secret may have. `tolerance` is the
    largest difference between the timestamp and now, in seconds, before or after.
    """

    header: str
    template: str = "{body}"
    encoding: str = "hex"
    prefix: str = ""
    header_format: str = "plain"
    kind: str = "hmac"
    algorithm: str = "sha256"
    id_header: str = ""
    ts_header: str = ""
    ts_unit: str = "s"
    tolerance: int = 300
    key_encoding: str = "utf8"
    url_decode: bool = False
    kv_names: tuple[str, str] = ("t", "v1")

    @property
    def has_timestamp(self) -> bool:
        """Return whether the signature covers a timestamp."""
        return "{ts}" in self.template

    def split_template(self) -> list[str]:
        """Return the template in pieces: text at even indexes, the names of placeholders at odd ones."""
        return _PLACEHOLDER_PATTERN.split(self.template)


@dataclass(frozen=True, slots=True)
class EventId:
    """Where the id of a delivery is: the values of all `headers`, then those at all `paths` of the body.

    A delivery is of this kind when its body has all `required` paths and its request all `headers`. It has no id then
    when one of the parts is missing. `*` in a path is each element of an array, or the one object in its place.
    """

    headers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdOnlyEvent:
    """An event without the person: an object of it has all `keys`, in lower case. `reason` says what to do instead."""

    keys: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything that is known of one sender. `title` is the heading of its section in docs/senders.md.

    `schemes` are its signatures by the name that a configuration gives; `has_token` says that it can send a token.
    `key_aliases` are names that only this sender gives to a common field, without case and punctuation, and
    `key_prefix` and `key_suffix` are regular expressions for what it writes around all its names. `answer_parts` are
    the questions, by their declared type in lower case, whose answer is an array, and what each element of it is.
    `event_headers` name the event,
    `test_header` is `true` for a test. `secret_names` are keys of secrets in its bodies, as parts of a pattern.

    `answer_handshake` and `answer_challenge` answer a request that is no delivery, from its keys: the first one
    before it is authenticated, and only for a sender whose scheme is one of `schemes`; the second one after.
    `acknowledge` returns the answer that replaces ours to a delivery.
    """

    title: str
    schemes: Mapping[str, Scheme] = field(default_factory=lambda: MappingProxyType({}))
    has_token: bool = True
    event_ids: tuple[EventId, ...] = ()
    id_only_events: tuple[IdOnlyEvent, ...] = ()
    key_aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key_prefix: str = ""
    key_suffix: str = ""
    answer_parts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    event_headers: tuple[str, ...] = ()
    test_header: str = ""
    secret_names: tuple[str, ...] = ()
    answer_handshake: Callable[[HttpRequest], HttpResponse | None] | None = None
    answer_challenge: Callable[[Mapping[str, object], tuple[bytes, ...]], HttpResponse | None] | None = None
    acknowledge: Callable[[HttpRequest], HttpResponse | None] | None = None
