"""How senders sign: a table to add to.

Of every scheme: which header has the signature, how it is written there, and what it is made from. Facts are from
the senders' own documentation; docs/webhooks.md says for each sender which scheme it uses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

TOKEN = "token"  # noqa: S105 - the scheme of those who cannot sign: the secret itself comes along

_PLACES = frozenset("body ts id method url secret".split())
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of signing.

    `template` is what is signed: `{body}` the bytes as sent, `{ts}` the timestamp as written, `{id}` what stands in
    `id_header`, `{method}`, `{url}` the public address with its query, and `{secret}` in a plain digest. `form` is
    how the header is written: `plain`, `kv` (`t=…,v1=…`, or other `names`) or `space_v1` (`v1,… v1,…`). `key_form` is
    how the secret is written: `utf8`, `hex`, or `b64:` and a prefix that may stand before it. `tolerance` is in
    seconds, both ways.
    """

    header: str
    template: str = "{body}"
    encoding: str = "hex"
    prefix: str = ""
    form: str = "plain"
    kind: str = "hmac"
    algorithm: str = "sha256"
    id_header: str = ""
    ts_header: str = ""
    ts_unit: str = "s"
    tolerance: int = 300
    key_form: str = "utf8"
    url_decode: bool = False
    names: tuple[str, str] = ("t", "v1")

    @property
    def is_dated(self) -> bool:
        return "{ts}" in self.template

    def pieces(self) -> list[str]:
        """The template, cut: text at the even places, names at the odd ones."""
        return _PLACE.split(self.template)


SCHEMES: Mapping[str, Scheme] = MappingProxyType({
    "typeform": Scheme("typeform-signature", prefix="sha256=", encoding="base64"),
    "tally": Scheme("tally-signature", encoding="base64"),
    "shopify": Scheme("x-shopify-hmac-sha256", encoding="base64"),
    "woocommerce": Scheme("x-wc-webhook-signature", encoding="base64"),
    "meta": Scheme("x-hub-signature-256", prefix="sha256="),
    "formstack": Scheme("x-fs-signature", prefix="sha256="),
    "squarespace": Scheme("squarespace-signature", key_form="hex"),
    "framer": Scheme(
        "framer-signature", "{body}{id}", prefix="sha256=", id_header="framer-webhook-submission-id"
    ),
    "klaviyo_system": Scheme(
        "klaviyo-signature", "{body}{ts}", ts_header="klaviyo-timestamp", ts_unit="http-date"
    ),
    "webflow": Scheme("x-webflow-signature", "{ts}:{body}", ts_header="x-webflow-timestamp", ts_unit="ms"),
    "stripe": Scheme("stripe-signature", "{ts}.{body}", form="kv"),
    "calendly": Scheme("calendly-webhook-signature", "{ts}.{body}", form="kv", tolerance=180),
    "hubspot_v3": Scheme(
        "x-hubspot-signature-v3",
        "{method}{url}{body}{ts}",
        encoding="base64",
        ts_header="x-hubspot-request-timestamp",
        ts_unit="ms",
        url_decode=True,
    ),
    "hubspot_v2": Scheme("x-hubspot-signature", "{secret}{method}{url}{body}", kind="digest"),
    "hubspot_v1": Scheme("x-hubspot-signature", "{secret}{body}", kind="digest"),
    "standard_webhooks": Scheme(
        "webhook-signature",
        "{id}.{ts}.{body}",
        encoding="base64",
        form="space_v1",
        id_header="webhook-id",
        ts_header="webhook-timestamp",
        key_form="b64:whsec_",
    ),
    "svix": Scheme(
        "svix-signature",
        "{id}.{ts}.{body}",
        encoding="base64",
        form="space_v1",
        id_header="svix-id",
        ts_header="svix-timestamp",
        key_form="b64:whsec_",
    ),
})  # fmt: skip


def described(words: Mapping[str, object]) -> Scheme:
    """A scheme that is not in the table, from a sender's configuration.

    Raise ValueError, in words that go on after the sender's name, when nothing safe can be made of it.
    """
    unknown = sorted(set(words) - set(_WORDS))
    if unknown:
        raise ValueError("has a signature with words that are not known; docs/webhooks.md lists them")
    given = {}
    for word, (name, fits) in _WORDS.items():
        if word in words:
            if not fits(words[word]):
                raise ValueError(f"has a signature whose {word} cannot be used")
            given[name] = words[word]
    if "header" not in given:
        raise ValueError("has a signature without a header")
    return _safe(Scheme(**_ready(given)))  # type: ignore[arg-type]


def _ready(given: Mapping[str, object]) -> dict[str, object]:
    lower = {"header", "id_header", "ts_header"}
    ready = {name: value.lower() if name in lower else value for name, value in given.items() if isinstance(value, str)}
    rest = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return rest | ready


def _safe(scheme: Scheme) -> Scheme:
    """What does not cover the body, or needs no secret, could be sent by anybody."""
    places = set(scheme.pieces()[1::2])
    if "body" not in places or not places <= _PLACES:
        raise ValueError("has a signature whose template cannot be used")
    if (scheme.kind == "digest") != ("secret" in places):
        raise ValueError("has a signature whose template must have {secret} if it is a digest, and only then")
    if ("id" in places and not scheme.id_header) or (scheme.is_dated and not scheme.ts_header and scheme.form != "kv"):
        raise ValueError("has a signature whose template names what no header has")
    return scheme


def _one_of(*allowed: str) -> Callable[[object], bool]:
    return lambda value: value in allowed


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 86_400


def _key_form(value: object) -> bool:
    return isinstance(value, str) and (value in ("utf8", "hex") or value.startswith("b64:"))


def _pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_text(one) for one in value)


# The words of the configuration, the field that each gives, and what fits there.
_WORDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "header": ("header", _text),
    "template": ("template", _text),
    "enc": ("encoding", _one_of("hex", "base64")),
    "prefix": ("prefix", _text),
    "parse": ("form", _one_of("plain", "kv", "space_v1")),
    "kind": ("kind", _one_of("hmac", "digest")),
    "alg": ("algorithm", _one_of("sha1", "sha256", "sha384", "sha512")),
    "id_header": ("id_header", _text),
    "ts_header": ("ts_header", _text),
    "ts_unit": ("ts_unit", _one_of("s", "ms", "http-date", "iso")),
    "tolerance": ("tolerance", _seconds),
    "secret": ("key_form", _key_form),
    "url_decode": ("url_decode", lambda value: isinstance(value, bool)),
    "names": ("names", _pair),
}
