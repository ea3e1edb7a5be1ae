"""Parse the body of `POST /contacts`: people by the names of Cellcast's fields, and labels for all of them.

There is one form of the body, `{"contacts": […], "tags": […], "list": […], "dry_run": false}`. Any other key is an
error: if a misspelt `dry_run` were ignored, contacts would be sent that the caller only wanted to check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contact_import.columns.header_match import match_role
from contact_import.contacts.validate import CONTACT_FIELDS
from contact_import.domain.labels import Labels
from contact_import.domain.person import Person, PersonField
from contact_import.errors import BodyContentError, BodyError
from contact_import.webhooks.api.request_body import check_keys, parse_callback, parse_flag, parse_labels
from contact_import.webhooks.extraction.consent.members import flatten_consents
from contact_import.webhooks.extraction.field_match import FIELD_ROLES
from contact_import.webhooks.extraction.json_value import JsonValue, to_mapping, to_text

_KEYS = ("contacts", "tags", "list", "dry_run", "callback_url")

_NOT_AN_OBJECT = 'The body must be an object such as {"contacts": [{"phone_number": "0491 570 006"}]}.'
_NOT_AN_ARRAY = '"contacts" must be an array of objects.'
_MISSING = '"contacts" is missing.'
_EMPTY = '"contacts" is empty.'


@dataclass(frozen=True, slots=True)
class ContactsRequest:
    """The people to import, in the order of the body, and the labels that each of them gets.

    With `is_dry_run` they are only checked, nothing is sent. `callback_url` is called after the import, "" for none.
    """

    people: tuple[Person, ...]
    labels: Labels = Labels()
    is_dry_run: bool = False
    callback_url: str = ""


def parse_contacts_request(body: JsonValue, *, allow_loopback: bool = False) -> ContactsRequest:
    """Parse the JSON of a body. With `allow_loopback` it may ask for a callback on this machine.

    Raise BodyError if `contacts` is not an array of objects. Raise BodyContentError for a body without a contact, for
    unknown keys, and for a value of the wrong type.
    """
    if not isinstance(body, dict):
        raise BodyContentError(_NOT_AN_OBJECT)
    check_keys(body, _KEYS)
    if "contacts" not in body:
        raise BodyContentError(_MISSING)
    contacts = body["contacts"]
    if not isinstance(contacts, list) or not all(isinstance(one, dict) for one in contacts):
        raise BodyError(_NOT_AN_ARRAY)
    is_dry_run, labels = parse_flag(body, "dry_run"), parse_labels(body)
    callback_url = parse_callback(body, allow_loopback=allow_loopback)
    people = tuple(_parse_person(to_mapping(flatten_consents(one))) for one in contacts)
    if not any(person.fields for person in people):
        raise BodyContentError(_EMPTY)
    return ContactsRequest(people, labels, is_dry_run, callback_url)


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
