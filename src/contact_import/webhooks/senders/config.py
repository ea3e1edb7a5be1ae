"""Who may post to the webhook, from what is stored behind `HOOKS_SECRET`."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contact_import.columns.header_match import is_vague, role_of
from contact_import.columns.header_names import Role
from contact_import.domain.labels import Labels
from contact_import.errors import SecretError
from contact_import.webhooks.senders.signature_schemes import SCHEMES, TOKEN, Scheme, described

_SECRET = "The secret behind HOOKS_SECRET"  # noqa: S105 - what it is called


@dataclass(frozen=True, slots=True)
class HookSender:
    """A form or CRM that posts to `/hooks/{name}`.

    `secrets` are all valid at once, so that one can be replaced. `mapping` gives what stands under a label or path
    to one of Cellcast's fields, or to none: {"Kundennummer": None, "input_7": "phone_number"}. `scheme` is a name of
    `SCHEMES`, `token`, or that of a signature which the configuration describes itself: `own`.
    """

    name: str
    scheme: str
    secrets: tuple[str, ...] = field(repr=False)
    labels: Labels = Labels()
    mapping: Mapping[str, str | None] = MappingProxyType({})
    own: Scheme | None = None

    @property
    def signature(self) -> Scheme | None:
        """How this sender signs; None when it sends a token instead."""
        return None if self.scheme == TOKEN else self.own or SCHEMES[self.scheme]

    def signing_keys(self) -> tuple[bytes, ...]:
        """The secrets as they enter a signature, without those that are empty. Raise ValueError if one is garbled."""
        how = self.signature.key_form if self.signature else "utf8"
        return tuple(key for secret in self.secrets if secret.strip() and (key := _decoded(secret, how)))


@dataclass(frozen=True, slots=True)
class Hooks:
    """Everybody who may post. `faults` has one sentence for each sender whose configuration cannot be used."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    senders: Mapping[str, HookSender] = MappingProxyType({})
    faults: Mapping[str, str] = MappingProxyType({})

    def sender(self, name: str) -> HookSender | None:
        """None for a stranger. Raise SecretError for a sender that ought to be let in and cannot be."""
        if name in self.faults:
            raise SecretError(f"{_SECRET} cannot be used for one sender: {self.faults[name]}")
        return self.senders.get(name)


def parse_hooks(text: str) -> Hooks:
    """What is stored behind `HOOKS_SECRET`: `{"tokens": […], "senders": {name: {…}}}`.

    Raise SecretError, in a sentence that names the place and no value. One wrong sender does not shut out the others.
    """
    try:
        stored = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise SecretError(f"{_SECRET} is not JSON.") from None
    if not isinstance(stored, dict):
        raise SecretError(f"{_SECRET} must be an object with tokens and senders.")
    tokens = _texts(stored.get("tokens"))
    if tokens is None:
        raise SecretError(f"{_SECRET} must have a list of texts under tokens.")
    listed = stored.get("senders") or {}
    if not isinstance(listed, dict):
        raise SecretError(f"{_SECRET} must have an object under senders.")
    senders, faults = {}, {}
    for name, words in listed.items():
        try:
            senders[name] = _sender(name, words)
        except ValueError as error:
            faults[name] = f"sender {name} {error}."
    return Hooks(tokens, MappingProxyType(senders), MappingProxyType(faults))


def _sender(name: str, words: object) -> HookSender:
    if not isinstance(words, dict):
        raise ValueError("must be an object with scheme and secrets")  # noqa: TRY004 - it is the value of a setting
    scheme, own = _scheme(words.get("scheme"))
    secrets = _texts(words.get("secrets", words.get("secret")))
    tags, lists = (_texts(words.get(word, words.get(other))) for word, other in (("tags", "tag"), ("list", "lists")))
    if secrets is None:
        raise ValueError("must have a list of texts under secrets")
    if tags is None or lists is None:
        raise ValueError("must have lists of texts under tags and list")
    sender = HookSender(name, scheme, secrets, Labels() + Labels(tags, lists), _mapping(words.get("mapping")), own)
    try:
        keys = sender.signing_keys()
    except ValueError:
        raise ValueError("has a secret that is not written as its scheme writes secrets") from None
    if not keys:
        raise ValueError("has no secret")
    return sender


def _scheme(word: object) -> tuple[str, Scheme | None]:
    if isinstance(word, dict):
        return "described", described(word)
    name = word.strip().lower().replace("-", "_") if isinstance(word, str) else ""
    if name == TOKEN or name in SCHEMES:
        return name, None
    raise ValueError("has no scheme that is known; docs/webhooks.md lists them")


def _texts(value: object) -> tuple[str, ...] | None:
    """The texts of a list, without empty ones; one text stands for a list of it. None for anything else."""
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    return tuple(one for one in listed if one.strip())


def _mapping(value: object) -> Mapping[str, str | None]:
    if value is None:
        return MappingProxyType({})
    if not isinstance(value, dict):
        raise ValueError("must have an object under mapping")  # noqa: TRY004 - the same
    return MappingProxyType({label: _field(label, word) for label, word in value.items()})


def _field(label: str, word: object) -> str | None:
    """One of the roles: `phone_number`, `Mobile` and `name` are all understood."""
    if word is None or word == "":
        return None
    if isinstance(word, str):
        if word in Role:
            return Role(word).value
        role = role_of(word)
        if role and not is_vague(word):
            return role.value
    raise ValueError(f"maps {label!r} to something that is no field")


def _decoded(secret: str, how: str) -> bytes:
    if how == "utf8":
        return secret.encode("utf-8", "surrogatepass")
    if how == "hex":
        return bytes.fromhex(secret)
    text = secret.strip().removeprefix(how.removeprefix("b64:"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
