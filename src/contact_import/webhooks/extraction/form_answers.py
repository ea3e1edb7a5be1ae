"""Rewrite the answers of a form into labelled values, whatever shape the form gives them, before a body is flattened.

`{"q7": {"label": "Your mobile", "type": "tel", "value": "0491 570 006"}}` becomes
`{"q7": FormAnswer(("Your mobile", "q7"), ("0491 570 006",), "tel", "value")}`. The rest of the tree keeps its
shape, so that each value still has its path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contact_import.columns.records.owner import is_own_label
from contact_import.domain.roles import LABEL_ROLES, Role
from contact_import.webhooks.extraction.answer_shapes import (
    extract_texts,
    find_answer_key,
    find_consent_name,
    find_contact_point,
    find_container_role,
    find_kind,
    find_names_and_kind,
    find_phone_label,
    find_phone_or_email,
    find_phone_owner,
    find_two_part_phone,
    has_name_key,
    is_marked_primary,
    resolve_choices,
)
from contact_import.webhooks.extraction.form_definitions import FieldDefinitions
from contact_import.webhooks.extraction.json_value import (
    MAX_EMBEDDED_LEVELS,
    JsonValue,
    normalize_key,
    parse_embedded,
    to_text,
)
from contact_import.webhooks.registry import load_answer_parts

_LIST_ROLES = (*LABEL_ROLES, Role.PHONE, Role.EMAIL, Role.ADDRESS)


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """One answer, or a phone, e-mail address or consent that is an object.

    `names` are best first; without any, the key around the answer is its name. `value` has the texts, or the parts of
    a name or address. `kind` is the type that the form declares. `key` is the member that holds the value, "" if the
    whole object is the value.
    """

    names: tuple[str, ...]
    value: "tuple[str, ...] | dict[str, AnswerTree] | FormAnswer"
    kind: str = ""
    key: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddedTree:
    """The tree inside a text value: JSON in a form field."""

    tree: "AnswerTree"


# A tuple is an array of texts only, a list is an array with objects in it.
type AnswerTree = dict[str, AnswerTree] | list[AnswerTree] | tuple[str, ...] | FormAnswer | EmbeddedTree | str | None


@dataclass(frozen=True, slots=True)
class _Context:
    """The surroundings of a node: the role of its key, and the nearest key or label that is no number (None: root)."""

    definitions: FieldDefinitions
    role: Role | None = None
    outer_name: str | None = None
    embedded_levels: int = 0


def read_answers(tree: JsonValue, definitions: FieldDefinitions) -> AnswerTree:
    """Return the tree of a body with each answer as a `FormAnswer`, under its title in the form's `definitions`."""
    return _rewrite(tree, _Context(definitions))


def _rewrite(node: JsonValue, context: _Context) -> AnswerTree:
    if isinstance(node, dict):
        return _rewrite_object(node, context)
    if isinstance(node, list):
        return _rewrite_array(node, context)
    if node is None:
        return None
    text = to_text(node)
    inner = parse_embedded(text) if context.embedded_levels < MAX_EMBEDDED_LEVELS else None
    if inner is None:
        return text
    return EmbeddedTree(_rewrite(inner, replace(context, embedded_levels=context.embedded_levels + 1)))


def _rewrite_object(node: dict[str, JsonValue], context: _Context) -> AnswerTree:
    if node and all(key.isdecimal() and isinstance(value, dict) for key, value in node.items()):
        # PHP writes an array with gaps as an object with numbers as keys. Elements that are None are left out, so that
        # `flatten` still sees an object of objects.
        return {key: one for key, one in _rewrite_elements(node, context).items() if one is not None}
    if context.role in (Role.PHONE, Role.EMAIL) and (phone_or_email := find_phone_or_email(node)):
        text = _rewrite(phone_or_email, context)
        owner = find_phone_owner(node) if context.role is Role.PHONE else ""
        names = (f"{owner} {context.outer_name}",) if owner else ()
        return FormAnswer(names, (text,), find_kind(node)) if isinstance(text, str) else text
    items = next((value for key in ("data", "items") if isinstance(value := node.get(key), list)), None)
    if context.role in _LIST_ROLES and items is not None:
        return _rewrite_array(items, context)  # tags or phones, page by page
    if context.outer_name is not None and (value_key := find_answer_key(node)):
        return _rewrite_answer(node, value_key, context, context.outer_name)
    return _rewrite_contact_point(node, context) or _rewrite_members(node, context)


def _rewrite_contact_point(node: Mapping[str, JsonValue], context: _Context) -> FormAnswer | None:
    """Return an object that is a phone or e-mail address as an answer, with its other members, such as a consent."""
    value_key, kind = find_contact_point(node)
    if not value_key or has_name_key(node):
        return None
    members = {key: _rewrite_member(key, value, context) for key, value in node.items() if key != value_key}
    return FormAnswer(
        (kind,), members | {value_key: FormAnswer((kind,), tuple(extract_texts(node[value_key])), kind)}, kind
    )


def _rewrite_members(node: dict[str, JsonValue], context: _Context) -> dict[str, AnswerTree] | FormAnswer:
    if phone := find_two_part_phone(node):
        return FormAnswer((), (phone,))
    return {key: _rewrite_member(key, value, context) for key, value in node.items()}


def _rewrite_member(key: str, value: JsonValue, context: _Context) -> AnswerTree:
    if key == "context":  # about the device and the page; only its `traits` are about the person
        value = {"traits": value.get("traits")} if isinstance(value, dict) else None
    role = find_container_role(key) if isinstance(value, dict | list) else None
    outer_name = context.outer_name if key.isdecimal() else key
    context = replace(context, role=role, outer_name=outer_name)
    return _rewrite_parts(key, value, context) or _rewrite(value, context)


def _rewrite_parts(key: str, value: JsonValue, context: _Context) -> FormAnswer | None:
    """Return a bare array as the named parts of its question, if the question's type has parts in a fixed order."""
    (title, *_), kind = context.definitions.describe((key,), "")
    parts = load_answer_parts().get(normalize_key(kind), ()) if isinstance(value, list) and kind else ()
    texts = list(extract_texts(value)) if parts else []
    return FormAnswer((title, key), dict(zip(parts, texts, strict=False)), kind) if texts else None


def _rewrite_array(node: list[JsonValue], context: _Context) -> AnswerTree:
    if not any(isinstance(one, dict) for one in node) or context.role in LABEL_ROLES:
        return tuple(extract_texts([one for one in node if not isinstance(one, list)]))
    return list(_rewrite_elements({str(index): one for index, one in enumerate(node)}, context).values())


def _rewrite_elements(node: Mapping[str, JsonValue], context: _Context) -> dict[str, AnswerTree]:
    """Return the elements with their keys, None for an element that is left out."""
    first = next(iter(node))
    return {key: _rewrite_element(one, context, is_first=key == first) for key, one in node.items()}


def _rewrite_element(one: JsonValue, context: _Context, *, is_first: bool) -> AnswerTree:
    if not isinstance(one, dict):
        return _rewrite(one, context)
    if context.role in (Role.PHONE, Role.EMAIL):
        return _rewrite_phone_or_email(one, context)
    if isinstance(status := one.get("status"), str) and (consent := find_consent_name(one)):
        return FormAnswer((consent,), (status,))
    if isinstance(one.get("channel"), str) and not has_name_key(one):
        return None  # a consent to e-mail or another channel says nothing about SMS
    if value_key := find_answer_key(one):
        return _rewrite_answer(one, value_key, context, None)
    if point := _rewrite_contact_point(one, context):
        return point
    if context.role is Role.ADDRESS and not is_first:
        return None  # Cellcast has one address for each contact
    return _rewrite_members(one, context)


def _rewrite_phone_or_email(node: Mapping[str, JsonValue], context: _Context) -> AnswerTree:
    """Return a phone of a list as an answer: {"label": "work", "value": …, "primary": true} is named `phones work`.

    A label that is no kind of phone is the owner and comes first: `Mum phones`, which is another person's.
    """
    owner = find_phone_owner(node) if context.role is Role.PHONE else ""
    phone_or_email, label = find_phone_or_email(node), owner or find_phone_label(node)
    parts = (context.outer_name, label) if is_own_label(label) else (label, context.outer_name)
    name = " ".join(part for part in parts if part)
    return FormAnswer((name,), (phone_or_email,), is_primary=is_marked_primary(node)) if phone_or_email else None


def _rewrite_answer(
    node: Mapping[str, JsonValue], value_key: str, context: _Context, outer_name: str | None
) -> FormAnswer:
    names, kind = context.definitions.describe(*find_names_and_kind(node, value_key, outer_name))
    lower = {key.lower(): value for key, value in node.items() if key != value_key}
    value = resolve_choices(node[value_key], lower.get("options"))
    parts = (
        _rewrite_members(value, replace(context, outer_name=names[0] if names else ""))
        if isinstance(value, dict)
        else tuple(extract_texts(value))
    )
    return FormAnswer(names, parts, kind or "answer", value_key)
