"""Describe a webhook sender as data: how it signs, where its ids are, which names it alone uses.

One module of `providers/` describes one sender, as `PROVIDER`. Code that serves every sender asks `registry`, and never
names a sender itself.
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

    - `header` has the signature, as `encoding` (`hex` or `base64`) after an optional `prefix`. `header_format` is
      `plain`, `kv` (`t=…,v1=…`, or other `kv_names`) or `space_v1` (`v1,… v1,…`).
    - `template` is the text that is signed: `{body}` the bytes as sent, `{ts}` the timestamp as the header has it,
      `{id}` the value of `id_header`, `{method}`, `{url}` the public address with its query, and `{secret}` in a
      `digest`. With `url_decode`, some characters of the address may be signed decoded.
    - `kind` is `hmac`, or `digest` for a plain hash; `algorithm` is a name that `hashlib` has.
    - `ts_header` has the timestamp (with `kv`, the signature's own header), in `ts_unit`: `s`, `ms`, `http-date` or
      `iso`. `tolerance` is its largest difference from now, before or after, in seconds.
    - `key_encoding` says how people copy the secret: `utf8`, `hex`, or `b64:` and a prefix that it may have.

    Header names are in lower case. Standard Webhooks, for example, is
    `Scheme("webhook-signature", "{id}.{ts}.{body}", "base64", header_format="space_v1", id_header="webhook-id", …)`.
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
        """Return the pieces of the template, text at even and placeholders at odd indexes.

        "{ts}.{body}" gives ["", "ts", ".", "body", ""].
        """
        return _PLACEHOLDER_PATTERN.split(self.template)


@dataclass(frozen=True, slots=True)
class EventId:
    """The place of a delivery's id: the values of all `headers`, then the texts at all `paths` of the body.

    It applies to a delivery whose request has all `headers` and whose body has all `required` paths. Such a delivery
    has no id if one of the parts is missing. `*` in a path is each element of an array, or the one object in its place:
    "entry.*.id".
    """

    headers: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdOnlyEvent:
    """An event with the id of a person only. One of its objects has all `keys`, in lower case.

    `reason` is a sentence for people that says what to do instead.
    """

    keys: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything that is known of one sender. `title` is the heading of its section in docs/senders.md.

    - `schemes` are its signatures, by the name that a configuration gives. `has_token`: it can send a token.
    - `event_ids` and `id_only_events` say where ids are; the first `EventId` that applies counts.
    - `key_aliases` are names that only this sender gives to a common field, without case and punctuation. `key_prefix`
      and `key_suffix` are regular expressions of what it writes around all its names.
    - `answer_parts`: for a question whose answer is an array, by its declared type in lower case, the name of each
      element.
    - `event_headers` name the event. `test_header` is `true` for a test.
    - `secret_names` are keys of secrets in its bodies, as parts of a regular expression.

    `answer_handshake` and `answer_challenge` answer a request that is no delivery: the first one before it is
    authenticated, and only for a sender whose scheme is one of `schemes`; the second one after, from the body and the
    sender's keys. `acknowledge` returns the answer to a delivery that this sender needs in place of ours.
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
