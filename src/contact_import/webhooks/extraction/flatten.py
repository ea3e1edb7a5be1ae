"""The values of a body, one by one, each with the names that it goes by and the person it may belong to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contact_import.columns.header_match import role_of, words_of
from contact_import.columns.header_names import Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.body import Tree
from contact_import.webhooks.extraction.form_answers import (
    ID_KEYS,
    LABEL_KEYS,
    Definitions,
    answer_key,
    chosen,
    consent_in,
    definitions_of,
    folded,
    held_in,
    kind_of,
    opened,
    texts_of,
)

MAX_FIELDS = 50_000
MAX_CHARS = 2_000

_CONSENT_KEYS = frozenset("state status value consent granted given opted_in optin subscribed accepted sms".split())
_CHANNELS = frozenset("email whatsapp call calls push rcs gmb fb facebook messenger post mail".split())
_ABOUT_CHANNELS = frozenset("consent consents marketing subscription subscriptions preferences settings dnd".split())
_LISTED = (Role.TAGS, Role.LISTS, Role.PHONE, Role.EMAIL, Role.ADDRESS)
_PAGES = ("pages", "sections", "steps")
# What is about somebody or something else: never the person who filled in the form.
_OTHERS = frozenset(
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
class Field:
    """One value. `names` are all that stand above it, best first; `path` leads to it from the root.

    `owner` is the path of the array's element that it lies in, `record` that of the object whose own it is.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    value: str
    kind: str = ""
    owner: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    primary: bool = False

    @property
    def label(self) -> str:
        return self.names[0] if self.names else ""


def fields_of(tree: Tree) -> list[Field]:
    """All values but the empty ones and those that are about somebody else, in the order of the body."""
    found: list[Field] = []
    for field in _walk(tree, _Place((), (), (), (), dict(definitions_of(tree)))):
        if len(found) == MAX_FIELDS:
            raise BodyError(f"The body holds more than {MAX_FIELDS:,} values.")
        if field.value and not field.value.isspace():
            found.append(field)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    path: tuple[str, ...]
    owner: tuple[str, ...]
    record: tuple[str, ...]
    parents: tuple[str, ...]
    definitions: Definitions
    role: Role | None = None  # of the key that leads here
    kind: str = ""
    primary: bool = False

    def below(self, key: str) -> "_Place":
        parents = self.parents if key.isdecimal() else (*self.parents, key)
        return replace(self, path=(*self.path, key), parents=parents)


def _walk(node: Tree, place: _Place) -> Iterator[Field]:
    if isinstance(node, dict):
        yield from _object(node, place)
    elif isinstance(node, list):
        yield from _array(node, place)
    elif node is not None:
        text = node if isinstance(node, str) else str(node).lower()
        inner = opened(text)
        if inner is None:
            yield _field(text, place)
        else:
            yield from _walk(inner, place)


def _field(text: str, place: _Place, names: tuple[str, ...] = ()) -> Field:
    names = names or place.parents[-1:]
    kind = place.kind
    for name in (*names, *place.path[-1:]):
        if name in place.definitions:
            title, told = place.definitions[name]
            names, kind = tuple(dict.fromkeys((title, *names))), kind or told
            break
    names = tuple(name for name in names if name)
    text = text[:MAX_CHARS]
    return Field(place.path, names, text, kind, place.owner, place.record, place.parents[:-1], place.primary)


def _object(node: dict[str, Tree], place: _Place) -> Iterator[Field]:
    if node and all(key.isdecimal() and isinstance(value, dict) for key, value in node.items()):
        yield from _elements(node, place)
        return
    if place.role in (Role.PHONE, Role.EMAIL) and (held := held_in(node)):
        yield from _walk(held, replace(place, kind=kind_of(node) or place.kind))
        return
    inner = next((value for key in ("data", "items") if isinstance(value := node.get(key), list)), None)
    if place.role in _LISTED and inner is not None:
        yield from _array(inner, place)  # Intercom's tags, Wix' phones
        return
    answer = answer_key(node)
    if answer and place.parents:
        yield from _answered(node, answer, place, place.parents[-1:])
        return
    yield from _members(node, place)


def _members(node: Mapping[str, Tree], place: _Place) -> Iterator[Field]:
    record = place.record if _is_piece(place) else place.path
    if {"area", "phone"} <= node.keys() and isinstance(node["area"], str) and isinstance(node["phone"], str):
        yield _field(node["area"] + node["phone"], place)
        return
    about_channels = bool(_ABOUT_CHANNELS & set(words_of(" ".join(place.parents[-2:]))))
    for key, value in node.items():
        words = set(words_of(key))
        if isinstance(value, dict | list) and _is_about_others(key, value, place):
            continue
        if place.role in (Role.PHONE, Role.EMAIL, Role.ADDRESS) and folded(key) == "tag":
            continue
        if _CHANNELS & words and (about_channels or _ABOUT_CHANNELS & words) and "sms" not in words:
            continue
        if place.role is Role.CONSENT and key.lower() not in _CONSENT_KEYS:
            continue
        if key == "context":
            value = {"traits": value.get("traits")} if isinstance(value, dict) else None
        role = _role_around(key) if isinstance(value, dict | list) else None
        parents = place.parents if key.isdecimal() else (*place.parents, key)
        path = (*place.path, key)
        yield from _walk(value, _Place(path, place.owner, record, parents, place.definitions, role))


def _is_about_others(key: str, value: Tree, place: _Place) -> bool:
    if folded(key) == "account":  # somebody's, or a company
        return not (isinstance(value, dict) and _is_a_person(value))
    is_home = folded(key) == "location" and isinstance(value, dict) and "address1" in value  # Klaviyo's, of a profile
    return not is_home and (folded(key) in _OTHERS or (folded(key) == "context" and bool(place.path)))


def _is_a_person(node: Mapping[str, Tree]) -> bool:
    return any(role_of(key) in (Role.FIRST_NAME, Role.LAST_NAME) for key in node)


def _role_around(key: str) -> Role | None:
    return Role.ADDRESS if folded(key) == "addresses" else role_of(key)


def _is_piece(place: _Place) -> bool:
    """Whether an object is a part of the one around it: a name, an address, a birthday."""
    return place.role is not None or place.kind != ""


def _answered(node: Mapping[str, Tree], found: str, place: _Place, outer: tuple[str, ...]) -> Iterator[Field]:
    """An answer under the label, title or id that the form gives it."""
    lower = {key.lower(): value for key, value in node.items() if key != found}
    names = [told for key in LABEL_KEYS if isinstance(told := lower.get(key), str) and told.strip()]
    names += [name for name in outer if not name.isdecimal()]
    names += [told for key in ID_KEYS if isinstance(told := lower.get(key), str) and told.strip()]
    kind = kind_of({key: value for key, value in node.items() if key != found})
    for field in (lower.get("field"), lower.get("question")):
        if isinstance(field, dict):  # Typeform's link to the definition
            asked = (field.get(key) for key in ("title", "text", "label", "id", "ref"))
            names += [told for told in asked if isinstance(told, str) and told]
            kind = kind_of(field) or kind
    value = chosen(node[found], lower.get("options"))
    names = list(dict.fromkeys(names))
    for name in names:
        if name in place.definitions:
            title, told = place.definitions[name]
            names, kind = [title, *names], kind or told
            break
    here = replace(
        place, path=(*place.path, found), kind=kind or place.kind or "answer", role=role_of(names[0]) if names else None
    )
    if isinstance(value, dict):
        parents = (*place.parents, names[0] if names else "")
        yield from _members(value, replace(here, parents=parents))
        return
    for text in texts_of(value, here.role):
        yield _field(text, here, tuple(names))


def _array(node: list[Tree], place: _Place) -> Iterator[Field]:
    if not any(isinstance(one, dict) for one in node) or place.role in (Role.TAGS, Role.LISTS):
        for text in texts_of([one for one in node if not isinstance(one, list)], place.role):
            yield _field(text, place)
        return
    yield from _elements({str(index): one for index, one in enumerate(node)}, place)


def _elements(node: Mapping[str, Tree], place: _Place) -> Iterator[Field]:
    """Answers, phones and addresses stay with the object around them; anything else may be a person each."""
    for key, one in node.items():
        below = place.below(key)
        if not isinstance(one, dict):
            yield from _walk(one, below)
        elif place.role in (Role.PHONE, Role.EMAIL):
            yield from _one_of_several(one, below)
        elif isinstance(status := one.get("status"), str) and (consent := consent_in(one)):
            yield _field(status, below, (consent,))
        elif isinstance(one.get("channel"), str) and not _is_a_person(one):
            continue
        elif answer := answer_key(one):
            yield from _answered(one, answer, below, ())
        elif place.role is Role.ADDRESS:
            if key == next(iter(node)):
                yield from _members(one, replace(below, role=Role.ADDRESS))
        else:
            own = place.owner if folded(place.parents[-1] if place.parents else "") in _PAGES else below.path
            yield from _members(one, replace(below, owner=own, role=None, kind=""))


def _one_of_several(node: Mapping[str, Tree], place: _Place) -> Iterator[Field]:
    """`{"label": "work", "value": …, "primary": true}`: its kind stands beside it."""
    lower = {key.lower(): value for key, value in node.items()}
    beside = next((told for key in ("label", "type", "kind", "field") if isinstance(told := lower.get(key), str)), "")
    primary = any(str(lower.get(key)).lower() in ("true", "1") for key in ("primary", "is_primary", "default"))
    if held := held_in(node):
        name = " ".join(part for part in (place.parents[-1] if place.parents else "", beside) if part)
        yield _field(held, replace(place, primary=primary, kind=place.kind), (name,))
