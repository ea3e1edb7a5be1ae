"""How forms write their questions and answers down: labels, types and values as objects of their own."""

import re
from collections.abc import Iterator, Mapping

from contact_import.columns.header_match import match_role, split_words
from contact_import.domain.roles import Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.body import JsonValue, parse_json

_VALUE_KEYS = (
    "value val values string_value stringvalue answer answers response text_value field_value fieldvalue displayvalue "
    "answertext answer_text answerdetails userdata formattedvalue"
).split()
# What people read comes before what programs do: `Your mobile` before `input_7`.
LABEL_KEYS = (
    "label title question column_name columnname question_text questiontext questiontitle heading caption field_label "
    "fieldlabel display_name displayname text prompt field_title name"
).split()
ID_KEYS = (
    "part fieldname field_name attribute property column_id key code custom_key slug identifier field ref id field_id "
    "fieldid questionid"
).split()
_KIND_KEYS = ("field_type", "fieldtype", "inputtype", "questiontype", "input_type", "element_type", "type", "kind")
_PHONE_OR_EMAIL_KEYS = (
    "value number full e164 international formatted phone_number phonenumber phone mobile email email_address address "
    "emailaddress text raw national"
).split()

type FieldDefinitions = Mapping[str, tuple[str, str]]  # a field's id to its title and type


def normalize_key(key: str) -> str:
    return "".join(split_words(key))


def parse_embedded(text: str) -> JsonValue:
    """JSON inside a value (Jotform's `rawRequest`), or Formstack's `first = Ada` line by line."""
    start = text[:200].lstrip()[:1]
    if start in ("{", "[") and text.rstrip()[-1:] in ("}", "]"):
        try:
            return parse_json(text)
        except BodyError:
            return None
    lines = text.strip().splitlines() if "\n" in text and " = " in text[:1000] else []
    pairs = [line.partition(" = ")[::2] for line in lines if line.strip()]
    if len(pairs) > 1 and all(re.fullmatch(r"\w{1,40}", name.strip()) for name, _ in pairs):
        return {name.strip(): value.strip() for name, value in pairs}
    return None


def find_phone_or_email(node: Mapping[str, JsonValue]) -> str:
    """Of an object that is a phone or an e-mail address, the number or address itself."""
    texts = {key.lower(): value for key, value in node.items() if isinstance(value, str) and value.strip()}
    if {"area", "phone"} <= texts.keys():
        return texts["area"] + texts["phone"]
    return next((texts[key] for key in _PHONE_OR_EMAIL_KEYS if key in texts), "")


def find_kind(node: Mapping[str, JsonValue]) -> str:
    lower = {key.lower(): value for key, value in node.items()}
    return next((kind for key in _KIND_KEYS if isinstance(kind := lower.get(key), str) and kind), "")


def find_consent_name(node: Mapping[str, JsonValue]) -> str:
    """RD Station's legal bases, and lists of channels: `{"channel": "sms", "status": …}`."""
    if node.get("type") == "consent":
        return "consent"
    return "sms consent" if str(node.get("channel")).lower() in ("sms", "text") else ""


def find_answer_key(node: Mapping[str, JsonValue]) -> str:
    """The key of the value in an object that is one answer of a form, "" when it is none."""
    lower = {key.lower(): key for key in node}
    has_label = not lower.keys().isdisjoint(("label", "title", "question", "heading"))
    found = next(
        (lower[key] for key in _VALUE_KEYS if key in lower and (has_label or not _has_objects(node[lower[key]]))), ""
    )
    if not found and "text" in lower and has_label:
        found = lower["text"]
    node_type = node.get("type")
    if not found and isinstance(node_type, str) and node_type != "type" and node_type in node:
        found = node_type  # Typeform: {"type": "email", "email": …}
    if not found:
        return ""
    person_roles = (
        {Role.PHONE, Role.EMAIL}
        if has_label or find_kind(node)
        else {Role.PHONE, Role.EMAIL, Role.FIRST_NAME, Role.LAST_NAME}
    )
    return "" if any(key != found and node[key] and match_role(key) in person_roles for key in node) else found


def _has_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def resolve_choices(value: JsonValue, options: JsonValue) -> JsonValue:
    """Choices by their words: Tally sends ids beside the options, Typeform {"label": …} or {"labels": […]}."""
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


def extract_texts(value: JsonValue, role: Role | None) -> Iterator[str]:
    """Several phones stay apart; of anything else, several make one text."""
    if not isinstance(value, list):
        if value is not None:
            yield value if isinstance(value, str) else str(value).lower()
        return
    texts = [text for one in value for text in extract_texts(_get_display_text(one), role)]
    if role in (Role.PHONE, Role.EMAIL):
        yield from texts
    elif texts:
        yield ("; " if role in (Role.TAGS, Role.LISTS) else ", ").join(texts)


def _get_display_text(node: JsonValue) -> JsonValue:
    if not isinstance(node, dict):
        return node
    keys = ("name", "label", "plain_text", "text", "value", "answer")
    return next((node[key] for key in keys if isinstance(node.get(key), str)), None)


def find_definitions(node: JsonValue) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a form says about its fields beside the answers: Typeform's `definition`, Wufoo's `FieldStructure`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if normalize_key(key) in ("definition", "schema", "fieldstructure", "fielddefinitions", "questions"):
                form = parse_embedded(value) if isinstance(value, str) else value
                yield from _walk_definitions(form, ("", ""))
            elif isinstance(value, dict):
                yield from find_definitions(value)


def _walk_definitions(node: JsonValue, parent: tuple[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    if isinstance(node, list):
        for one in node:
            yield from _walk_definitions(one, parent)
    elif isinstance(node, dict):
        lower = {key.lower(): value for key, value in node.items()}
        own_title = next(
            (text for key in ("title", "label", "fieldname", "name") if isinstance(text := lower.get(key), str)), ""
        )
        title, kind = f"{parent[0]} {own_title}".strip(), find_kind(node) or parent[1]
        if not find_answer_key(node):
            for key in ("id", "ref", "key", "fieldname"):
                if title and isinstance(name := lower.get(key), str):
                    yield name, (title, kind)
        subfield_prefix = title if "subfields" in lower else ""
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _walk_definitions(value, (subfield_prefix, kind if subfield_prefix else ""))
