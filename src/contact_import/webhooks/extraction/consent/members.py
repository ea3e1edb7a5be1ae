"""Rewrite the consents of a body, whatever objects and arrays they are in, into plain members of their person.

`{"consents": [{"channel": "sms", "granted": false}]}` becomes `{"consents sms granted": false}`. Consents to other
channels are left out. The meaning of a member is decided as that of a file's column (`fields/consent/header`).
"""

import json
from collections import Counter
from collections.abc import Collection

from contact_import.columns.header_match import split_words
from contact_import.fields.consent.header import classify_consent_header
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.webhooks.extraction.consent.keys import (
    has_channel,
    is_other_channel_key,
    may_hold_consents,
    split_parts,
)
from contact_import.webhooks.extraction.consent.leaves import find_leaves, settle_purposes
from contact_import.webhooks.extraction.consent.states import (
    drop_unusable_phones,
    find_own_states,
    find_states,
    has_contact,
)
from contact_import.webhooks.extraction.json_value import MAX_EMBEDDED_LEVELS, JsonValue, parse_embedded

_CONSENT_WORDS = frozenset("consent consents permission permissions optin".split())


def flatten_consents(
    tree: JsonValue, mapped_names: Collection[str] = (), embedded_levels: int = 0, around: str = ""
) -> JsonValue:
    """Return the tree with each consent to SMS as a member of the object that its container was in.

    `mapped_names` are the paths and keys of the sender's own mapping: a container with such a key is not changed. JSON
    inside a text is rewritten too, and stays a text. `embedded_levels` says how many texts are around the tree,
    and `around` is the key of the nearest object or array.
    """
    if isinstance(tree, list):
        return [flatten_consents(one, mapped_names, embedded_levels, around) for one in tree]
    if isinstance(tree, str):
        inner = _parse_text(tree, embedded_levels)
        flat = flatten_consents(inner, mapped_names, embedded_levels + 1)
        return tree if flat == inner else json.dumps(flat)
    if not isinstance(tree, dict):
        return tree
    members, counts = dict[str, JsonValue](), Counter(tree.keys())
    is_other_channel = is_other_channel_key(around)
    for key, value in tree.items():
        if is_other_channel and not isinstance(value, dict | list) and classify_consent_header(split_words(key)):
            continue
        container = _parse_text(value, embedded_levels) if isinstance(value, str) else value
        is_mapped = _is_mapped(key, mapped_names)
        consents = None if is_mapped else _read_member(key, container)
        if consents is None:
            members[key] = flatten_consents(value, mapped_names, embedded_levels, key)
        states = () if is_mapped else find_states(key, container)
        for label, consent in (*(consents or ()), *states):
            # An array of phones without the unusable ones keeps its key.
            members[label if label == key else _find_free_name(label, counts)] = consent
    for label, state in () if _is_mapped(around, mapped_names) else find_own_states(around, tree):
        members[_find_free_name(label, counts)] = state
    return members


def _parse_text(text: str, embedded_levels: int) -> JsonValue:
    """Return the tree of JSON in a text, None for any other text."""
    return parse_embedded(text) if embedded_levels < MAX_EMBEDDED_LEVELS else None


def _is_mapped(key: str, mapped_names: Collection[str]) -> bool:
    return any(key in name.split(".") for name in mapped_names)


def _find_free_name(label: str, counts: Counter[str]) -> str:
    """Return a label, with a number if it is taken. `counts` has the names taken, and how often each was wanted."""
    while (name := f"{label} {counts[label] + 1}" if counts[label] else label) in counts:
        counts[label] += 1
    counts[name] += 1
    return name


def _read_member(key: str, value: JsonValue) -> list[tuple[str, JsonValue]] | None:
    """Return the members that replace a container of consents, None for anything else."""
    if phones := drop_unusable_phones(key, value):
        return phones
    if not isinstance(value, dict | list) or not may_hold_consents(key) or has_contact(value):
        return None
    leaves = list(find_leaves(value, (key,)))
    kind = classify_consent_header(split_words(key))
    is_consent = kind in (ConsentKind.CONSENT, ConsentKind.OPT_OUT) or not _CONSENT_WORDS.isdisjoint(split_parts(key))
    answers = [leaf for leaf in leaves if leaf.kind and (leaf.is_about_sms or (is_consent and leaf.is_general))]
    # A moment beside no answer dates something else: `marketing.converted_at`.
    consents = answers if is_consent or not all(leaf.is_end for leaf in answers) else []
    if not consents and not (leaves and all(has_channel(leaf.names) for leaf in leaves)):
        return None
    return [(leaf.label, leaf.value) for leaf in settle_purposes(consents)]
