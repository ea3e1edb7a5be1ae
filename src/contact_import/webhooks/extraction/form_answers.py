"""How forms write their questions and answers down: labels, types and values as objects of their own."""

import re
from collections.abc import Iterator, Mapping

from contact_import.columns.header_match import role_of, words_of
from contact_import.columns.header_names import Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.body import Tree, read_json

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
_HOLDERS = (
    "value number full e164 international formatted phone_number phonenumber phone mobile email email_address address "
    "emailaddress text raw national"
).split()

type Definitions = Mapping[str, tuple[str, str]]  # a field's id to its title and type


def folded(key: str) -> str:
    return "".join(words_of(key))


def opened(text: str) -> Tree:
    """JSON inside a value (Jotform's `rawRequest`), or Formstack's `first = Ada` line by line."""
    start = text[:200].lstrip()[:1]
    if start in ("{", "[") and text.rstrip()[-1:] in ("}", "]"):
        try:
            return read_json(text)
        except BodyError:
            return None
    lines = text.strip().splitlines() if "\n" in text and " = " in text[:1000] else []
    pairs = [line.partition(" = ")[::2] for line in lines if line.strip()]
    if len(pairs) > 1 and all(re.fullmatch(r"\w{1,40}", name.strip()) for name, _ in pairs):
        return {name.strip(): value.strip() for name, value in pairs}
    return None


def held_in(node: Mapping[str, Tree]) -> str:
    """Of an object that is a phone or an e-mail address, the number or address itself."""
    plain = {key.lower(): value for key, value in node.items() if isinstance(value, str) and value.strip()}
    if {"area", "phone"} <= plain.keys():
        return plain["area"] + plain["phone"]
    return next((plain[key] for key in _HOLDERS if key in plain), "")


def kind_of(node: Mapping[str, Tree]) -> str:
    lower = {key.lower(): value for key, value in node.items()}
    return next((told for key in _KIND_KEYS if isinstance(told := lower.get(key), str) and told), "")


def consent_in(node: Mapping[str, Tree]) -> str:
    """RD Station's legal bases, and lists of channels: `{"channel": "sms", "status": …}`."""
    if node.get("type") == "consent":
        return "consent"
    return "sms consent" if str(node.get("channel")).lower() in ("sms", "text") else ""


def answer_key(node: Mapping[str, Tree]) -> str:
    """The key of the value in an object that is one answer of a form, "" when it is none."""
    lower = {key.lower(): key for key in node}
    asks = not lower.keys().isdisjoint(("label", "title", "question", "heading"))
    found = next(
        (lower[key] for key in _VALUE_KEYS if key in lower and (asks or not _holds_objects(node[lower[key]]))), ""
    )
    if not found and "text" in lower and asks:
        found = lower["text"]
    told = node.get("type")
    if not found and isinstance(told, str) and told != "type" and told in node:
        found = told  # Typeform: {"type": "email", "email": …}
    if not found:
        return ""
    persons = (
        {Role.PHONE, Role.EMAIL} if asks or kind_of(node) else {Role.PHONE, Role.EMAIL, Role.FIRST_NAME, Role.LAST_NAME}
    )
    return "" if any(key != found and node[key] and role_of(key) in persons for key in node) else found


def _holds_objects(value: Tree) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def chosen(value: Tree, options: Tree) -> Tree:
    """Choices by their words: Tally sends ids beside the options, Typeform {"label": …} or {"labels": […]}."""
    if isinstance(options, list):
        words = {
            str(option.get("id")): option.get("text") or option.get("label") or option.get("name")
            for option in options
            if isinstance(option, dict)
        }
        if isinstance(value, list):
            return [words.get(one, one) if isinstance(one, str) else one for one in value]
        return words.get(value, value) if isinstance(value, str) else value
    if isinstance(value, dict):
        lower = {key.lower(): told for key, told in value.items()}
        for key in ("label", "labels", "answer", "textquestionanswer", "value", "text"):
            if key in lower:
                return chosen(lower[key], None)
    return value


def texts_of(value: Tree, role: Role | None) -> Iterator[str]:
    """Several phones stay apart; of anything else, several make one text."""
    if not isinstance(value, list):
        if value is not None:
            yield value if isinstance(value, str) else str(value).lower()
        return
    texts = [text for one in value for text in texts_of(_named(one), role)]
    if role in (Role.PHONE, Role.EMAIL):
        yield from texts
    elif texts:
        yield ("; " if role in (Role.TAGS, Role.LISTS) else ", ").join(texts)


def _named(node: Tree) -> Tree:
    if not isinstance(node, dict):
        return node
    keys = ("name", "label", "plain_text", "text", "value", "answer")
    return next((node[key] for key in keys if isinstance(node.get(key), str)), None)


def definitions_of(node: Tree) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a form says about its fields beside the answers: Typeform's `definition`, Wufoo's `FieldStructure`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if folded(key) in ("definition", "schema", "fieldstructure", "fielddefinitions", "questions"):
                form = opened(value) if isinstance(value, str) else value
                yield from _defined(form, ("", ""))
            elif isinstance(value, dict):
                yield from definitions_of(value)


def _defined(node: Tree, above: tuple[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    if isinstance(node, list):
        for one in node:
            yield from _defined(one, above)
    elif isinstance(node, dict):
        lower = {key.lower(): value for key, value in node.items()}
        told = next((t for key in ("title", "label", "fieldname", "name") if isinstance(t := lower.get(key), str)), "")
        title, kind = f"{above[0]} {told}".strip(), kind_of(node) or above[1]
        if not answer_key(node):
            for key in ("id", "ref", "key", "fieldname"):
                if title and isinstance(name := lower.get(key), str):
                    yield name, (title, kind)
        deeper = title if "subfields" in lower else ""
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _defined(value, (deeper, kind if deeper else ""))
