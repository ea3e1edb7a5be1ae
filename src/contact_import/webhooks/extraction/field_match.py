"""Match one value to a field: by the sender's mapping, its declared type, its label or key, and its form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from contact_import.columns.header_check import can_be_phone
from contact_import.columns.header_match import is_about_sms, is_record_number, match_role, split_words
from contact_import.columns.header_words import OTHER_PERSON_WORDS
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.fields.consent.membership import answers_list_membership
from contact_import.webhooks.extraction.consent.states import is_held_status, is_state_of_thing
from contact_import.webhooks.extraction.event_type import is_event_name
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.json_value import normalize_key
from contact_import.webhooks.extraction.leaving_events import name_leaving
from contact_import.webhooks.registry import load_providers

PHONE_REGION = "AU"  # only Australian mobiles are recognised by their form alone

_NUMERIC_TYPES = (ValueType.CODE, ValueType.DIGITS, ValueType.MOBILE, ValueType.PHONE)
# Types that a value of a role never has. Ids of tags and lists are not their names.
_IMPOSSIBLE_TYPES = dict.fromkeys(NAME_ROLES, _NUMERIC_TYPES) | {
    Role.EMAIL: (ValueType.YES_NO, ValueType.CODE, ValueType.DIGITS),
    Role.TAGS: (*_NUMERIC_TYPES, ValueType.YES_NO),
    Role.LISTS: (*_NUMERIC_TYPES, ValueType.YES_NO),
}
FIELD_ROLES: Mapping[str, Role] = {role.value: role for role in Role} | {"name": Role.FULL_NAME}
# Keys that several senders use; those of one sender are in its provider.
_KEY_ALIASES = {"callernumber": "phone", "fromemail": "email"} | dict.fromkeys(
    ("callername", "sendername", "fromname", "realname"), "name"
)
_NON_TEXT_KINDS = frozenset("file upload signature image attachment password captcha recaptcha".split())
_TAG_AND_LIST_KEYS = frozenset(
    "tag tags taglist tagnames contacttags customertags list lists listname listnames".split()
)
_LIFECYCLE_STATES = frozenset(
    "active enabled disabled inactive cancelled canceled bounced complained unsubscribed subscribed invited declined "
    "pending open closed new confirmed unconfirmed deleted archived paid blocked cleaned".split()
)
_PERSON_WORDS = frozenset(
    "contact customer client lead guest attendee visitor patient requester subscriber member".split()
)
_HTML_TAG = re.compile(r"<[^<>]{0,200}>")  # some forms put their labels in HTML
_BIRTH_PARTS = {"year": Role.BIRTH_YEAR, "month": Role.BIRTH_MONTH, "day": Role.BIRTH_DAY}
_QUESTION_WORDS = frozenset(
    "what whats is s your you the please enter tell us may we have and full hi hello so can".split()
)
_SECRET_KEYS = frozenset("secret token password signature hmac sessionid".split())

# The sender's mapping, the type that a form declares, the label or key, or only the form of the value: strongest first.
Evidence = IntEnum("Evidence", "MAPPING DECLARED_TYPE NAME FORM", start=0)


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """A value with its probable role (None for no role) and its column header for the report."""

    value: BodyValue
    role: Role | None
    evidence: Evidence
    header: str

    @property
    def is_mapped(self) -> bool:
        """Return whether the sender's mapping decides: it is stronger than all other evidence."""
        return self.evidence is Evidence.MAPPING


class SenderMapping:
    """The sender's own mapping of paths, labels and keys to fields."""

    def __init__(self, mapping: Mapping[str, str | None]) -> None:
        self._exact = mapping
        self._normalized = {normalize_key(name): field for name, field in mapping.items() if normalize_key(name)}

    def find_role(self, value: BodyValue) -> tuple[bool, Role | None]:
        """Return whether a value is mapped, by its exact names first, and its role: None for one mapped to no field."""
        if not self._exact:
            return False, None
        names = (".".join(value.path), *value.names, *value.path[-1:], ".".join(value.path[:-1]))
        for name in names:
            if name in self._exact:
                return True, FIELD_ROLES.get(self._exact[name] or "")
        for name in names:
            if normalize_key(name) in self._normalized:
                return True, FIELD_ROLES.get(self._normalized[normalize_key(name)] or "")
        return self._find_ancestor_role(value)

    def _find_ancestor_role(self, value: BodyValue) -> tuple[bool, Role | None]:
        """Return the role of an object that is mapped as a whole: to an address, or to no field."""
        for end in range(len(value.path) - 1, 0, -1):
            name = ".".join(value.path[:end])
            if name in self._exact and self._exact[name] in (None, Role.ADDRESS):
                return True, FIELD_ROLES.get(self._exact[name] or "")
        return False, None


def match_field(value: BodyValue, mapping: SenderMapping) -> FieldMatch | None:
    """Return the match of a value, None for a file, a password or a secret: those are not stored as a field."""
    header = _build_header(value)
    is_mapped, role = mapping.find_role(value)
    if is_mapped:
        return FieldMatch(value, role, Evidence.MAPPING, header)
    # An event further in than `classify_event` reads opts its own person out.
    if len(value.path) > 1 and is_event_name(value.path, value.label) and name_leaving(value.text):
        return FieldMatch(value, Role.OPT_OUT, Evidence.NAME, header)
    kinds = set(split_words(value.kind))
    if kinds & _NON_TEXT_KINDS or _is_secret(value.label):
        return None
    likely_role, declared_role = _find_role_by_name(value), _find_declared_role(kinds, normalize_key(value.kind))
    is_other_person = any(OTHER_PERSON_WORDS & set(split_words(name)) for name in (*value.names, *value.parents[-1:]))
    if (
        declared_role
        and not is_other_person
        and likely_role in (None, *NAME_ROLES, Role.PHONE, Role.EMAIL, Role.CONSENT, Role.STATUS, Role.ADDRESS)
    ):
        likely_role, evidence = declared_role, Evidence.DECLARED_TYPE
    else:
        likely_role, evidence = None if is_other_person else likely_role, Evidence.NAME
    return FieldMatch(value, _validate_role_by_value(value, likely_role), evidence, header)


def _is_secret(label: str) -> bool:
    """Return whether a label names a secret: `google_key`, `HandshakeKey`, `SessionId`; not `Key contact's mobile`."""
    return normalize_key(label) in _SECRET_KEYS or (
        " " not in label and split_words(label)[-1:] in (("key",), ("secret",), ("token",))
    )


def _build_header(value: BodyValue) -> str:
    """Return the label, with the key around it if a label alone may occur several times: `billing city`."""
    label = resolve_alias(value.label) if split_words(value.label) else "value"
    return label if value.kind not in ("", "answer") or len(label) > 30 else " ".join((*value.parents[-1:], label))


def _find_declared_role(kinds: set[str], kind: str) -> Role | None:
    if kinds & {"phone", "tel", "telephone", "mobile", "phonenumber"} or "phonenumber" in kind:
        return Role.PHONE
    return Role.EMAIL if kinds & {"email", "mail"} and "marketing" not in kinds else None


def _find_role_by_name(value: BodyValue) -> Role | None:
    last = normalize_key(value.path[-1]) if value.path else ""
    if last in _BIRTH_PARTS and value.parents and match_role(resolve_alias(value.parents[-1])) is Role.BIRTHDAY:
        return _BIRTH_PARTS[last]
    for name in map(resolve_alias, value.names):
        if role := match_role(name) or _match_name_question(name):
            return _correct_role(value, name, role)
        # Shops begin the names of hidden fields with an underscore: `_sms_opt_in`.
        if name.startswith("_") and (role := match_role(name.lstrip("_"))) in CONSENT_ROLES:
            return role
    around = " ".join((*value.parents[-3:], value.label))
    words = set(split_words(around))
    if words & {"sms", "dnd"} and last in ("state", "status", "consent", "value", "granted"):
        return match_role(around)
    close = " ".join((*value.parents[-1:], value.label))
    shorter = (_shorten_name(name) for name in value.names[:2])
    for name in (close if value.parents and len(close) < 60 else "", *shorter):
        if name and (role := match_role(name)):
            return _correct_role(value, name, role)
    return None


def _shorten_name(name: str) -> str:
    """Return the last two words of a name that begins with a person: `Attendee Name` of `Attendee 1 Name`, else ""."""
    words = [word for word in split_words(name) if not (word.isdecimal() and len(word) == 1)]
    return " ".join(words[-2:]) if len(words) > 1 and words[-2] in _PERSON_WORDS else ""


def resolve_alias(name: str) -> str:
    """Return a name as the table of headers knows it: the common name of an alias, else without tags and prefixes."""
    aliases, affixes = _load_names()
    return aliases.get(normalize_key(name)) or affixes.sub("", _HTML_TAG.sub(" ", name) if "<" in name else name)


@cache
def _load_names() -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Return the common names of aliases, and the pattern of the affixes that senders write around names."""
    known = load_providers().values()
    aliases = {key: name for provider in known for key, name in provider.key_aliases.items()}
    affixes = [f"^(?:{provider.key_prefix})" for provider in known if provider.key_prefix]
    affixes += [f"(?:{provider.key_suffix})$" for provider in known if provider.key_suffix]
    return _KEY_ALIASES | aliases, re.compile("|".join(affixes))


def _match_name_question(question: str) -> Role | None:
    """Return the role of a question for a name: `What is your name?`"""
    return Role.FULL_NAME if set(split_words(question)) - _QUESTION_WORDS == {"name"} else None


def _correct_role(value: BodyValue, name: str, role: Role) -> Role | None:
    """Return the role of a name in a delivery, which may be another than above a column, None for no role."""
    words = set(split_words(name))
    around = set(split_words(" ".join((*value.parents[-3:], name))))
    if answers_list_membership(split_words(name), split_words(value.text)):
        return Role.STATUS
    if role in CONSENT_ROLES and is_state_of_thing(name, value.parents):
        return None
    if role in (Role.TAGS, Role.LISTS):
        return role if normalize_key(name) in _TAG_AND_LIST_KEYS else None
    digits = sum(letter.isdecimal() for letter in value.text)
    if role is Role.PHONE and digits < 8 and words & {"country", "countrycode", "prefix", "area", "code"}:
        return None
    if value.text.casefold() in _LIFECYCLE_STATES and role is Role.ADDRESS:  # `state: active` is no state of Australia
        role = Role.STATUS
    if role in (Role.STATUS, Role.ADDRESS) and around & {"sms", "dnd"} and words & {"state", "status"}:
        return match_role(" ".join((*value.parents[-3:], name)))
    return role


def _validate_role_by_value(value: BodyValue, role: Role | None) -> Role | None:
    """Return the given role if a value can have it, else the role that its form shows clearly, else None."""
    if role is None or value.text.startswith(("http://", "https://")):
        return None
    value_type = classify_value(value.text, PHONE_REGION)
    if value_type is ValueType.EMPTY:
        # The word `None` is no name; but below `Consent to marketing by` it is a no.
        return role if role in CONSENT_ROLES else None
    if value_type is ValueType.EMAIL and role in (*NAME_ROLES, Role.ADDRESS, Role.EMAIL, Role.PHONE):
        return Role.EMAIL
    if role is Role.PHONE:
        return _check_phone_role(value, value_type)
    if role in CONSENT_ROLES:
        return _check_consent_role(value, role, value_type)
    if role is Role.POSTAL_CODE and not (len(value.text) <= 12 and any(map(str.isdecimal, value.text))):
        return None  # `CityStatePostalCode` of an address in one line
    is_number_of_state = role is Role.ADDRESS and value.text.isdecimal()
    if is_number_of_state or (role is Role.TITLE and value_type is not ValueType.TITLE):
        return None
    return None if value_type in _IMPOSSIBLE_TYPES.get(role, ()) else role


def _check_phone_role(value: BodyValue, value_type: ValueType) -> Role | None:
    if value_type is ValueType.YES_NO and is_about_sms(value.label):
        return Role.CONSENT
    if is_record_number(value.label) and value_type not in (ValueType.MOBILE, ValueType.PHONE):
        return None
    return Role.PHONE if any(letter.isdecimal() for letter in value.text) else None


def _check_consent_role(value: BodyValue, role: Role, value_type: ValueType) -> Role | None:
    if value_type is ValueType.MOBILE and (role is Role.STATUS or (role is Role.CONSENT and can_be_phone(value.label))):
        return Role.PHONE
    return role if role is not Role.STATUS or is_held_status(value.label, value.text) else None
