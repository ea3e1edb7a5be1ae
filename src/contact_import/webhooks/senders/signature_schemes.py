"""Parse a signature scheme that a sender's configuration describes; `providers/` has the schemes with a name.

`{"header": "X-Signature", "template": "{ts}.{body}", "ts_header": "X-Time", "enc": "hex"}` becomes
`Scheme("x-signature", "{ts}.{body}", ts_header="x-time", encoding="hex")`.
"""

from collections.abc import Callable, Mapping

from contact_import.webhooks.provider import Scheme

TOKEN = "token"  # noqa: S105 - the scheme of senders that cannot sign: each request has the secret itself

_PLACEHOLDERS = frozenset("body ts id method url secret".split())


def parse_custom_scheme(options: Mapping[str, object]) -> Scheme:
    """Return the scheme that a configuration describes: `options` as docs/webhooks.md lists them.

    Raise ValueError if it is not safe. The message continues a sentence that begins with the sender's name.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise ValueError("has a signature with unknown keys; docs/webhooks.md lists the known ones")
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
    """Return the scheme. Raise ValueError if it does not cover the body or not need the secret.

    Without the body, a signature of one delivery would authenticate any other; without the secret, anyone could make
    one. An HMAC has the secret as its key, so its template must not repeat it; a plain digest has it in the template.
    """
    placeholders = set(scheme.split_template()[1::2])
    if "body" not in placeholders or not placeholders <= _PLACEHOLDERS:
        raise ValueError("has a signature whose template cannot be used")
    if (scheme.kind == "digest") != ("secret" in placeholders):
        raise ValueError("has a signature whose template must contain {secret} for a digest, and only then")
    if ("id" in placeholders and not scheme.id_header) or (
        scheme.has_timestamp and not scheme.ts_header and scheme.header_format != "kv"
    ):
        raise ValueError("has a signature whose template uses a value without a header")
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


# Each option of the configuration, the field of `Scheme` that it sets, and the check of its value.
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
