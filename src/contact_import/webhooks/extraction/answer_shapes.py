"""Recognise the shapes in which forms and CRMs write one answer, phone number or consent: which key holds what."""

import re
from collections.abc import Iterable, Iterator, Mapping

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.header_words import RELATIVE_WORDS
from contact_import.columns.records.owner import is_own_label
from contact_import.columns.role_columns import is_calling_code_header
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.roles import Role
from contact_import.fields.phone_country import add_calling_code, is_home, read_country
from contact_import.webhooks.extraction.json_value import JsonValue, normalize_key, to_text

_VALUE_KEYS = (
    "value val values string_value stringvalue answer answers response text_value field_value fieldvalue displayvalue "
    "answertext answer_text answerdetails userdata formattedvalue is_checked ischecked"
).split()
# In each list the order counts. Words that people read come before names that programs use: `Your mobile` before
# `input_7`.
_LABEL_KEYS = (
    "label title question column_name columnname question_text questiontext questiontitle heading caption field_label "
    "fieldlabel display_name displayname text prompt field_title name"
).split()
_ID_KEYS = (
    "part fieldname field_name attribute property column_id key code custom_key slug identifier field ref id field_id "
    "fieldid questionid checkbox_key checkboxkey"
).split()
_KIND_KEYS = ("field_type", "fieldtype", "inputtype", "questiontype", "input_type", "element_type", "type", "kind")
_PHONE_OR_EMAIL_KEYS = (
    "value number full e164 international formatted phone_number phonenumber phone mobile email email_address address "
    "emailaddress text raw national email_id"
).split()
_PHONE_PART_KEYS = frozenset(("country", "area", "phone", "extension", "full"))
_AREA_CODE = re.compile(r"[\d\s()+-]*")
# A contact point is `{"type": "phone", "address": …}`: what it is, and the number or address under one of these keys.
_CONTACT_POINT_KINDS = dict.fromkeys("phone mobile cell tel telephone phonenumber".split(), "phone") | {
    "email": "email",
    "emailaddress": "email",
}
_CONTACT_POINT_TYPES = {"phone": (ValueType.MOBILE, ValueType.PHONE), "email": (ValueType.EMAIL,)}
_CONTACT_POINT_KEYS = ("address", "id", "number", "identifier")
# Members of a phone's object that say whose it is, and remarks on it.
_OWNER_KEYS = "relationship relation owner ownername belongsto person contactname whose name".split()
_REMARK_KEYS = "description note notes comment comments remark remarks".split()
_MAX_OWNER_WORDS = 3
_CONTAINER_ROLES = {"addresses": Role.ADDRESS, "emailids": Role.EMAIL, "phonenos": Role.PHONE}
_COUNTRY_KEY_WORDS = frozenset("country calling dial dialling prefix".split())
_HEADING_KEYS = ("label", "title", "question", "heading")


def find_answer_key(node: Mapping[str, JsonValue]) -> str:
    """Return the key of the value in an object that is one answer of a form, "" for any other object.

    {"label": "Your mobile", "value": "0491 570 006"} gives "value". An object with a phone or e-mail address beside
    the value is a person, not an answer.
    """
    lower = {key.lower(): key for key in node}
    has_label = not lower.keys().isdisjoint(_HEADING_KEYS)
    found = next(
        (lower[key] for key in _VALUE_KEYS if key in lower and (has_label or not _has_objects(node[lower[key]]))), ""
    )
    if not found and "text" in lower and has_label:
        found = lower["text"]
    node_type = node.get("type")
    if not found and isinstance(node_type, str) and node_type != "type" and node_type in node:
        found = node_type  # {"type": "email", "email": …}
    if not found:
        return ""
    # A record with a label may have a first name as a property; one without is a person.
    person_roles = (
        {Role.PHONE, Role.EMAIL}
        if has_label or find_kind(node)
        else {Role.PHONE, Role.EMAIL, Role.FIRST_NAME, Role.LAST_NAME}
    )
    return "" if any(key != found and node[key] and match_role(key) in person_roles for key in node) else found


def find_names_and_kind(
    node: Mapping[str, JsonValue], value_key: str, outer_name: str | None
) -> tuple[tuple[str, ...], str]:
    """Return the names of an answer, best first (label, `outer_name`, ids), and its declared type.

    `outer_name` is the key or label around the answer: `{"mobile": {"value": …}}`.
    """
    rest = {key: value for key, value in node.items() if key != value_key}
    lower = {key.lower(): value for key, value in rest.items()}
    names = [text for key in _LABEL_KEYS if isinstance(text := lower.get(key), str) and text.strip()]
    names += [outer_name] if outer_name is not None and not outer_name.isdecimal() else []
    names += [text for key in _ID_KEYS if isinstance(text := lower.get(key), str) and text.strip()]
    kind = find_kind(rest)
    for field in (lower.get("field"), lower.get("question")):
        if isinstance(field, dict):  # {"field": {"ref": …, "title": …}}: a link to the definition
            question_texts = (field.get(key) for key in ("title", "text", "label", "id", "ref"))
            names += [text for text in question_texts if isinstance(text, str) and text]
            kind = find_kind(field) or kind
    return tuple(dict.fromkeys(names)), kind


def find_kind(node: Mapping[str, JsonValue]) -> str:
    """Return the type that a form declares for an answer (`tel`, `email`, `control_fullname`), "" without one."""
    lower = {key.lower(): value for key, value in node.items()}
    return next((kind for key in _KIND_KEYS if isinstance(kind := lower.get(key), str) and kind), "")


def resolve_choices(value: JsonValue, options: JsonValue) -> JsonValue:
    """Return the words of choices.

    Some forms send ids beside the `options` that explain them, others {"label": …} or {"labels": […]}.
    """
    if isinstance(options, list):
        labels = {
            str(option.get("id")): option.get("text") or option.get("label") or option.get("name")
            for option in options
            if isinstance(option, dict)
        }
        if isinstance(value, list):
            return [labels.get(one, one) if isinstance(one, str) else one for one in value]
        return labels.get(value, value) if isinstance(value, str) else value
    if isinstance(value, dict):
        lower = {key.lower(): item for key, item in value.items()}
        for key in ("label", "labels", "answer", "textquestionanswer", "value", "text"):
            if key in lower:
                return resolve_choices(lower[key], None)
    return value


def extract_texts(value: JsonValue) -> Iterator[str]:
    """Yield the texts of a value: of an array one by one, of an object in it the words that people see."""
    if isinstance(value, list):
        for one in value:
            yield from extract_texts(_get_display_text(one))
    elif isinstance(value, str | bool):
        yield to_text(value)


def find_phone_or_email(node: Mapping[str, JsonValue]) -> str:
    """Return the number or address of an object that is a phone or an e-mail address, "" if it has none.

    A number of another country gets that country's calling code: `{"phone": "0491 57 01 56", "country": "BE"}`.
    Without it, the number would be read as an Australian's.
    """
    texts = {key.lower(): value for key, value in node.items() if isinstance(value, str) and value.strip()}
    if {"area", "phone"} <= texts.keys():
        return texts["area"] + texts["phone"]
    found = next((texts[key] for key in _PHONE_OR_EMAIL_KEYS if key in texts), "")
    country = next(_find_countries(node), "") if found and "@" not in found else ""
    return found if is_home(country, "AU") else add_calling_code(found, country)


def _find_countries(node: Mapping[str, JsonValue]) -> Iterator[str]:
    """Yield the ISO countries that an object names beside a number, by name, ISO code or calling code."""
    for key, value in node.items():
        if _COUNTRY_KEY_WORDS.isdisjoint(split_words(key)) or isinstance(value, dict | list | bool | None):
            continue
        if country := read_country(str(value), is_calling_code=is_calling_code_header(key)):
            yield country


def find_two_part_phone(node: Mapping[str, JsonValue]) -> str:
    """Return the number of a phone in two parts: {"area": "04", "phone": "9157 0006"}.

    Return "" for other objects: an enquiry about an area has a phone too.
    """
    area, phone = node.get("area"), node.get("phone")
    if not isinstance(area, str) or not isinstance(phone, str) or not _AREA_CODE.fullmatch(area):
        return ""
    return area + phone if node.keys() <= _PHONE_PART_KEYS else ""


def find_contact_point(node: Mapping[str, JsonValue]) -> tuple[str, str]:
    """Return the key and the kind, `phone` or `email`, of an object that is a contact point, else "" twice.

    {"type": "phone", "address": "+61 491 570 006"} gives ("address", "phone"). An id under such a key is not a
    number: the value must have the form that the type says.
    """
    lower = {key.lower(): key for key in node}
    kind = _CONTACT_POINT_KINDS.get(normalize_key(find_kind(node)), "")
    for name in _CONTACT_POINT_KEYS if kind else ():
        value = node[lower[name]] if name in lower else None
        if isinstance(value, str) and classify_value(value, "AU") in _CONTACT_POINT_TYPES[kind]:
            return lower[name], kind
    return "", ""


def find_phone_label(node: Mapping[str, JsonValue]) -> str:
    """Return the label of a phone or e-mail address in an array: `work` of {"label": "work", "value": …}."""
    lower = {key.lower(): value for key, value in node.items()}
    return next((text for key in ("label", "type", "kind", "field") if isinstance(text := lower.get(key), str)), "")


def find_phone_owner(node: Mapping[str, JsonValue], *, is_answer: bool = False) -> str:
    """Return the owner that a phone's object names, "" for the person's own phone: `wife` of {"relationship": "wife"}.

    A name that nothing explains is another person's, because a person's own number needs none. The `name` of an answer
    of a form (`is_answer`) is its question.
    """
    texts = dict(_find_texts(node))
    for key, value in node.items():  # {"owner": {"name": "Bo Lee"}}
        if normalize_key(key) in (*_OWNER_KEYS, "contact"):
            texts |= _find_texts(value)
    keys = [key for key in _OWNER_KEYS if key in texts and not (is_answer and key == "name")]
    for owner in (texts[key] for key in keys):
        if not is_own_label(owner):
            return owner if len(split_words(owner)) <= _MAX_OWNER_WORDS else "other contact"
    remarks = " ".join(texts[key] for key in _REMARK_KEYS if key in texts and not is_answer)
    return next((word for word in split_words(remarks) if word in RELATIVE_WORDS), "")


def _find_texts(node: JsonValue | Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    members = node.items() if isinstance(node, Mapping) else ()
    return ((normalize_key(key), value) for key, value in members if isinstance(value, str) and value.strip())


def is_marked_primary(node: Mapping[str, JsonValue]) -> bool:
    """Return whether a CRM marks a phone or e-mail address as the person's first: `"primary": true`."""
    lower = {key.lower(): value for key, value in node.items()}
    return any(str(lower.get(key)).lower() in ("true", "1") for key in ("primary", "is_primary", "default"))


def find_consent_name(node: Mapping[str, JsonValue]) -> str:
    """Return the name of a consent that is an object, "" for other objects.

    Some list legal bases (`"type": "consent"`), others list channels: `{"channel": "sms", "status": …}`.
    """
    if node.get("type") == "consent":
        return "consent"
    return "sms consent" if str(node.get("channel")).lower() in ("sms", "text") else ""


def has_name_key(keys: Iterable[str]) -> bool:
    """Return whether one of the keys holds a first or last name, as those of a person do."""
    return any(match_role(key) in (Role.FIRST_NAME, Role.LAST_NAME) for key in keys)


def find_container_role(key: str) -> Role | None:
    """Return the role of an object or array by its key: `phones`, `billing_address`, `sms_consent`."""
    return _CONTAINER_ROLES.get(normalize_key(key)) or match_role(key)


def _has_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _get_display_text(node: JsonValue) -> JsonValue:
    if not isinstance(node, dict):
        return node
    keys = ("name", "label", "plain_text", "text", "value", "answer")
    return next((node[key] for key in keys if isinstance(node.get(key), str)), None)
