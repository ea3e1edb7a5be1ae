"""Parse the configuration of webhook senders and API tokens: the JSON in the secret that `HOOKS_SECRET` names."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contact_import.columns.header_match import is_vague, match_role
from contact_import.domain.consent import ConsentValues, parse_consent_values
from contact_import.domain.labels import Labels
from contact_import.domain.roles import Role
from contact_import.domain.utf8 import encode_utf8
from contact_import.errors import SecretError
from contact_import.webhooks.provider import Scheme
from contact_import.webhooks.registry import find_scheme
from contact_import.webhooks.senders.signature_schemes import TOKEN, parse_custom_scheme

_MAX_NAME_CHARS = 60  # of a token
_SECRET_LABEL = "The secret behind HOOKS_SECRET"  # noqa: S105 - what it is called


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """A form or CRM that posts to `/hooks/{name}`.

    `scheme` is the name of a provider's scheme, or `token`, or `described` for a signature that the configuration
    describes; `custom_scheme` has that one. All `secrets` are valid together, so that one can be replaced without a
    gap. `labels` are added to each contact.

    `mapping` gives a label or path of a delivery to one of Cellcast's fields, or to none:
    {"input_7": "phone_number", "Customer no": None}. `consent_values` says what the values of a consent mean, by its
    label or path ("" is for every consent): {"status": {"pending": Consent.NO}}.
    """

    name: str
    scheme: str
    secrets: tuple[str, ...] = field(repr=False)
    labels: Labels = Labels()
    mapping: Mapping[str, str | None] = MappingProxyType({})
    custom_scheme: Scheme | None = None
    consent_values: Mapping[str, ConsentValues] = MappingProxyType({})

    @property
    def signature_scheme(self) -> Scheme | None:
        """Return how this sender signs, None if it sends a token instead."""
        return None if self.scheme == TOKEN else self.custom_scheme or find_scheme(self.scheme)

    def decode_signing_keys(self) -> tuple[bytes, ...]:
        """Return the secrets as keys of a signature, without empty ones. Raise ValueError for a garbled secret."""
        key_encoding = self.signature_scheme.key_encoding if self.signature_scheme else "utf8"
        return tuple(key for secret in self.secrets if secret.strip() and (key := _decode_secret(secret, key_encoding)))


@dataclass(frozen=True, slots=True)
class SenderConfig:
    """The API tokens and the webhook senders, by name.

    `token_names` has the names of those tokens that have one. `faults` has one sentence for each sender whose
    configuration is wrong, by the sender's name; such a sender is not in `senders`.
    """

    tokens: tuple[str, ...] = field(default=(), repr=False)
    senders: Mapping[str, WebhookSender] = MappingProxyType({})
    faults: Mapping[str, str] = MappingProxyType({})
    token_names: Mapping[str, str] = field(default=MappingProxyType({}), repr=False)

    def find_sender(self, name: str) -> WebhookSender | None:
        """Return a sender, None for an unknown name. Raise SecretError if the sender's configuration is wrong."""
        if name in self.faults:
            raise SecretError(f"{_SECRET_LABEL} cannot be used for one sender: {self.faults[name]}")
        return self.senders.get(name)


def parse_sender_config(text: str, label: str = _SECRET_LABEL) -> SenderConfig:
    """Parse the text of the secret: `{"tokens": […], "senders": {name: {…}}}`.

    Tokens may have names, `{"tokens": {"front-desk": "…"}}`, which the history and the results show.

    A wrong sender becomes a fault, and the others stay usable. Raise SecretError if the text as a whole is wrong; the
    message begins with `label` and quotes nothing of the text.
    """
    try:
        # Editors on Windows save JSON with a byte order mark.
        stored = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SecretError(f"{label} is not JSON.") from None
    if not isinstance(stored, dict):
        raise SecretError(f"{label} must be an object with tokens and senders.")
    stored_tokens = stored.get("tokens")
    named_tokens = stored_tokens if isinstance(stored_tokens, dict) else {}
    tokens = _parse_texts(list(named_tokens.values()) if isinstance(stored_tokens, dict) else stored_tokens)
    if tokens is None:
        raise SecretError(f"{label} must have a list of texts under tokens, or an object of names and texts.")
    token_names = {token: name[:_MAX_NAME_CHARS] for name, token in named_tokens.items()}
    entries = stored.get("senders") or {}
    if not isinstance(entries, dict):
        raise SecretError(f"{label} must have an object under senders.")
    senders, faults = {}, {}
    for name, entry in entries.items():
        try:
            senders[name] = _parse_sender(name, entry)
        except ValueError as error:
            faults[name] = f"sender {name} {error}."
    return SenderConfig(
        tokens, MappingProxyType(senders), MappingProxyType(faults), token_names=MappingProxyType(token_names)
    )


def _parse_sender(name: str, entry: object) -> WebhookSender:
    if not isinstance(entry, dict):
        raise ValueError("must be an object with scheme and secrets")  # noqa: TRY004 - a wrong setting, not a bug
    scheme, custom_scheme = _parse_scheme(entry.get("scheme"))
    secrets = _parse_texts(entry.get("secrets", entry.get("secret")))
    tags = _parse_texts(entry.get("tags", entry.get("tag")))
    lists = _parse_texts(entry.get("list", entry.get("lists")))
    if secrets is None:
        raise ValueError("must have a list of texts under secrets")
    if tags is None or lists is None:
        raise ValueError("must have lists of texts under tags and list")
    sender = WebhookSender(
        name,
        scheme,
        secrets,
        Labels() + Labels(tags, lists),
        _parse_mapping(entry.get("mapping")),
        custom_scheme,
        _parse_consent_values(entry.get("mapping")),
    )
    try:
        # Decode once here: a garbled secret is a fault at the start, and no request has to fail because of it.
        keys = sender.decode_signing_keys()
    except ValueError:
        raise ValueError("has a secret in the wrong format for its scheme") from None
    if not keys:
        raise ValueError("has no secret")
    return sender


def _parse_scheme(value: object) -> tuple[str, Scheme | None]:
    if isinstance(value, dict):
        return "described", parse_custom_scheme(value)
    name = value.strip().lower().replace("-", "_") if isinstance(value, str) else ""
    if name == TOKEN or find_scheme(name):
        return name, None
    raise ValueError("has an unknown scheme; docs/senders.md lists the known ones")


def _parse_texts(value: object) -> tuple[str, ...] | None:
    """Return the texts of a list, or one text as a list, without empty ones. Return None for anything else."""
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    return tuple(one for one in listed if one.strip())


def _parse_mapping(value: object) -> Mapping[str, str | None]:
    if value is None:
        return MappingProxyType({})
    if not isinstance(value, dict):
        raise ValueError("must have an object under mapping")  # noqa: TRY004 - a wrong setting, not a bug
    # An object says what the values of a consent mean: `_parse_consent_values` reads those.
    fields = {label: field_name for label, field_name in value.items() if not isinstance(field_name, dict)}
    return MappingProxyType({label: _resolve_field(label, field_name) for label, field_name in fields.items()})


def _parse_consent_values(mapping: object) -> Mapping[str, ConsentValues]:
    """Parse what values mean: `{"status": {"consent": {"Pending": "no"}}}`, or `{"consent": {…}}` for every consent."""
    found: dict[str, ConsentValues] = {}
    for label, members in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(members, dict):
            is_for_all = label == "consent" and "consent" not in members
            values = parse_consent_values(members if is_for_all else members.get("consent"))
            if values is None:
                raise ValueError(f"maps the values of {label!r} to something other than yes or no")
            found["" if is_for_all else label] = values
    return MappingProxyType(found)


def _resolve_field(label: str, field_name: object) -> str | None:
    """Return the role of a field name, None for no field. `phone_number`, `Mobile` and `name` are valid names."""
    if field_name is None or field_name == "":
        return None
    if isinstance(field_name, str):
        if field_name in Role:
            return Role(field_name).value
        role = match_role(field_name)
        if role and not is_vague(field_name):
            return role.value
    raise ValueError(f"maps {label!r} to something that is not a field")


def _decode_secret(secret: str, key_encoding: str) -> bytes:
    if key_encoding == "utf8":
        return encode_utf8(secret)
    if key_encoding == "hex":
        return bytes.fromhex(secret)
    # `b64:whsec_` is base64 after the prefix `whsec_`, which people copy or leave out.
    text = secret.strip().removeprefix(key_encoding.removeprefix("b64:"))
    try:
        # Some senders show a secret without its padding, which Python requires.
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
