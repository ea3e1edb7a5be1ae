"""Flatten a body into its values, each with its names and the person that it may belong to.

`{"contact": {"mobile": "0491 570 006"}, "tickets": [{"name": "Bo Lee"}]}` gives two values: one with the path
("contact", "mobile"), the names ("mobile",) and the owner (), and one with the path ("tickets", "0", "name"), the names
("name",) and the owner ("tickets", "0").
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.records.owner import Standing, classify_key
from contact_import.columns.value_types import ValueType, classify_value
from contact_import.domain.roles import LABEL_ROLES, NAME_ROLES, Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.answer_shapes import find_container_role, has_name_key
from contact_import.webhooks.extraction.form_answers import AnswerTree, EmbeddedTree, FormAnswer
from contact_import.webhooks.extraction.form_definitions import FieldDefinitions
from contact_import.webhooks.extraction.json_value import normalize_key

MAX_FLATTENED_VALUES = 50_000
MAX_VALUE_CHARS = 2_000  # Cellcast's fields are shorter; a whole message of a customer need not be stored twice

_CONSENT_KEYS = frozenset("state status value consent granted given opted_in optin subscribed accepted sms".split())
_OTHER_CHANNELS = frozenset("email whatsapp call calls push rcs gmb fb facebook messenger post mail".split())
_CHANNEL_CONSENT_WORDS = frozenset(
    "consent consents marketing subscription subscriptions preferences settings dnd".split()
)
_PAGE_KEYS = ("pages", "sections", "steps")
# Objects about another party or a thing, never about the person who filled in the form: a contact made of them would
# be a person who did not agree.
_OTHER_PARTY_KEYS = frozenset(
    "previous previousattributes old before host hosts organizer organiser owner creator createdby updatedby courier "
    "modifiedby assignedto assignee assigneduser agent agents rep staff seller merchant vendor business company "
    "salesrep companies associatedcompany organization organisation org eventmemberships eventguests guests spouse "
    "partner kin nextofkin emergencycontact referrer referredby form page site website shop store workflow "
    "app library device os browser links lineitems products sources versions identityprofiles formsubmissions "
    "listmemberships mergeaudits attribution attributionsource lastattributionsource tracking refunds reselleruser "
    "shippinglines taxlines discountcodes headers cookies webhook definition schema fieldstructure formstructure venue "
    "location origin team branch salesperson consultant supplier publication property listing vehicle dealer".split()
)


@dataclass(frozen=True, slots=True)
class BodyValue:
    """One value of a body.

    - `path` has the keys and indexes that lead to it from the root.
    - `names` are its labels and keys, best first: ("Your mobile", "input_7").
    - `kind` is the declared type of a form's answer (`tel`), or `answer`; "" for a plain value.
    - `owner` is the path of the array element that contains it, () outside arrays: elements may be people.
    - `record` is the path of the object that it describes; the parts of an address describe the object around it.
    - `parents` are the keys and labels above its name.
    - `is_primary` marks the phone or e-mail address that the sender calls the first.
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
        """Return the best name, "" without one."""
        return self.names[0] if self.names else ""


def flatten_body(tree: AnswerTree, definitions: FieldDefinitions) -> list[BodyValue]:
    """Return all values in the order of the body, without empty values and those about another party.

    Raise BodyError if there are more than MAX_FLATTENED_VALUES.
    """
    values: list[BodyValue] = []
    for value in _walk(tree, _Position((), (), (), (), definitions)):
        if len(values) == MAX_FLATTENED_VALUES:
            raise BodyError(f"The body contains more than {MAX_FLATTENED_VALUES:,} values.")
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
        """Return the position of an element, or of a member by its key."""
        # A number says where a value is, not what it is.
        parents = self.parents if key.isdecimal() else (*self.parents, key)
        return replace(self, path=(*self.path, key), parents=parents)


def _walk(node: AnswerTree, position: _Position) -> Iterator[BodyValue]:
    match node:
        case FormAnswer():
            yield from _walk_answer(node, position)
        case EmbeddedTree():
            yield from _walk(node.tree, position)
        case dict() if node and all(key.isdecimal() and _is_object(value) for key, value in node.items()):
            yield from _walk_elements(node, position)
        case dict():
            yield from _walk_members(node, position)
        case list():
            yield from _walk_elements({str(index): one for index, one in enumerate(node)}, position)
        case tuple():
            for text in _join_texts(node, position.role):
                yield _build_value(text, position)
        case str():
            yield _build_value(node, position)


def _walk_answer(answer: FormAnswer, position: _Position) -> Iterator[BodyValue]:
    role = match_role(answer.names[0]) if answer.names else None
    position = replace(
        position,
        path=(*position.path, answer.key) if answer.key else position.path,
        kind=answer.kind or position.kind,
        role=role,
        is_primary=answer.is_primary,
    )
    if isinstance(answer.value, tuple):
        for text in _join_texts(answer.value, role):
            yield _build_value(text, position, answer.names)
        return
    position = replace(position, parents=(*position.parents, answer.names[0] if answer.names else ""))
    if isinstance(answer.value, FormAnswer):
        yield from _walk_answer(answer.value, position)
    else:
        yield from _walk_members(answer.value, position)


def _join_texts(texts: Iterable[str], role: Role | None) -> Iterable[str]:
    """Return several phones or e-mail addresses one by one, and any other texts joined to one.

    Texts without a role count as phones or addresses if one of them has the form of one.
    """
    texts = tuple(texts)
    if role in (Role.PHONE, Role.EMAIL) or (role is None and any(map(_is_contact_value, texts))):
        return texts
    joined = ("; " if role in LABEL_ROLES else ", ").join(texts)
    return (joined,)


def _is_contact_value(text: str) -> bool:
    return classify_value(text, "AU") in (ValueType.EMAIL, ValueType.MOBILE)


def _build_value(text: str, position: _Position, names: tuple[str, ...] = ()) -> BodyValue:
    names, kind = position.definitions.describe(names or position.parents[-1:], position.kind, position.path[-1:])
    names, text = tuple(name for name in names if name), text[:MAX_VALUE_CHARS]
    return BodyValue(
        position.path, names, text, kind, position.owner, position.record, position.parents[:-1], position.is_primary
    )


def _walk_members(node: Mapping[str, AnswerTree], position: _Position) -> Iterator[BodyValue]:
    # A name, an address or a birthday in parts belongs to the object around it.
    is_part = (position.role is not None or position.kind != "") and not _is_person(node, position)
    record = position.record if is_part else position.path
    for key, value in node.items():
        if _is_other_party(key, value, position) or _is_other_channel(key, position) or _is_aside(key, position.role):
            continue
        role = find_container_role(key) if _is_container(value) else None
        child = position.descend(key)
        yield from _walk(value, replace(child, record=record, role=role, kind="", is_primary=False))


def _is_person(node: Mapping[str, AnswerTree], position: _Position) -> bool:
    """Return whether an address or name is a separate person: `shipping_address.first_name`, `student.first_name`."""
    roles = set(map(match_role, node))
    if position.role is Role.ADDRESS:
        return not roles.isdisjoint((Role.PHONE, *NAME_ROLES))
    is_owner = Standing.MAIN < classify_key(position.parents[-1]) < Standing.OTHER
    return position.role in NAME_ROLES and is_owner and not roles.isdisjoint(NAME_ROLES)


def _walk_elements(node: Mapping[str, AnswerTree], position: _Position) -> Iterator[BodyValue]:
    """Yield the values of array elements. Each object may be a person, but for addresses and pages of a survey."""
    # The pages of a survey hold one person's answers.
    is_page = normalize_key(position.parents[-1] if position.parents else "") in _PAGE_KEYS
    for key, one in node.items():
        child = position.descend(key)
        if not isinstance(one, dict):
            yield from _walk(one, child)
        elif position.role is Role.ADDRESS:
            yield from _walk_members(one, child)
        else:
            owner = position.owner if is_page else child.path
            yield from _walk_members(one, replace(child, owner=owner, role=None, kind=""))


def _is_object(node: AnswerTree) -> bool:
    return isinstance(node, dict | FormAnswer)


def _is_container(node: AnswerTree) -> bool:
    """Return whether the body has an object or array here. JSON inside a text counts as text."""
    return isinstance(node, dict | list | tuple | FormAnswer)


def _is_other_party(key: str, value: AnswerTree, position: _Position) -> bool:
    name = normalize_key(key)
    if not _is_container(value):
        return False
    if name == "account":  # a person's, or a company
        return not (isinstance(value, dict) and has_name_key(value))
    if name == "location" and isinstance(value, dict) and "address1" in value:
        return False  # a profile's home
    return name in _OTHER_PARTY_KEYS or (name == "context" and bool(position.path))


def _is_other_channel(key: str, position: _Position) -> bool:
    """Return whether a member is about consent to another channel than SMS: `marketing_preferences.email`."""
    words = set(split_words(key))
    if not _OTHER_CHANNELS & words or "sms" in words:
        return False
    around = set(split_words(" ".join(position.parents[-2:])))
    return not _CHANNEL_CONSENT_WORDS.isdisjoint(words | around)


def _is_aside(key: str, role: Role | None) -> bool:
    """Return whether a member describes the phone, address or consent around it, without being part of its value."""
    if role is Role.CONSENT:
        return key.lower() not in _CONSENT_KEYS
    return role in (Role.PHONE, Role.EMAIL, Role.ADDRESS) and normalize_key(key) == "tag"
