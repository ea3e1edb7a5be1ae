"""People to the same table that a file is, so that one judgement serves both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contact_import.columns.detect import Column, Columns
from contact_import.columns.header_match import role_of
from contact_import.columns.header_names import Role
from contact_import.contacts.normalize import Rules
from contact_import.contacts.validate import FIELDS, Contact, judge
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.domain.person import Detail, Person
from contact_import.errors import BodyError
from contact_import.fields.text import label_names
from contact_import.files.csv_rows import Row
from contact_import.webhooks.extraction.body import Tree, as_mapping
from contact_import.webhooks.extraction.field_match import FIELD_ROLES

_SHOWN = {
    Role.FULL_NAME: "name",
    Role.TITLE: "gender",
    Role.COUNTRY: "address",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
}
_ALONE = "alone "
_NOT_CONTACTS = "The body has no array of contacts."


@dataclass(frozen=True, slots=True)
class Call:
    """What `POST /contacts` was asked to import."""

    people: tuple[Person, ...]
    labels: Labels = Labels()


def table_of(people: Sequence[Person]) -> tuple[Columns, tuple[Row, ...]]:
    """One row for each person, numbered from 1 as in the delivery, under columns that fit them all.

    The first phone of each stands in the first column of phones, whatever the labels are.
    """
    indexes: dict[tuple[Role | None, str], int] = {}
    headers: list[str] = []
    rows = []
    for number, person in enumerate(people, start=1):
        cells: dict[int, str] = {}
        for seat, detail in _seated(person):
            if seat not in indexes:
                indexes[seat] = len(headers)
                headers.append(detail.label or (detail.role or "value"))
            cells[indexes[seat]] = detail.value
        rows.append((number, cells))
    places: dict[Role, tuple[int, ...]] = {}
    for (role, rank), index in sorted(indexes.items(), key=lambda item: (item[0][0] is Role.COUNTRY, item[0][1])):
        if role:
            places[role] = (*places.get(role, ()), index)
        if role is Role.COUNTRY and not rank.startswith(_ALONE):
            places[Role.ADDRESS] += (index,)
    shown = {index: _SHOWN.get(role, role.value) for (role, _), index in indexes.items() if role}
    columns = tuple(Column(name, shown.get(index)) for index, name in enumerate(headers))
    width = len(headers)
    return Columns(1, columns, places), tuple(
        Row(number, tuple(cells.get(index, "") for index in range(width))) for number, cells in rows
    )


def _seated(person: Person) -> Iterator[tuple[tuple[Role | None, str], Detail]]:
    """Each detail with its column: by role and rank, or by label for what has no role."""
    counts: dict[Role | None, int] = {}
    has_address = any(detail.role is Role.ADDRESS for detail in person.details)
    for detail in person.details:
        if detail.role is None:
            yield (None, detail.label), detail
        else:
            counts[detail.role] = rank = counts.get(detail.role, 0) + 1
            # A country alone is no address: it stands in another column than those that end one.
            alone = detail.role is Role.COUNTRY and not has_address
            yield (detail.role, f"{_ALONE if alone else ''}{rank:05}"), detail


def judge_people(people: Sequence[Person], rules: Rules) -> Iterator[Contact | Outcome]:
    """One contact or outcome for each person, in order, by the judgement that rows of a file go through."""
    columns, rows = table_of(people)
    return judge(rows, columns, rules)


def contacts_in(body: Tree) -> Call:
    """The body of the bulk call: `contacts`, `tags`, `list`. A bare array, or one contact alone, is fine too.

    Raises `BodyError` when `contacts` is there and is no array of objects.
    """
    outer = as_mapping(body)
    contacts = outer.get("contacts", body)
    if isinstance(contacts, dict):
        contacts = [contacts]
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        raise BodyError(_NOT_CONTACTS)
    people = tuple(_person(as_mapping(one)) for one in contacts)
    if not any(person.details for person in people):
        people = ()
    if "contacts" not in outer:
        return Call(people)
    return Call(people, Labels(_names(outer.get("tags")), _names(outer.get("list"))))


def _person(contact: Mapping[str, Tree]) -> Person:
    details = []
    for name, value in contact.items():
        text = "; ".join(_texts(value))
        if text.strip():
            details.append(Detail(name, FIELD_ROLES[name] if name in FIELDS else role_of(name), text))
    return Person(tuple(details))


def _texts(value: Tree) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict) or value is None:
        return []
    return [value if isinstance(value, str) else str(value).lower()]


def _names(value: Tree) -> tuple[str, ...]:
    return label_names(_texts(value))
