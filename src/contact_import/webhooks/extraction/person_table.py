"""People to the same table that a file is, so that one judgement serves both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contact_import.columns.detect import Column, Columns
from contact_import.columns.header_match import match_role
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact, validate_rows
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.errors import BodyError
from contact_import.fields.text import split_labels
from contact_import.webhooks.extraction.field_match import FIELD_ROLES
from contact_import.webhooks.extraction.json_value import JsonValue, to_mapping

_REPORT_FIELDS = {
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
_STANDALONE_PREFIX = "alone "
_NO_CONTACTS_ARRAY = "The body has no array of contacts."


@dataclass(frozen=True, slots=True)
class ContactsRequest:
    """What `POST /contacts` was asked to import."""

    people: tuple[Person, ...]
    labels: Labels = Labels()


def build_person_table(people: Sequence[Person]) -> tuple[Columns, tuple[Row, ...]]:
    """One row for each person, numbered from 1 as in the delivery, under columns that fit them all.

    The first phone of each stands in the first column of phones, whatever the labels are.
    """
    indexes: dict[tuple[Role | None, str], int] = {}
    headers: list[str] = []
    rows = []
    for number, person in enumerate(people, start=1):
        cells: dict[int, str] = {}
        for column_key, field in _assign_columns(person):
            if column_key not in indexes:
                indexes[column_key] = len(headers)
                headers.append(field.label or (field.role or "value"))
            cells[indexes[column_key]] = field.value
        rows.append((number, cells))
    columns_by_role: dict[Role, tuple[int, ...]] = {}
    for (role, rank), index in sorted(indexes.items(), key=lambda item: (item[0][0] is Role.COUNTRY, item[0][1])):
        if role:
            columns_by_role[role] = (*columns_by_role.get(role, ()), index)
        if role is Role.COUNTRY and not rank.startswith(_STANDALONE_PREFIX):
            columns_by_role[Role.ADDRESS] += (index,)
    field_names = {index: _REPORT_FIELDS.get(role, role.value) for (role, _), index in indexes.items() if role}
    columns = tuple(Column(name, field_names.get(index)) for index, name in enumerate(headers))
    width = len(headers)
    return Columns(1, columns, columns_by_role), tuple(
        Row(number, tuple(cells.get(index, "") for index in range(width))) for number, cells in rows
    )


def _assign_columns(person: Person) -> Iterator[tuple[tuple[Role | None, str], PersonField]]:
    """Each detail with its column: by role and rank, or by label for what has no role."""
    counts: dict[Role | None, int] = {}
    has_address = any(field.role is Role.ADDRESS for field in person.fields)
    for field in person.fields:
        if field.role is None:
            yield (None, field.label), field
        else:
            counts[field.role] = rank = counts.get(field.role, 0) + 1
            # A country alone is no address: it stands in another column than those that end one.
            is_standalone = field.role is Role.COUNTRY and not has_address
            yield (field.role, f"{_STANDALONE_PREFIX if is_standalone else ''}{rank:05}"), field


def validate_people(people: Sequence[Person], rules: ValidationRules) -> Iterator[Contact | Outcome]:
    """One contact or outcome for each person, in order, by the judgement that rows of a file go through."""
    columns, rows = build_person_table(people)
    return validate_rows(rows, columns, rules)


def parse_contacts_request(body: JsonValue) -> ContactsRequest:
    """The body of the bulk call: `contacts`, `tags`, `list`. A bare array, or one contact alone, is fine too.

    Raises `BodyError` when `contacts` is there and is no array of objects.
    """
    outer = to_mapping(body)
    contacts = outer.get("contacts", body)
    if isinstance(contacts, dict):
        contacts = [contacts]
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        raise BodyError(_NO_CONTACTS_ARRAY)
    people = tuple(_parse_person(to_mapping(one)) for one in contacts)
    if not any(person.fields for person in people):
        people = ()
    if "contacts" not in outer:
        return ContactsRequest(people)
    return ContactsRequest(people, Labels(_parse_label_names(outer.get("tags")), _parse_label_names(outer.get("list"))))


def _parse_person(contact: Mapping[str, JsonValue]) -> Person:
    fields = []
    for name, value in contact.items():
        text = "; ".join(_flatten_texts(value))
        if text.strip():
            fields.append(PersonField(name, FIELD_ROLES[name] if name in CONTACT_FIELDS else match_role(name), text))
    return Person(tuple(fields))


def _flatten_texts(value: JsonValue) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _flatten_texts(one)]
    if isinstance(value, dict) or value is None:
        return []
    return [value if isinstance(value, str) else str(value).lower()]


def _parse_label_names(value: JsonValue) -> tuple[str, ...]:
    return split_labels(_flatten_texts(value))
