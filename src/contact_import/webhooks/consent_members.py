"""Rewrite the consents of a body, whatever objects and arrays they are in, into plain members of their person.

`{"consents": [{"channel": "sms", "granted": false}]}` becomes `{"consents sms granted": false}`. Consents to other
channels are left out. The meaning of a member is decided as that of a file's column (`fields/consent_header`).
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from contact_import.columns.header_match import split_words
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.consent import Consent
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import (
    ConsentKind,
    classify_consent_header,
    has_moment_word,
    split_joined_word,
)
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS, SMS_WORDS
from contact_import.webhooks.extraction.json_value import (
    MAX_EMBEDDED_LEVELS,
    JsonValue,
    normalize_key,
    parse_embedded,
    to_text,
)
from contact_import.webhooks.extraction.records.phone_states import drop_unusable_phones, find_phone_states

_MAX_DEPTH = 6
_MAX_ANSWER_CHARS = 16  # a longer `text` is the wording of a consent
_CHANNELS_WITH_SMS = frozenset({"mobile", "all"})
_CHANNEL_WORDS = SMS_WORDS | OTHER_CHANNEL_WORDS | _CHANNELS_WITH_SMS | {"phone"}
# Keys of objects and arrays that may contain consents. Without a channel inside, they contain something else.
_CONTAINER_WORDS = frozenset(
    "consent consents permission permissions preference preferences subscription subscriptions subscribed unsubscribed "
    "optin optout opt opted dnc dnd channels channel marketing suppressions suppression suppressed blocklist "
    "communication communications gdpr sms text".split()
)
# The member of an element that says which channel it is about.
_CHANNEL_KEYS = ("channel", "type", "name", "medium", "kind", "method", "key", "code")
# Members that say yes or no. Of other members only true and false count: those are purposes, such as `analytics`.
_VERDICT_WORDS = frozenset(
    "state status value consent consents granted given opted optin optout subscribed unsubscribed accepted enabled "
    "allowed active permission permitted blocked suppressed blacklisted revoked withdrawn agreed allow".split()
)
_OTHER_FLAGS = frozenset("primary default verified valid double confirmed doubleoptin required".split())
_MARKETING_KEYS = frozenset("marketing promotions promotional promo offers".split())
_PHONE_KEYS = frozenset("phones phonenumbers mobiles telephones numbers contactnumbers".split())


type _Flag = str | bool | None


class _Leaf(NamedTuple):
    """A value inside a container. `names` are the keys and channels that lead to it.

    A purpose (`is_purpose`) is a flag such as `promotions: true`, which names neither a channel nor a verdict.
    """

    names: tuple[str, ...]
    value: _Flag
    is_purpose: bool = False

    @property
    def label(self) -> str:
        """Return the names as one label. A channel called `mobile` or `all` is or includes SMS."""
        label = " ".join(self.names)
        words = _split(label)
        label = f"sms {label}" if words & _CHANNELS_WITH_SMS and not words & SMS_WORDS else label
        # `channels.sms: false` has no word for consent.
        is_bare = (
            _is_flag("", self.value)
            and _has_channel(self.names[-2:] if normalize_key(self.names[-1]) == "active" else self.names[-1:])
            and not classify_consent_header(split_words(label))
        )
        return f"{label} consent" if is_bare else label


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
    leaves = list(_find_leaves(value, (key,), 0))
    consents = [leaf for leaf in leaves if _speaks_of_sms(leaf) and _get_kind(leaf)]
    if not consents and not (leaves and all(_has_channel(leaf.names) for leaf in leaves)):
        return None
    return [(leaf.label, leaf.value) for leaf in _settle_purposes(consents)]


def _has_contact(node: JsonValue, depth: int) -> bool:
    """Return whether there is a phone number or an e-mail address in a node."""
    if isinstance(node, dict | list):
        below = node.values() if isinstance(node, dict) else node
        return depth > _MAX_DEPTH or any(_has_contact(one, depth + 1) for one in below)
    return isinstance(node, str) and classify_value(node, "AU") in (ValueType.EMAIL, ValueType.MOBILE)


def _find_leaves(node: JsonValue, names: tuple[str, ...], depth: int) -> Iterator[_Leaf]:
    """Yield the values of a container that say yes or no, and elements that mean a yes because they are listed."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        for one in node:
            if isinstance(one, dict):
                yield from _find_element_leaves(one, names, depth)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, dict | list):
                yield from _find_leaves(value, (*names, key), depth + 1)
            elif _is_flag(key, value):
                yield _Leaf((*names, key), value, is_purpose=not (_is_verdict_key(key) or _has_channel((key,))))
            elif (
                _is_verdict_key(key)
                or _get_kind(_Leaf((*names, key), value)) is ConsentKind.EXPIRY
                or (_has_channel((key,)) and (key.casefold() != "text" or len(_to_text(value)) < _MAX_ANSWER_CHARS))
                or normalize_key(key) in _MARKETING_KEYS
            ):
                yield _Leaf((*names, key), value)


def _find_element_leaves(element: Mapping[str, JsonValue], names: tuple[str, ...], depth: int) -> Iterator[_Leaf]:
    named = (key for key in element if normalize_key(key) in _CHANNEL_KEYS and _names_channel(element[key]))
    channel_key = next(named, "")
    rest = {key: value for key, value in element.items() if key != channel_key}
    names = (*names, str(element[channel_key])) if channel_key else names
    leaves = list(_find_leaves(rest, names, depth + 1))
    yield from leaves
    if channel_key and not leaves:
        yield _Leaf(names, True)


def _is_flag(key: str, value: _Flag) -> bool:
    return _to_text(value).casefold() in ("true", "false") and normalize_key(key) not in _OTHER_FLAGS


def _to_text(value: _Flag) -> str:
    return "" if value is None else to_text(value)


def _split(name: str) -> set[str]:
    return {part for word in split_words(name) for part in split_joined_word(word)}


def _has_channel(names: Sequence[str]) -> bool:
    return not _CHANNEL_WORDS.isdisjoint(_split(" ".join(names)))


def _names_channel(value: JsonValue) -> bool:
    return isinstance(value, str) and 0 < len(value) < 40 and _has_channel((value,))


def _is_verdict_key(key: str) -> bool:
    words = _split(key)
    return not _VERDICT_WORDS.isdisjoint(words) and not words & {"updated", "level", "collected", "source", "id", "by"}


def _may_hold_consents(key: str) -> bool:
    kind = classify_consent_header(split_words(key))
    return not _CONTAINER_WORDS.isdisjoint(_split(key)) or kind in (ConsentKind.CONSENT, ConsentKind.OPT_OUT)


def _get_kind(leaf: _Leaf) -> ConsentKind | None:
    return classify_consent_header(split_words(leaf.label))


def _speaks_of_sms(leaf: _Leaf) -> bool:
    """Return whether a leaf is about SMS, or about marketing by whatever channel: `consent.promotions`."""
    if _get_kind(leaf) is ConsentKind.EXPIRY:
        return True
    return not _split(leaf.label).isdisjoint(SMS_WORDS | _MARKETING_KEYS)


def _settle_purposes(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """Return the leaves without refused purposes, if another purpose beside them was agreed to.

    A person who accepts `promotions` and refuses `analytics` agreed to SMS about promotions.
    """
    agreed = {leaf.names[:-1] for leaf in leaves if leaf.is_purpose and _get_verdict(leaf) is Consent.YES}
    return [
        leaf
        for leaf in leaves
        if not (leaf.is_purpose and leaf.names[:-1] in agreed and _get_verdict(leaf) is Consent.NO)
    ]


def _get_verdict(leaf: _Leaf) -> Consent:
    kind = _get_kind(leaf) or ConsentKind.STATUS
    return read_consent(_to_text(leaf.value), kind).verdict


def _refuses_sms(key: str, value: str | bool) -> bool:
    """Return whether a member of a phone's object is a refusal of SMS."""
    words = split_words(f"sms {key}")
    kind = classify_consent_header(words)
    if kind not in (ConsentKind.CONSENT, ConsentKind.OPT_OUT) or not _is_verdict_key(key):
        return False
    return read_consent(to_text(value), kind, is_moment_column=has_moment_word(words)).verdict.is_held_back
