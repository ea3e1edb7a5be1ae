"""A person of a delivery comes from one record, whatever the others are called and wherever they are."""

import json
from datetime import date
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.header_words import EXCLUDED_WORDS
from contact_import.columns.records.owner import _ASKING_WORDS, Standing
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.extraction.records.standing import classify_path
from contact_import.webhooks.senders.config import WebhookSender
from tests.make_submissions import validate_people

OWN, OTHER = "+61491570006", "+61491570156"
ANN: dict[str, Any] = {"first_name": "Ann", "last_name": "Moss", "email": "ann@example.com", "birthday": "1990-05-14"}
PEOPLE: list[dict[str, Any]] = [
    {"name": "Bo Lee", "mobile": "0491570156"},
    {"firstName": "Bo", "lastName": "Lee", "phone": OTHER, "email": "bo@example.com"},
    {"phone_number": "0491 570 156"},
    {"name": "Bo Lee", "contact": {"email": "bo@example.com", "phone": OTHER}},
]

words = st.text(ascii_lowercase, min_size=3, max_size=9)
owners = st.lists(words, min_size=1, max_size=2).map("_".join) | st.sampled_from(sorted(EXCLUDED_WORDS))


def _read_contacts(body: object, mapping: dict[str, str | None] | None = None) -> list[dict[str, str]]:
    headers = {"content-type": "application/json"}
    request = HttpRequest("POST", "/hooks/t", "https://h/hooks/t", headers, {}, json.dumps(body).encode())
    found = extract_people(request, WebhookSender("t", "token", (), mapping=mapping or {}))
    results = validate_people(found.people, ValidationRules(date(2026, 11, 29)))
    return [dict(zip(CONTACT_FIELDS, one.values, strict=True)) for one in results if isinstance(one, Contact)]


def _is_someone_else(owner: str) -> bool:
    # `you_mobile` asks the contact, and `sms_mobile` is a kind of phone: neither names an owner.
    names_no_one = {"sms", *_ASKING_WORDS}
    is_unknown = match_role(owner) is None and classify_path((owner,)) is Standing.OTHER
    return is_unknown and names_no_one.isdisjoint(split_words(owner))


def _place(owner: str, other: dict[str, Any], place: str) -> dict[str, Any]:
    if place == "flat":
        return {f"{owner}_{key}": value for key, value in other.items() if isinstance(value, str)}
    return {owner: [other, other] if place == "array" else {"details": other} if place == "deep" else other}


@given(
    owners,
    st.sampled_from(PEOPLE),
    st.sampled_from(["nested", "array", "flat", "deep"]),
    st.sampled_from(["flat", "contact", "beside"]),
    st.tuples(st.booleans(), st.booleans()),
)
def test_no_other_persons_number_is_sent(
    owner: str, other: dict[str, Any], place: str, form: str, flags: tuple[bool, bool]
) -> None:
    assume(_is_someone_else(owner))
    has_own, is_first = flags
    ann = ANN | ({"mobile": OWN} if has_own else {"mobile": None})
    them = _place(owner, other, place)
    if form == "beside":
        body = them | {"contact": ann} if is_first else {"contact": ann} | them
    else:
        body = them | ann if is_first else ann | them
        body = {"event": "contact.created", "contact": body} if form == "contact" else body

    contacts = _read_contacts(body)

    assert [contact["phone_number"] for contact in contacts] == ([OWN] if has_own else [])
    assert all((contact["first_name"], contact["email"]) == ("Ann", "ann@example.com") for contact in contacts)


@given(st.sampled_from(["parent", "guardians", "mother", "carer"]), st.sampled_from(PEOPLE[:2]))
def test_a_parents_number_never_goes_with_the_childs_name_or_birthday(owner: str, parent: dict[str, Any]) -> None:
    body = {"student": ANN, owner: [parent] if owner.endswith("s") else parent}

    (contact,) = _read_contacts(body)

    assert contact["phone_number"] == OTHER
    assert (contact["first_name"], contact["birthday"]) == ("Bo", "")


def test_a_childs_birthday_is_not_that_of_the_only_guardian() -> None:
    child = {"firstName": "Zac", "dateOfBirth": "2016-05-14", "guardians": [{"firstName": "Bo", "mobile": OTHER}]}
    order = ANN | {
        "mobile": OWN,
        "birthday": None,
        "tickets": [{"name": "Zac", "dob": "2016-05-14"}, {"email": "b@c.de"}],
    }

    assert [(one["first_name"], one["birthday"]) for one in _read_contacts(child)] == [("Bo", "")]
    assert [(one["first_name"], one["birthday"]) for one in _read_contacts(order)] == [("Ann", "")]


@given(words.map("z{}".format), st.sampled_from(PEOPLE))
def test_a_person_who_is_alone_is_the_contact(owner: str, person: dict[str, Any]) -> None:
    assume(_is_someone_else(owner))

    assert [contact["phone_number"] for contact in _read_contacts({"event": "created", owner: person})] == [OTHER]


@pytest.mark.parametrize(
    ("body", "phones"),
    [
        ({"type": "refund", "from": {"name": "Ann", "phone": OWN}, "to": {"name": "Motors", "phone": OTHER}}, []),
        ({"attendees": [ANN | {"mobile": OWN}, {"name": "Bo Lee", "mobile": OTHER}]}, [OWN, OTHER]),
        (
            {"people": [ANN | {"mobile": OWN, "role": "attendee"}, {"name": "Bo", "mobile": OTHER, "role": "host"}]},
            [OWN],
        ),
        ({"purchaser": ANN | {"phone": OWN}, "recipient": {"name": "Bo Lee", "phone": OTHER}}, [OWN]),
        ({"customer": ANN, "shipping_address": {"name": "Bo Lee", "phone": OTHER}}, []),
        ({"customer": ANN, "shipping_address": {"name": "Moss, Ann", "phone": OWN}}, [OWN]),
        (ANN | {"destination_number": OTHER}, []),
        (ANN | {"called": OTHER}, []),
        ({"name": "Ann Moss", "technician_phone": OTHER}, []),
        ({"name": "Ann Moss", "phones": [{"label": "Mum", "value": OTHER}]}, []),
        ({"name": "Ann Moss", "phones": [{"label": "Mum", "value": OTHER}, {"label": "mobile", "value": OWN}]}, [OWN]),
        ({"student": ANN, "primaryContact": {"name": "Bo Lee", "mobile": OTHER}}, [OTHER]),
        ({"sender": {"name": "Bo Lee", "phone": OTHER}, "recipient": ANN | {"phone": OWN}}, []),
        (ANN | {"customer_number": "491570156", "mobile": OWN}, [OWN]),
        (ANN | {"user_phone": OTHER}, []),
        (ANN | {"user": {"phone": OTHER}}, []),
        ({"user_email": "ann@example.com", "first_name": "Ann", "user_phone": OWN}, [OWN]),
        (ANN | {"office_phone": OTHER}, []),
        (ANN | {"office": {"name": "Perth", "phone": OTHER}}, []),
        (ANN | {"Phone (secondContact)": OTHER}, []),
        (ANN | {"otherContact": {"phone": OTHER}}, []),
    ],
)
def test_the_phone_is_the_subjects_own(body: dict[str, Any], phones: list[str]) -> None:
    assert [contact["phone_number"] for contact in _read_contacts(body)] == phones


def test_a_named_owner_of_the_mapped_phone_is_the_contact() -> None:
    body = {"customer": ANN | {"phone": OWN}, "zookeeper": {"name": "Bo Lee", "phone": OTHER}}

    (contact,) = _read_contacts(body, {"zookeeper.phone": "phone_number"})

    assert (contact["first_name"], contact["phone_number"]) == ("Bo", OTHER)


@pytest.mark.parametrize("owner", ["witness2", "guardian_1", "contact2", "guest3", "parent2", "driver1", "father1"])
@pytest.mark.parametrize("place", ["flat", "nested", "deep", "array"])
@pytest.mark.parametrize("name", ["Bo Lee", ""])
def test_a_numbered_person_lends_no_one_the_number(owner: str, place: str, name: str) -> None:
    other = {"phone": OTHER} | ({"name": name} if name else {})

    contacts = _read_contacts(ANN | _place(owner, other, place))

    assert [one["first_name"] for one in contacts if one["phone_number"] == OTHER] in ([], ["Bo"])
    assert name or not contacts


_OWNERS = ["relationship", "relation", "owner", "belongs_to", "contact_name", "person"]
_PEOPLE = ["wife", "Husband", "Bo Lee", "Bo (husband)", "Mr Bo Andrew van der Lee", "daughter", "zookeeper"]


@given(st.sampled_from(_OWNERS), st.sampled_from(_PEOPLE), st.booleans())
def test_a_phone_whose_object_names_another_owner_is_not_sent(key: str, owner: str, has_own: bool) -> None:
    phones: list[dict[str, str]] = [{key: owner, "number": OTHER}]
    own = [{key: "self", "number": OWN}] if has_own else []

    assert [one["phone_number"] for one in _read_contacts(ANN | {"phones": phones + own})] == [OWN] * has_own
    assert _read_contacts(ANN | {"phone": phones[0]}) == []


@pytest.mark.parametrize("owner", [{"owner": {"name": "Bo Lee"}}, {"contact": {"name": "Bo", "relation": "wife"}}])
def test_the_owner_of_a_phone_may_be_an_object(owner: dict[str, Any]) -> None:
    assert _read_contacts(ANN | {"phones": [{"number": OTHER} | owner]}) == []
    assert _read_contacts(ANN | {"phone": {"number": OTHER} | owner}) == []


@pytest.mark.parametrize("remark", [{"note": "wife's mobile"}, {"description": "husband, call after 5 pm"}])
def test_a_remark_in_a_phones_object_names_its_owner(remark: dict[str, str]) -> None:
    assert _read_contacts(ANN | {"phones": [{"number": OTHER} | remark]}) == []
    assert _read_contacts(ANN | {"phone": {"number": OTHER} | remark}) == []


@pytest.mark.parametrize("own", [{"name": "Mobile"}, {"description": "after 5 pm"}, {"name": "Home", "note": "new"}])
def test_a_label_of_a_phone_is_no_owner(own: dict[str, str]) -> None:
    assert [one["phone_number"] for one in _read_contacts(ANN | {"phones": [{"number": OWN} | own]})] == [OWN]
