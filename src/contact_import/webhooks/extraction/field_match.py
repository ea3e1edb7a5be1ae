"""What one value is taken for, by the sender's mapping, its declared type, its label or key, and its looks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contact_import.columns.header_match import is_about_sms, is_numbering, role_of, words_of
from contact_import.columns.header_names import Role
from contact_import.columns.value_types import Look, look_of
from contact_import.fields.consent import Kind, says_no
from contact_import.webhooks.extraction.event_type import EVENT_KEYS, is_leaving
from contact_import.webhooks.extraction.flatten import Field
from contact_import.webhooks.extraction.form_answers import folded

REGION = "AU"  # a guess by looks is at Australian mobiles only
NAMES = (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)
_CONSENTS = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)
_NUMBERS = (Look.CODE, Look.DIGITS, Look.MOBILE, Look.PHONE)
# What a value of a role never looks like. Ids of tags and lists are no names of theirs.
_NEVER_OF = dict.fromkeys(NAMES, _NUMBERS) | {
    Role.EMAIL: (Look.ANSWER, Look.CODE, Look.DIGITS),
    Role.TAGS: (*_NUMBERS, Look.ANSWER),
    Role.LISTS: (*_NUMBERS, Look.ANSWER),
}
FIELD_ROLES: Mapping[str, Role] = {role.value: role for role in Role} | {"name": Role.FULL_NAME}

# How single senders call what everybody else calls otherwise.
_CALLED = {
    "textremindernumber": "sms number",  # Calendly
    "pulsename": "name",  # monday.com
    "optinphone": "sms opt in",  # ManyChat
    "optinsms": "sms opt in",
    "promotions": "marketing consent",  # Stripe
    "administrativedistrictlevel1": "state",  # Square
    "addr1": "address line 1",  # Mailchimp
    "addr2": "address line 2",
    "callernumber": "phone",
    "callername": "name",
    "replyto": "email",  # Formspree
    "billingaddressname": "name",  # Snipcart
    "shippingaddressname": "shipping name",
}
SOMEBODY_ELSE = frozenset(
    "spouse spouses partner partners wife husband kin emergency assistant manager referrer referred referral referee "
    "guardian mother mothers father fathers brother sister sibling child children kid friend friends colleague doctor "
    "gp employer supervisor agent host organizer organiser fax pager cc bcc old previous shop store admin company "
    "organization organisation merchant seller support".split()
)
_NOT_TEXT = frozenset("file upload signature image attachment password captcha recaptcha".split())
_LABELNAMES = frozenset("tag tags taglist tagnames contacttags customertags list lists listname listnames".split())
_LIFE = frozenset(
    "active enabled disabled inactive cancelled canceled bounced complained unsubscribed subscribed invited declined "
    "pending open closed new confirmed unconfirmed deleted archived paid blocked cleaned".split()
)
# Jotform's `q3_fullName`, Zoho's `Address_AddressLine1`.
_PREFIX = re.compile(r"^(?:q\d+_|[Aa]ddress_(?=[Aa]ddress))")
_WHOSE = frozenset("contact customer client lead guest attendee visitor patient requester subscriber member".split())
_TAGS = re.compile(r"<[^<>]{0,200}>")
_BIRTH_PARTS = {"year": Role.BIRTH_YEAR, "month": Role.BIRTH_MONTH, "day": Role.BIRTH_DAY}
_ASKING = frozenset("what whats is s your you the please enter tell us may we have and full hi hello so can".split())
_SECRET = frozenset("secret token password signature hmac sessionid".split())


@dataclass(frozen=True, slots=True)
class Clue:
    field: Field
    role: Role | None
    strength: int  # 0 the sender's mapping, 1 the declared type, 2 label or key, 3 the looks
    header: str


class OwnMapping:
    """The sender's own mapping: by path, label or key, first as they are, then without case and punctuation."""

    def __init__(self, mapping: Mapping[str, str | None]) -> None:
        self._exact = mapping
        self._folded = {folded(name): field for name, field in mapping.items() if folded(name)}

    def find(self, field: Field) -> tuple[bool, Role | None]:
        if not self._exact:
            return False, None
        names = (".".join(field.path), *field.names, *field.path[-1:], ".".join(field.path[:-1]))
        for name in names:
            if name in self._exact:
                return True, _role_named(self._exact[name])
        for name in names:
            if folded(name) in self._folded:
                return True, _role_named(self._folded[folded(name)])
        return self._around(field)

    def _around(self, field: Field) -> tuple[bool, Role | None]:
        """What an object as a whole is mapped to, where that makes sense of its parts: an address, or nothing."""
        for end in range(len(field.path) - 1, 0, -1):
            name = ".".join(field.path[:end])
            if name in self._exact and self._exact[name] in (None, Role.ADDRESS):
                return True, _role_named(self._exact[name])
        return False, None


def _role_named(field: str | None) -> Role | None:
    return FIELD_ROLES.get(field) if field else None


def clue_of(field: Field, mapping: OwnMapping) -> Clue | None:
    """None for what is no text of the person's at all."""
    header = _header(field)
    mapped, role = mapping.find(field)
    if mapped:
        return Clue(field, role, 0, header)
    if field.label.lower() in EVENT_KEYS and is_leaving(words_of(field.value)):
        return Clue(field, Role.OPT_OUT, 2, header)
    kinds = set(words_of(field.kind))
    if kinds & _NOT_TEXT or _is_secret(field.label):
        return None
    named = _named(field)
    declared = _declared(kinds, folded(field.kind))
    others = any(SOMEBODY_ELSE & set(words_of(name)) for name in (*field.names, *field.parents[-1:]))
    if declared and not others and named in (None, *NAMES, Role.PHONE, Role.EMAIL, Role.CONSENT, Role.ADDRESS):
        named, strength = declared, 1
    else:
        named, strength = None if others else named, 2
    return Clue(field, _borne_out(field, named), strength, header)


def _is_secret(label: str) -> bool:
    """Google's `google_key`, Wufoo's `HandshakeKey`, Salesforce's `SessionId`; not `Key contact's mobile`."""
    return folded(label) in _SECRET or (
        " " not in label and words_of(label)[-1:] in (("key",), ("secret",), ("token",))
    )


def _header(field: Field) -> str:
    """The label, with what stands around it where that says which of several it is: `billing city`."""
    label = called(field.label) if words_of(field.label) else "value"
    return label if field.kind not in ("", "answer") or len(label) > 30 else " ".join((*field.parents[-1:], label))


def _declared(kinds: set[str], kind: str) -> Role | None:
    if kinds & {"phone", "tel", "telephone", "mobile", "phonenumber"} or "phonenumber" in kind:
        return Role.PHONE
    return Role.EMAIL if kinds & {"email", "mail"} and "marketing" not in kinds else None


def _named(field: Field) -> Role | None:
    last = folded(field.path[-1]) if field.path else ""
    if last in _BIRTH_PARTS and field.parents and role_of(called(field.parents[-1])) is Role.BIRTHDAY:
        return _BIRTH_PARTS[last]
    for name in map(called, field.names):
        if role := role_of(name) or _asked(name):
            return _checked(field, name, role)
    around = " ".join((*field.parents[-3:], field.label))
    words = set(words_of(around))
    if words & {"sms", "dnd"} and last in ("state", "status", "consent", "value", "granted"):
        return role_of(around)
    close = " ".join((*field.parents[-1:], field.label))
    shorter = (_shorter(name) for name in field.names[:2])
    for name in (close if field.parents and len(close) < 60 else "", *shorter):
        if name and (role := role_of(name)):
            return _checked(field, name, role)
    return None


def _shorter(name: str) -> str:
    """`Attendee 1 Name`, Freshdesk's `ticket_contact_name`: whose it is stands right before what it is."""
    words = [word for word in words_of(name) if not (word.isdecimal() and len(word) == 1)]
    return " ".join(words[-2:]) if len(words) > 1 and words[-2] in _WHOSE else ""


def called(name: str) -> str:
    """The name as the table of headers knows it."""
    return _CALLED.get(folded(name)) or _PREFIX.sub("", _TAGS.sub(" ", name) if "<" in name else name)


def _asked(question: str) -> Role | None:
    """`What is your name?`"""
    return Role.FULL_NAME if set(words_of(question)) - _ASKING == {"name"} else None


def _checked(field: Field, name: str, role: Role) -> Role | None:
    """A spelling that means something else in a delivery than above a column."""
    words = set(words_of(name))
    around = set(words_of(" ".join((*field.parents[-3:], name))))
    if role in (Role.TAGS, Role.LISTS):
        return role if folded(name) in _LABELNAMES else None
    digits = sum(letter.isdecimal() for letter in field.value)
    if role is Role.PHONE and digits < 8 and words & {"country", "countrycode", "prefix", "area", "code"}:
        return None
    if field.value.casefold() in _LIFE and role is Role.ADDRESS:
        role = Role.STATUS
    if role in (Role.STATUS, Role.ADDRESS) and around & {"sms", "dnd"} and words & {"state", "status"}:
        return role_of(" ".join((*field.parents[-3:], name)))
    return role


def _borne_out(field: Field, role: Role | None) -> Role | None:
    """The role when the value can be one of it, another one when it clearly is, None when it is neither."""
    if role is None or field.value.startswith(("http://", "https://")):
        return None
    look = look_of(field.value, REGION)
    if look is Look.EMPTY:
        return None
    if look is Look.EMAIL and role in (*NAMES, Role.ADDRESS, Role.EMAIL, Role.PHONE):
        return Role.EMAIL
    if role is Role.PHONE:
        return _phone(field, look)
    if role in _CONSENTS:
        return _consent(field, role, look)
    if role is Role.POSTAL_CODE and not (len(field.value) <= 12 and any(map(str.isdecimal, field.value))):
        return None  # Cognito's `CityStatePostalCode`
    if role is Role.ADDRESS and field.value.isdecimal():
        return None  # a state by its number
    return None if look in _NEVER_OF.get(role, ()) or (role is Role.TITLE and look is not Look.TITLE) else role


def _phone(field: Field, look: Look) -> Role | None:
    if look is Look.ANSWER and is_about_sms(field.label):
        return Role.CONSENT
    if is_numbering(field.label) and look not in (Look.MOBILE, Look.PHONE):
        return None
    return Role.PHONE if any(letter.isdecimal() for letter in field.value) else None


def _consent(field: Field, role: Role, look: Look) -> Role | None:
    if look in (Look.MOBILE, Look.PHONE):
        return Role.PHONE
    return role if role is not Role.STATUS or says_no(field.value, Kind.STATE) else None
