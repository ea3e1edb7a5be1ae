"""Find the states of phones and lists that are objects: `phone.status` is `invalid`, `list.status` is `left`.

Their words are endless, so only good states are known (`GOOD_STATES` of `fields/consent/answer_words`), and any other
holds the person back.
"""

from collections.abc import Iterator, Mapping, Sequence

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.records.owner import Standing, classify_key
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.consent import Consent
from contact_import.domain.roles import Role
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import classify_consent_header, find_consent_kind, has_moment_word
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.number_state import is_unnamed_state
from contact_import.fields.consent.refusal import read_label
from contact_import.fields.consent.words import PHONE_WORDS, SMS_WORDS
from contact_import.webhooks.extraction.answer_shapes import find_phone_owner, has_name_key
from contact_import.webhooks.extraction.consent.ends import is_end
from contact_import.webhooks.extraction.consent.keys import (
    MAX_NAME_CHARS,
    is_about_other_channel,
    is_product,
    is_verdict_key,
    may_hold_consents,
    split_parts,
)
from contact_import.webhooks.extraction.consent.leaves import MAX_DEPTH, Leaf, find_leaves
from contact_import.webhooks.extraction.json_value import JsonValue, normalize_key, to_text

_PHONE_KEYS = frozenset("phones phonenumbers mobiles telephones numbers contactnumbers".split())
_PHONE_KINDS = frozenset("phone mobile cell tel telephone phonenumber sms".split())
_OPT_OUT_LABEL = "phones opted out"
_STATES = (ConsentKind.STATE, ConsentKind.LOOKUP, ConsentKind.MEMBERSHIP)
_KINDS = (*_STATES, ConsentKind.OPT_OUT, ConsentKind.FAULT_COUNT)
# These may be the frames of a person, but not when something in them is valid.
_THING_WORDS = frozenset("address addresses email emails payment order checkout session quote invoice".split())
_NUMBER_WORDS = PHONE_WORDS | SMS_WORDS | {"number", "lookup", "hlr", "line", "telephone"}
_LIST_WORDS = frozenset(
    "list lists listing mailing subscription subscriptions subscriber subscribers audience audiences marketing".split()
)
_CLUB_WORDS = frozenset("group groups club clubs membership memberships segment segments".split())
_STATE_WORDS = frozenset("status state active subscribed enabled".split())
_STATE_FILLERS = frozenset("is current list member membership subscription subscriber sms marketing".split())


def find_states(key: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Yield the states in the object of a phone or a list, with labels that name it: `phone status`, `list status`."""
    if not isinstance(value, dict | list):
        return
    if isinstance(value, dict) and match_role(key) is Role.PHONE and _has_number(value):
        yield from _find_phone_states(value)
    elif (is_list_key(key) or _is_club_key(key)) and not has_contact(value):
        yield from _find_list_states(key, value)
    if isinstance(value, dict) and not is_list_key(key) and not is_product(value):
        yield from _find_named_states(key, value)  # {"phone_validation": {"status": "invalid"}}


def find_own_states(around: str, node: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield the state of a person who is the element of a list, with the list in its label.

    `around` is the key of the person's object or array: `"subscriber": {"phone": …, "status": "paused"}`.
    """
    if is_list_key(around) and not is_product(node) and has_contact([*node.values()]):
        yield from _find_states_of_element(around, node)


def is_held_status(label: str, text: str) -> bool:
    """Return whether a status holds the person back. The end of a consent does, until it is compared with today."""
    kind = find_consent_kind(Role.STATUS, split_words(label))
    return kind is ConsentKind.EXPIRY or read_consent(text, kind).verdict.is_held_back


def is_state_of_thing(name: str, parents: Sequence[str]) -> bool:
    """Return whether a state that names no number is of a thing: `valid` in the object of a captcha or an address."""
    if not parents or not is_unnamed_state(split_words(name)):
        return False
    words = split_parts(parents[-1])
    is_thing = classify_key(parents[-1]) is Standing.OTHER or not words.isdisjoint(_THING_WORDS)
    return is_thing and words.isdisjoint(_NUMBER_WORDS)


def is_list_key(key: str) -> bool:
    """Return whether a key names a list that people are on, other than one for e-mail."""
    words = split_parts(key)
    return not words.isdisjoint(_LIST_WORDS) and not is_about_other_channel(words)


def _is_club_key(key: str) -> bool:
    """Return whether a key names groups, which are lists if they say that they are about SMS."""
    return not split_parts(key).isdisjoint(_CLUB_WORDS)


def _find_named_states(key: str, node: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name, state in node.items():
        label = f"{key} {name}"
        if isinstance(state, str | bool) and classify_consent_header(split_words(label)) in _STATES:
            yield label, state


def has_contact(node: JsonValue, depth: int = 0) -> bool:
    """Return whether there is a phone number or an e-mail address in a node that is at this depth."""
    if isinstance(node, dict | list):
        below = node.values() if isinstance(node, dict) else node
        return depth > MAX_DEPTH or any(has_contact(one, depth + 1) for one in below)
    return isinstance(node, str) and classify_value(node, "AU") in (ValueType.EMAIL, ValueType.MOBILE)


def drop_unusable_phones(key: str, value: JsonValue) -> list[tuple[str, JsonValue]] | None:
    """Return an array without phones that are opted out, unusable or another person's, or None if there are none.

    If all of the person's own phones are unusable, return the array as it is, with a no for the person.
    """
    if not isinstance(value, list):
        return None
    is_list_of_phones = normalize_key(key) in _PHONE_KEYS
    phones = [one for one in value if is_list_of_phones or _is_phone_point(one)]
    own = [
        one for one in phones if not (isinstance(one, dict) and find_phone_owner(one, is_answer=not is_list_of_phones))
    ]
    usable = [one for one in own if not _is_unusable(one)]
    if len(usable) == len(phones):
        return None
    left_out = phones if usable else [one for one in phones if one not in own]
    kept: list[JsonValue] = [one for one in value if one in usable or one not in left_out]
    return [(key, kept)] if usable or not own else [(key, kept), (_OPT_OUT_LABEL, True)]


def _is_phone_point(one: JsonValue) -> bool:
    """Return whether an element of an array is a phone by its type, and no person: `{"type": "mobile", "value": …}`."""
    if not isinstance(one, dict):
        return False
    kinds = (one.get(key) for key in ("type", "kind", "system"))
    is_phone = any(isinstance(kind, str) and normalize_key(kind) in _PHONE_KINDS for kind in kinds)
    is_person = is_phone and (has_name_key(one) or any(match_role(key) is Role.EMAIL for key in one))
    return is_phone and not is_person and _has_number(one)


def _find_phone_states(phone: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name, state in phone.items():
        kind = _find_phone_kind(name)
        is_answer = kind in _KINDS or (kind is ConsentKind.CONSENT and is_verdict_key(name))
        if isinstance(state, str | bool) and is_answer:
            yield _label_phone(name), state
        yield from ((leaf.label, leaf.value) for leaf in _find_inner_leaves(name, state) if leaf.kind)


def _is_unusable(phone: JsonValue) -> bool:
    if not isinstance(phone, dict):
        return False
    kinds = [(_find_phone_kind(name), state) for name, state in phone.items() if isinstance(state, str | bool)]
    is_bad = any(
        kind in _KINDS and read_consent(to_text(state), kind).verdict.is_held_back for kind, state in kinds if kind
    )
    leaves = (leaf for name, inner in phone.items() for leaf in _find_inner_leaves(name, inner))
    refuses = (_refuses_sms(name, one) for name, one in phone.items() if isinstance(one, str | bool))
    labels = (text for one in phone.values() if isinstance(one, list) for text in one if isinstance(text, str))
    is_labelled = any(read_label(" ".join(split_words(text))).is_held_back for text in labels)
    return is_bad or is_labelled or any(refuses) or any(leaf.kind and leaf.verdict.is_held_back for leaf in leaves)


def _find_inner_leaves(name: str, value: JsonValue) -> Iterator[Leaf]:
    """Yield the consents of a phone that are in an object or array below the member `name`."""
    if isinstance(value, dict | list) and may_hold_consents(name):
        yield from find_leaves(value, ("sms", name))


def _refuses_sms(key: str, value: str | bool) -> bool:
    """Return whether a member of a phone's object is a refusal of SMS."""
    words = split_words(f"sms {key}")
    kind = classify_consent_header(words)
    if kind not in (ConsentKind.CONSENT, ConsentKind.OPT_OUT) or not is_verdict_key(key):
        return False
    return read_consent(to_text(value), kind, is_moment_column=has_moment_word(words)).verdict.is_held_back


def _find_phone_kind(name: str) -> ConsentKind | None:
    return classify_consent_header(split_words(_label_phone(name)))


def _label_phone(name: str) -> str:
    """Return a member's name with its phone. A `state` of a phone is what headers call its status."""
    return "phone status" if normalize_key(name) == "state" else f"phone {name}"


def _has_number(phone: Mapping[str, JsonValue]) -> bool:
    texts = (one for one in phone.values() if isinstance(one, str))
    return any(classify_value(text, "AU") in (ValueType.MOBILE, ValueType.PHONE) for text in texts)


def _find_list_states(key: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Yield the states of a list, or of the bad ones of several lists if none is good."""
    elements = [one for one in _list_elements(value) if not is_product(one)]
    named = [(one, _find_names(one)) for one in elements]
    of_sms = [one for one, words in named if not words.isdisjoint(SMS_WORDS)]
    others = [one for one, words in named if not is_about_other_channel(words)] if is_list_key(key) else []
    lists = of_sms or others
    states = [list(_find_states_of_element(key, one)) for one in lists]
    is_on_one = any(found and not any(map(_is_held_back, found)) for found in states)
    if not (is_on_one and len(states) > 1):
        yield from (state for found in states for state in found)


def _list_elements(value: JsonValue) -> Sequence[Mapping[str, JsonValue]]:
    """Return the objects of an array, of an object with ids as keys, or the one object that is the list."""
    if isinstance(value, dict):
        inner = [one for one in value.values() if isinstance(one, dict)]
        return inner if len(inner) == len(value) and all(key.isdecimal() for key in value) else [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _find_states_of_element(key: str, element: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name, state in element.items():
        if not isinstance(state, str | bool) or is_about_other_channel(words := split_parts(name)):
            continue
        if not words.isdisjoint(_STATE_WORDS) and words <= _STATE_WORDS | _STATE_FILLERS:
            label = f"{key} {name}"
            is_state = classify_consent_header(split_words(label)) in (ConsentKind.STATE, ConsentKind.LOOKUP)
            yield label if is_state else "list status", state
        elif classify_consent_header(split_words(name)) is ConsentKind.OPT_OUT:
            yield f"unsubscribed ({name})", state
        elif is_end(name, state) and split_words(key) != ("marketing",):
            yield f"consent {name} ended", state


def _is_held_back(labelled: tuple[str, JsonValue]) -> bool:
    label, state = labelled
    kind = classify_consent_header(split_words(label)) or ConsentKind.STATE
    is_end_of_list = kind is ConsentKind.EXPIRY
    text = to_text(state) if isinstance(state, str | bool) else ""
    return is_end_of_list or read_consent(text, kind).verdict not in (Consent.YES, Consent.SILENT)


def _find_names(element: Mapping[str, JsonValue]) -> set[str]:
    """Return the words of an element's texts that may name its channel: `SMS VIP`."""
    texts = (
        one
        for key, one in element.items()
        if isinstance(one, str) and len(one) < MAX_NAME_CHARS and not _has_state_word(key)
    )
    return {part for text in texts for part in split_parts(text)}


def _has_state_word(key: str) -> bool:
    return not split_parts(key).isdisjoint(_STATE_WORDS)
