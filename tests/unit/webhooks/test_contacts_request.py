"""The body of `POST /contacts` as people."""

from datetime import date
from typing import Any

import pytest

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.person import PersonField
from contact_import.domain.roles import Role
from contact_import.errors import BodyError
from contact_import.webhooks.contacts_request import parse_contacts_request
from tests.make_submissions import validate_people

RULES = ValidationRules(date(2026, 2, 6))


def test_the_bulk_call_names_people_and_labels() -> None:
    call = parse_contacts_request(
        {
            "contacts": [
                {"first_name": "Ada", "phone_number": "491570006", "vip": True, "tags": ["gold"], "address": None},
                {},
            ],
            "tags": "a, b",
            "list": ["News"],
        }
    )

    assert call.labels == Labels(("a", "b"), ("News",))
    assert len(call.people) == 2  # the empty one has its number too
    assert [(detail.label, detail.role, detail.value) for detail in call.people[0].fields] == [
        ("first_name", Role.FIRST_NAME, "Ada"),
        ("phone_number", Role.PHONE, "491570006"),
        ("vip", None, "true"),
        ("tags", Role.TAGS, "gold"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        [{"mobile": "0491 570 006"}],
        {"phone_number": "0491 570 006"},
        {"contacts": {"phone_number": "0491 570 006"}},
    ],
)
def test_one_contact_needs_no_envelope(body: Any) -> None:
    (one,) = validate_people(parse_contacts_request(body).people, RULES)

    assert isinstance(one, Contact)


@pytest.mark.parametrize("body", [{}, [], {"contacts": []}, {"contacts": [{}]}, {"tags": ["a"]}])
def test_a_body_with_nobody_in_it_has_no_people(body: Any) -> None:
    assert not any(
        detail.role
        for person in parse_contacts_request(body).people
        for detail in person.fields
        if detail.role != "tags"
    )


@pytest.mark.parametrize("body", ["text", None, True, {"contacts": "text"}, [1], {"contacts": [[]]}])
def test_a_body_without_contacts_is_turned_down(body: Any) -> None:
    with pytest.raises(BodyError):
        parse_contacts_request(body)


def test_consents_in_objects_and_arrays_are_those_of_their_contact() -> None:
    consents: dict[str, Any] = {
        "consents": [{"channel": "sms", "granted": False}, {"channel": "email", "granted": True}]
    }

    (person,) = parse_contacts_request({"contacts": [{"phone_number": "0491570006", **consents}]}).people

    assert PersonField("consents sms granted", Role.CONSENT, "false") in person.fields
