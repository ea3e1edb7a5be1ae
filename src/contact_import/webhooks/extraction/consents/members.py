"""Rewrite the consents of a body, whatever objects and arrays they are in, into plain members of their person.

`{"consents": [{"channel": "sms", "granted": false}]}` becomes `{"consents sms granted": false}`. Consents to other
channels are left out. The meaning of a member is decided as that of a file's column (`fields/consent_header`).
"""

import json
from collections.abc import Collection, Mapping

from contact_import.columns.header_match import split_words
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import ConsentKind, classify_consent_header, has_moment_word
from contact_import.webhooks.extraction.consents.leaves import (
    MAX_DEPTH,
    find_leaves,
    has_channel,
    is_verdict_key,
    settle_purposes,
    split_parts,
)
from contact_import.webhooks.extraction.consents.states import drop_unusable_phones, find_phone_states
from contact_import.webhooks.extraction.json_value import (
    MAX_EMBEDDED_LEVELS,
    JsonValue,
    normalize_key,
    parse_embedded,
    to_text,
)

# Keys of objects and arrays that may contain consents. Without a channel inside, they contain something else.
_CONTAINER_WORDS = frozenset(
    "consent consents permission permissions preference preferences subscription subscriptions subscribed unsubscribed "
    "optin optout opt opted dnc dnd channels channel marketing suppressions suppression suppressed blocklist "
    "communication communications gdpr sms text".split()
)
_PHONE_KEYS = frozenset("phones phonenumbers mobiles telephones numbers contactnumbers".split())


def flatten_consents(tree: JsonValue, mapped_names: Collection[str] = (), embedded_levels: int = 0) -> JsonValue:
    """Return the tree with each consent to SMS as a member of the object that its container was in.

    `mapped_names` are the paths and keys of the sender's own mapping: a container with such a key is not changed. JSON
    inside a text is rewritten too, and stays a text. `embedded_levels` says how many texts are around the tree.
    """
    if isinstance(tree, list):
        return [flatten_consents(one, mapped_names, embedded_levels) for one in tree]
    if isinstance(tree, str):
        inner = _parse_text(tree, embedded_levels)
        flat = flatten_consents(inner, mapped_names, embedded_levels + 1)
        return tree if flat == inner else json.dumps(flat)
    if not isinstance(tree, dict):
        return tree
    members: dict[str, JsonValue] = {}
    for key, value in tree.items():
        for label, state in find_phone_states(key, value):
            members[_find_free_name(label, members)] = state
        container = _parse_text(value, embedded_levels) if isinstance(value, str) else value
        consents = None if _is_mapped(key, mapped_names) else _read_member(key, container)
        if consents is None:
            members[key] = flatten_consents(value, mapped_names, embedded_levels)
        for label, consent in consents or ():
            members[_find_free_name(label, members)] = consent
    return members


def _parse_text(text: str, embedded_levels: int) -> JsonValue:
    """Return the tree of JSON in a text, None for any other text."""
    return parse_embedded(text) if embedded_levels < MAX_EMBEDDED_LEVELS else None


def _is_mapped(key: str, mapped_names: Collection[str]) -> bool:
    return any(key in name.split(".") for name in mapped_names)


def _find_free_name(label: str, members: Mapping[str, JsonValue]) -> str:
    name, count = label, 1
    while name in members:
        count += 1
        name = f"{label} {count}"
    return name


def _read_member(key: str, value: JsonValue) -> list[tuple[str, JsonValue]] | None:
    """Return the members that replace a container of consents, None for anything else."""
    if isinstance(value, list) and normalize_key(key) in _PHONE_KEYS:
        return drop_unusable_phones(key, value, _refuses_sms)
    if not isinstance(value, dict | list) or not _may_hold_consents(key) or _has_contact(value, 0):
        return None
    leaves = list(find_leaves(value, (key,)))
    consents = [leaf for leaf in leaves if leaf.is_about_sms and leaf.kind]
    if not consents and not (leaves and all(has_channel(leaf.names) for leaf in leaves)):
        return None
    return [(leaf.label, leaf.value) for leaf in settle_purposes(consents)]


def _has_contact(node: JsonValue, depth: int) -> bool:
    """Return whether there is a phone number or an e-mail address in a node."""
    if isinstance(node, dict | list):
        below = node.values() if isinstance(node, dict) else node
        return depth > MAX_DEPTH or any(_has_contact(one, depth + 1) for one in below)
    return isinstance(node, str) and classify_value(node, "AU") in (ValueType.EMAIL, ValueType.MOBILE)


def _may_hold_consents(key: str) -> bool:
    kind = classify_consent_header(split_words(key))
    return not _CONTAINER_WORDS.isdisjoint(split_parts(key)) or kind in (ConsentKind.CONSENT, ConsentKind.OPT_OUT)


def _refuses_sms(key: str, value: str | bool) -> bool:
    """Return whether a member of a phone's object is a refusal of SMS."""
    words = split_words(f"sms {key}")
    kind = classify_consent_header(words)
    if kind not in (ConsentKind.CONSENT, ConsentKind.OPT_OUT) or not is_verdict_key(key):
        return False
    return read_consent(to_text(value), kind, is_moment_column=has_moment_word(words)).verdict.is_held_back
