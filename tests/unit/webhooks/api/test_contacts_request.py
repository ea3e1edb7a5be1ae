"""The body of `POST /contacts` as people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.labels import Labels
from contact_import.domain.person import PersonField
from contact_import.domain.roles import Role
from contact_import.errors import BodyContentError, BodyError
from contact_import.webhooks.api.contacts_request import parse_contacts_request

ONE: dict[str, Any] = {"contacts": [{"phone_number": "0491 570 006"}]}


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
    ("body", "words"),
    [
        ({}, '"contacts" is missing.'),
        ({"tags": ["a"]}, '"contacts" is missing.'),
        ({"contacts": []}, '"contacts" is empty.'),
        ({"contacts": [{}, {"first_name": " "}]}, '"contacts" is empty.'),
        ([], "The body must be an object"),
        ([{"phone_number": "0491 570 006"}], "The body must be an object"),
        ("text", "The body must be an object"),
        (None, "The body must be an object"),
        (
            {"phone_number": "0491 570 006"},
            'Unknown key: "phone_number". The keys of the body are contacts, tags, list, dry_run, callback_url.',
        ),
        ({**ONE, "dryrun": True}, 'Unknown key: "dryrun" (did you mean "dry_run"?)'),
        ({**ONE, "dry-run": True}, 'Unknown key: "dry-run" (did you mean "dry_run"?)'),
        ({**ONE, "Dry_Run": True}, 'Unknown key: "Dry_Run" (did you mean "dry_run"?)'),
        ({**ONE, "lists": ["a"]}, 'Unknown key: "lists" (did you mean "list"?)'),
        ({**ONE, "tag": ["a"]}, 'Unknown key: "tag" (did you mean "tags"?)'),
        ({**ONE, "mapping": {}, "x": 1}, 'Unknown keys: "mapping", "x". The'),
        ({**ONE, **{f"k{n}": 1 for n in range(9)}}, '"k3", "k4" and 4 more. The'),
        ({**ONE, "k" * 5000: 1}, f'"{"k" * 40}". The'),
        ({**ONE, "dry_run": "true"}, '"dry_run" must be true or false.'),
        ({**ONE, "dry_run": None}, '"dry_run" must be true or false.'),
        ({**ONE, "dry_run": "1"}, '"dry_run" must be true or false.'),
        ({**ONE, "tags": {"a": "b"}}, '"tags" must be an array of texts.'),
        ({**ONE, "list": [["a"]]}, '"list" must be an array of texts.'),
        ({**ONE, "list": True}, '"list" must be an array of texts.'),
    ],
)
def test_a_body_that_is_not_what_the_route_takes_says_what_is_wrong(body: Any, words: str) -> None:
    with pytest.raises(BodyContentError) as error:
        parse_contacts_request(body)

    assert words in str(error.value)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("contacts", ["text", None, {"phone_number": "0491 570 006"}, [1], [[]], [{}, None]])
def test_contacts_are_an_array_of_objects(contacts: Any) -> None:
    with pytest.raises(BodyError, match=r"^\"contacts\" must be an array of objects\.$"):
        parse_contacts_request({"contacts": contacts})


def test_a_dry_run_is_one_only_by_its_word() -> None:
    assert parse_contacts_request({**ONE, "dry_run": True}).is_dry_run is True
    assert parse_contacts_request({**ONE, "dry_run": False}).is_dry_run is False
    assert parse_contacts_request(ONE).is_dry_run is False


@given(
    st.text(min_size=1, max_size=12).filter(
        lambda key: key not in ("contacts", "tags", "list", "dry_run", "callback_url")
    )
)
def test_no_other_key_is_ignored(key: str) -> None:
    with pytest.raises(BodyContentError, match="Unknown key"):
        parse_contacts_request({**ONE, key: True})


def test_consents_in_objects_and_arrays_are_those_of_their_contact() -> None:
    consents: dict[str, Any] = {
        "consents": [{"channel": "sms", "granted": False}, {"channel": "email", "granted": True}]
    }

    (person,) = parse_contacts_request({"contacts": [{"phone_number": "0491570006", **consents}]}).people

    assert PersonField("consents sms granted", Role.CONSENT, "false") in person.fields
