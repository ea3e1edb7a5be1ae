"""The table of signature schemes: which header has the signature, how it is written, and what it covers.

The facts are from the senders' documentation. docs/webhooks.md says which scheme each sender uses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

TOKEN = "token"  # noqa: S105 - the scheme of senders that cannot sign: each request has the secret itself

_PLACEHOLDERS = frozenset("body ts id method url secret".split())
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


SCHEMES: Mapping[str, Scheme] = MappingProxyType({
    "typeform": Scheme("typeform-signature", prefix="sha256=", encoding="base64"),
    "tally": Scheme("tally-signature", encoding="base64"),
    "shopify": Scheme("x-shopify-hmac-sha256", encoding="base64"),
    "woocommerce": Scheme("x-wc-webhook-signature", encoding="base64"),
    "meta": Scheme("x-hub-signature-256", prefix="sha256="),
    "formstack": Scheme("x-fs-signature", prefix="sha256="),
    "squarespace": Scheme("squarespace-signature", key_encoding="hex"),
    "framer": Scheme(
        "framer-signature", "{body}{id}", prefix="sha256=", id_header="framer-webhook-submission-id"
    ),
    "klaviyo_system": Scheme(
        "klaviyo-signature", "{body}{ts}", ts_header="klaviyo-timestamp", ts_unit="http-date"
    ),
    "webflow": Scheme("x-webflow-signature", "{ts}:{body}", ts_header="x-webflow-timestamp", ts_unit="ms"),
    "stripe": Scheme("stripe-signature", "{ts}.{body}", header_format="kv"),
    "calendly": Scheme("calendly-webhook-signature", "{ts}.{body}", header_format="kv", tolerance=180),
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
        header_format="space_v1",
        id_header="webhook-id",
        ts_header="webhook-timestamp",
        key_encoding="b64:whsec_",
    ),
    "svix": Scheme(
        "svix-signature",
        "{id}.{ts}.{body}",
        encoding="base64",
        header_format="space_v1",
        id_header="svix-id",
        ts_header="svix-timestamp",
        key_encoding="b64:whsec_",
    ),
})  # fmt: skip


def parse_custom_scheme(options: Mapping[str, object]) -> Scheme:
    """Parse a scheme that a sender's configuration describes.

    Raise ValueError when it is not safe. Its message continues a sentence that begins with the sender's name.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise ValueError("has a signature with words that are not known; docs/webhooks.md lists them")
    values = {}
    for option, (name, is_valid) in _OPTIONS.items():
        if option in options:
            if not is_valid(options[option]):
                raise ValueError(f"has a signature whose {option} cannot be used")
            values[name] = options[option]
    if "header" not in values:
        raise ValueError("has a signature without a header")
    return _validate_scheme(Scheme(**_normalize_values(values)))  # type: ignore[arg-type]


def _normalize_values(values: Mapping[str, object]) -> dict[str, object]:
    lowercase_fields = {"header", "id_header", "ts_header"}
    texts = {
        name: value.lower() if name in lowercase_fields else value
        for name, value in values.items()
        if isinstance(value, str)
    }
    rest = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return rest | texts


def _validate_scheme(scheme: Scheme) -> Scheme:
    """Return the scheme. Raise ValueError unless it covers the body and needs the secret: anybody could forge it."""
    placeholders = set(scheme.split_template()[1::2])
    if "body" not in placeholders or not placeholders <= _PLACEHOLDERS:
        raise ValueError("has a signature whose template cannot be used")
    if (scheme.kind == "digest") != ("secret" in placeholders):
        raise ValueError("has a signature whose template must have {secret} if it is a digest, and only then")
    if ("id" in placeholders and not scheme.id_header) or (
        scheme.has_timestamp and not scheme.ts_header and scheme.header_format != "kv"
    ):
        raise ValueError("has a signature whose template names what no header has")
    return scheme


def _is_one_of(*allowed: str) -> Callable[[object], bool]:
    return lambda value: value in allowed


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 86_400


def _is_key_encoding(value: object) -> bool:
    return isinstance(value, str) and (value in ("utf8", "hex") or value.startswith("b64:"))


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_text(one) for one in value)


# The options of the configuration, the field of `Scheme` that each sets, and the check of its value.
_OPTIONS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "header": ("header", _is_text),
    "template": ("template", _is_text),
    "enc": ("encoding", _is_one_of("hex", "base64")),
    "prefix": ("prefix", _is_text),
    "parse": ("header_format", _is_one_of("plain", "kv", "space_v1")),
    "kind": ("kind", _is_one_of("hmac", "digest")),
    "alg": ("algorithm", _is_one_of("sha1", "sha256", "sha384", "sha512")),
    "id_header": ("id_header", _is_text),
    "ts_header": ("ts_header", _is_text),
    "ts_unit": ("ts_unit", _is_one_of("s", "ms", "http-date", "iso")),
    "tolerance": ("tolerance", _is_seconds),
    "secret": ("key_encoding", _is_key_encoding),
    "url_decode": ("url_decode", lambda value: isinstance(value, bool)),
    "names": ("kv_names", _is_pair),
}
