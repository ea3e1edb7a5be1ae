"""The values of a body, one by one, each with the names that it goes by and the person it may belong to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contact_import.columns.header_match import match_role, split_words
from contact_import.domain.roles import Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.body import JsonValue
from contact_import.webhooks.extraction.form_answers import (
    ID_KEYS,
    LABEL_KEYS,
    FieldDefinitions,
    extract_texts,
    find_answer_key,
    find_consent_name,
    find_definitions,
    find_kind,
    find_phone_or_email,
    normalize_key,
    parse_embedded,
    resolve_choices,
)

MAX_FLATTENED_VALUES = 50_000
MAX_VALUE_CHARS = 2_000

_CONSENT_KEYS = frozenset("state status value consent granted given opted_in optin subscribed accepted sms".split())
_OTHER_CHANNELS = frozenset("email whatsapp call calls push rcs gmb fb facebook messenger post mail".split())
_CHANNEL_CONSENT_WORDS = frozenset(
    "consent consents marketing subscription subscriptions preferences settings dnd".split()
)
_LIST_ROLES = (Role.TAGS, Role.LISTS, Role.PHONE, Role.EMAIL, Role.ADDRESS)
_PAGE_KEYS = ("pages", "sections", "steps")
# What is about somebody or something else: never the person who filled in the form.
_OTHER_PARTY_KEYS = frozenset(
    "previous previousattributes old before host hosts organizer organiser owner creator createdby updatedby courier "
    "modifiedby assignedto assignee assigneduser agent agents rep staff seller merchant vendor business company "
    "salesrep companies associatedcompany organization organisation org eventmemberships eventguests guests spouse "
    "partner kin nextofkin emergencycontact referrer referredby referral form page site website shop store workflow "
    "app library device os browser links lineitems products sources versions identityprofiles formsubmissions "
    "listmemberships mergeaudits attribution attributionsource lastattributionsource tracking refunds reselleruser "
    "shippinglines taxlines discountcodes headers cookies webhook definition schema fieldstructure formstructure venue "
    "location origin team branch salesperson consultant supplier publication property listing vehicle dealer".split()
)


@dataclass(frozen=True, slots=True)
class BodyValue:
    """One value. `names` are all that stand above it, best first; `path` leads to it from the root.

    `owner` is the path of the array's element that it lies in, `record` that of the object whose own it is.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    text: str
    kind: str = ""
    owner: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    is_primary: bool = False

    @property
    def label(self) -> str:
        return self.names[0] if self.names else ""


def flatten_body(tree: JsonValue) -> list[BodyValue]:
    """All values but the empty ones and those that are about somebody else, in the order of the body."""
    values: list[BodyValue] = []
    for value in _walk(tree, _Position((), (), (), (), dict(find_definitions(tree)))):
        if len(values) == MAX_FLATTENED_VALUES:
            raise BodyError(f"The body holds more than {MAX_FLATTENED_VALUES:,} values.")
        if value.text and not value.text.isspace():
            values.append(value)
    return values


@dataclass(frozen=True, slots=True)
class _Position:
    path: tuple[str, ...]
    owner: tuple[str, ...]
    record: tuple[str, ...]
    parents: tuple[str, ...]
    definitions: FieldDefinitions
    role: Role | None = None  # of the key that leads here
    kind: str = ""
    is_primary: bool = False

    def descend(self, key: str) -> "_Position":
        parents = self.parents if key.isdecimal() else (*self.parents, key)
        return replace(self, path=(*self.path, key), parents=parents)


def _walk(node: JsonValue, position: _Position) -> Iterator[BodyValue]:
    if isinstance(node, dict):
        yield from _walk_object(node, position)
    elif isinstance(node, list):
        yield from _walk_array(node, position)
    elif node is not None:
        text = node if isinstance(node, str) else str(node).lower()
        inner = parse_embedded(text)
        if inner is None:
            yield _build_value(text, position)
        else:
            yield from _walk(inner, position)


def _build_value(text: str, position: _Position, names: tuple[str, ...] = ()) -> BodyValue:
    names = names or position.parents[-1:]
    kind = position.kind
    for name in (*names, *position.path[-1:]):
        if name in position.definitions:
            title, declared = position.definitions[name]
            names, kind = tuple(dict.fromkeys((title, *names))), kind or declared
            break
    names = tuple(name for name in names if name)
    text = text[:MAX_VALUE_CHARS]
    return BodyValue(
        position.path, names, text, kind, position.owner, position.record, position.parents[:-1], position.is_primary
    )


def _walk_object(node: dict[str, JsonValue], position: _Position) -> Iterator[BodyValue]:
    if node and all(key.isdecimal() and isinstance(value, dict) for key, value in node.items()):
        yield from _walk_elements(node, position)
        return
    if position.role in (Role.PHONE, Role.EMAIL) and (phone_or_email := find_phone_or_email(node)):
        yield from _walk(phone_or_email, replace(position, kind=find_kind(node) or position.kind))
        return
    items = next((value for key in ("data", "items") if isinstance(value := node.get(key), list)), None)
    if position.role in _LIST_ROLES and items is not None:
        yield from _walk_array(items, position)  # Intercom's tags, Wix' phones
        return
    answer = find_answer_key(node)
    if answer and position.parents:
        yield from _walk_answer(node, answer, position, position.parents[-1:])
        return
    yield from _walk_members(node, position)


def _walk_members(node: Mapping[str, JsonValue], position: _Position) -> Iterator[BodyValue]:
    record = position.record if _is_part_of_parent(position) else position.path
    if {"area", "phone"} <= node.keys() and isinstance(node["area"], str) and isinstance(node["phone"], str):
        yield _build_value(node["area"] + node["phone"], position)
        return
    about_channels = bool(_CHANNEL_CONSENT_WORDS & set(split_words(" ".join(position.parents[-2:]))))
    for key, value in node.items():
        words = set(split_words(key))
        if isinstance(value, dict | list) and _is_other_party(key, value, position):
            continue
        if position.role in (Role.PHONE, Role.EMAIL, Role.ADDRESS) and normalize_key(key) == "tag":
            continue
        if _OTHER_CHANNELS & words and (about_channels or _CHANNEL_CONSENT_WORDS & words) and "sms" not in words:
            continue
        if position.role is Role.CONSENT and key.lower() not in _CONSENT_KEYS:
            continue
        if key == "context":
            value = {"traits": value.get("traits")} if isinstance(value, dict) else None
        role = _find_container_role(key) if isinstance(value, dict | list) else None
        parents = position.parents if key.isdecimal() else (*position.parents, key)
        path = (*position.path, key)
        yield from _walk(value, _Position(path, position.owner, record, parents, position.definitions, role))


def _is_other_party(key: str, value: JsonValue, position: _Position) -> bool:
    if normalize_key(key) == "account":  # somebody's, or a company
        return not (isinstance(value, dict) and _is_person(value))
    is_home = (
        normalize_key(key) == "location" and isinstance(value, dict) and "address1" in value
    )  # Klaviyo's, of a profile
    return not is_home and (
        normalize_key(key) in _OTHER_PARTY_KEYS or (normalize_key(key) == "context" and bool(position.path))
    )


def _is_person(node: Mapping[str, JsonValue]) -> bool:
    return any(match_role(key) in (Role.FIRST_NAME, Role.LAST_NAME) for key in node)


def _find_container_role(key: str) -> Role | None:
    return Role.ADDRESS if normalize_key(key) == "addresses" else match_role(key)


def _is_part_of_parent(position: _Position) -> bool:
    """Whether an object is a part of the one around it: a name, an address, a birthday."""
    return position.role is not None or position.kind != ""


def _walk_answer(
    node: Mapping[str, JsonValue], value_key: str, position: _Position, outer_names: tuple[str, ...]
) -> Iterator[BodyValue]:
    """An answer under the label, title or id that the form gives it."""
    lower = {key.lower(): value for key, value in node.items() if key != value_key}
    names = [declared for key in LABEL_KEYS if isinstance(declared := lower.get(key), str) and declared.strip()]
    names += [name for name in outer_names if not name.isdecimal()]
    names += [declared for key in ID_KEYS if isinstance(declared := lower.get(key), str) and declared.strip()]
    kind = find_kind({key: value for key, value in node.items() if key != value_key})
    for field in (lower.get("field"), lower.get("question")):
        if isinstance(field, dict):  # Typeform's link to the definition
            question_texts = (field.get(key) for key in ("title", "text", "label", "id", "ref"))
            names += [declared for declared in question_texts if isinstance(declared, str) and declared]
            kind = find_kind(field) or kind
    value = resolve_choices(node[value_key], lower.get("options"))
    names = list(dict.fromkeys(names))
    for name in names:
        if name in position.definitions:
            title, declared = position.definitions[name]
            names, kind = [title, *names], kind or declared
            break
    answer_position = replace(
        position,
        path=(*position.path, value_key),
        kind=kind or position.kind or "answer",
        role=match_role(names[0]) if names else None,
    )
    if isinstance(value, dict):
        parents = (*position.parents, names[0] if names else "")
        yield from _walk_members(value, replace(answer_position, parents=parents))
        return
    for text in extract_texts(value, answer_position.role):
        yield _build_value(text, answer_position, tuple(names))


def _walk_array(node: list[JsonValue], position: _Position) -> Iterator[BodyValue]:
    if not any(isinstance(one, dict) for one in node) or position.role in (Role.TAGS, Role.LISTS):
        for text in extract_texts([one for one in node if not isinstance(one, list)], position.role):
            yield _build_value(text, position)
        return
    yield from _walk_elements({str(index): one for index, one in enumerate(node)}, position)


def _walk_elements(node: Mapping[str, JsonValue], position: _Position) -> Iterator[BodyValue]:
    """Answers, phones and addresses stay with the object around them; anything else may be a person each."""
    for key, one in node.items():
        child = position.descend(key)
        if not isinstance(one, dict):
            yield from _walk(one, child)
        elif position.role in (Role.PHONE, Role.EMAIL):
            yield from _walk_labelled_value(one, child)
        elif isinstance(status := one.get("status"), str) and (consent := find_consent_name(one)):
            yield _build_value(status, child, (consent,))
        elif isinstance(one.get("channel"), str) and not _is_person(one):
            continue
        elif answer := find_answer_key(one):
            yield from _walk_answer(one, answer, child, ())
        elif position.role is Role.ADDRESS:
            if key == next(iter(node)):
                yield from _walk_members(one, replace(child, role=Role.ADDRESS))
        else:
            owner = (
                position.owner
                if normalize_key(position.parents[-1] if position.parents else "") in _PAGE_KEYS
                else child.path
            )
            yield from _walk_members(one, replace(child, owner=owner, role=None, kind=""))


def _walk_labelled_value(node: Mapping[str, JsonValue], position: _Position) -> Iterator[BodyValue]:
    """`{"label": "work", "value": …, "primary": true}`: its kind stands beside it."""
    lower = {key.lower(): value for key, value in node.items()}
    kind = next((text for key in ("label", "type", "kind", "field") if isinstance(text := lower.get(key), str)), "")
    is_primary = any(str(lower.get(key)).lower() in ("true", "1") for key in ("primary", "is_primary", "default"))
    if phone_or_email := find_phone_or_email(node):
        name = " ".join(part for part in (position.parents[-1] if position.parents else "", kind) if part)
        yield _build_value(phone_or_email, replace(position, is_primary=is_primary, kind=position.kind), (name,))
