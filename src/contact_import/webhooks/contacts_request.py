"""Parse the body of `POST /contacts`: people by the names of Cellcast's fields, and labels for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from contact_import.columns.header_match import match_role
from contact_import.contacts.validate import CONTACT_FIELDS
from contact_import.domain.labels import Labels
from contact_import.domain.person import Person, PersonField
from contact_import.errors import BodyError
from contact_import.fields.text import split_labels
from contact_import.webhooks.consent_members import flatten_consents
from contact_import.webhooks.extraction.field_match import FIELD_ROLES
from contact_import.webhooks.extraction.json_value import JsonValue, to_mapping, to_text

_NO_CONTACTS_ARRAY = "The body has no array of contacts."


@dataclass(frozen=True, slots=True)
class ContactsRequest:
    """The people to import, in the order of the body, and the labels that each of them gets."""

    people: tuple[Person, ...]
    labels: Labels = Labels()


def parse_contacts_request(body: JsonValue) -> ContactsRequest:
    """Parse `{"contacts": […], "tags": …, "list": …}`, a bare array of contacts, or one contact alone.

    Without a single value in any contact, there are no people. Raise BodyError when `contacts` is not an array of
    objects.
    """
    outer = to_mapping(body)
    contacts = outer.get("contacts", body)
    if isinstance(contacts, dict):
        contacts = [contacts]
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        raise BodyError(_NO_CONTACTS_ARRAY)
    people = tuple(_parse_person(to_mapping(flatten_consents(one))) for one in contacts)
    if not any(person.fields for person in people):
        people = ()
    if "contacts" not in outer:
        # The tags of one contact alone are its own.
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
    return [to_text(value)] if isinstance(value, str | bool) else []


def _parse_label_names(value: JsonValue) -> tuple[str, ...]:
    return split_labels(_flatten_texts(value))
