"""States of phones and lists that are objects: what is not clearly good holds the person back."""

import json
from datetime import date
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact
from contact_import.domain.consent import Consent
from contact_import.domain.http import HttpRequest
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.senders.config import WebhookSender
from tests.make_submissions import validate_people

NUMBER = "+61491570006"
ANN: dict[str, Any] = {"first_name": "Ann", "last_name": "Moss", "email": "ann@example.com"}

_NAMED = ["suspended", "paused", "lapsed", "Cancelled", "expired", "left", "removed", "past_due", "frozen", "snoozed"]
_BAD = st.sampled_from(_NAMED) | st.text(ascii_lowercase, min_size=4, max_size=12)
_GOOD = st.sampled_from(["active", "subscribed", "Confirmed", "OPTED_IN", "valid"])
_STATE_KEYS = st.sampled_from(["status", "state", "Status"])
_LISTS = st.sampled_from(["list", "mailing_list", "subscription", "sms_subscription", "audience", "marketing"])


def _is_sent(person: dict[str, Any], *, around: str = "") -> bool:
    body = json.dumps({"event": "contact.updated", around: person} if around else person).encode()
    request = HttpRequest("POST", "/hooks/t", "https://h/hooks/t", {"content-type": "application/json"}, {}, body)
    found = extract_people(request, WebhookSender("t", "token", ()))
    return any(isinstance(one, Contact) for one in validate_people(found.people, ValidationRules(date(2026, 11, 29))))


@given(_LISTS, _STATE_KEYS, _BAD, st.booleans(), st.sampled_from(["", "contact", "customer"]))
def test_a_person_who_is_no_longer_on_a_list_is_not_sent(
    name: str, key: str, state: str, is_array: bool, around: str
) -> None:
    assume(read_consent(state, ConsentKind.STATE).verdict.is_held_back)
    entry = {"id": 7, "name": "VIP", key: state}

    assert not _is_sent(ANN | {"phone": NUMBER, name: [entry] if is_array else entry}, around=around)


@given(_LISTS, _STATE_KEYS, _GOOD, st.booleans())
def test_a_person_on_a_list_is_sent(name: str, key: str, state: str, is_array: bool) -> None:
    entry = {"id": 7, "name": "VIP", key: state}

    assert _is_sent(ANN | {"phone": NUMBER, name: [entry] if is_array else entry})


@pytest.mark.parametrize("key", ["subscriber", "subscribers", "listMember"])
def test_the_state_of_a_subscriber_is_read_in_the_persons_own_object(key: str) -> None:
    for state, is_sent in (("paused", False), ("active", True)):
        person = ANN | {"phone": NUMBER, "status": state}

        assert _is_sent({key: [person] if key.endswith("s") else person}) is is_sent


@pytest.mark.parametrize(
    "members",
    [
        {"list": {"name": "News", "active": False}},
        {"list": {"name": "News", "unsubscribed_at": "2025-01-01"}},
        {"list": {"name": "News", "leftAt": "2025-01-01"}},
        {"lists": {"3": {"name": "News", "status": "left"}}},
        {"list_memberships": [{"list": "SMS VIP", "status": "REMOVED"}]},
        {"subscriptions": [{"channel": "email", "status": "active"}, {"channel": "sms", "status": "paused"}]},
        {"groups": [{"name": "SMS club", "status": "opted out"}]},
        {"memberships": [{"list": "SMS", "state": "left"}]},
        {"phone_validation": {"valid": False}},
        {"membership": {"status": "lapsed", "level": "Gold"}},
        {"phoneValidation": {"status": "invalid", "line_type": "voip"}},
        {"number_lookup": {"reachable": False}},
        {"hlr": {"status": "absent"}},
    ],
)
def test_a_list_in_other_shapes_that_was_left_is_not_sent(members: dict[str, Any]) -> None:
    assert not _is_sent(ANN | {"phone": NUMBER} | members)


@pytest.mark.parametrize(
    "members",
    [
        {"subscription": {"plan": "Gold", "status": "past_due"}},
        {"subscriptions": [{"product": {"id": 7}, "status": "canceled"}]},
        {"list": {"id": "7", "name": "News"}},
        {"subscriptions": [{"channel": "email", "status": "unsubscribed"}]},
        {"lists": [{"name": "VIP", "status": "active"}, {"name": "News", "status": "left"}]},
        {"email_list": {"status": "left"}},
        {"groups": [{"name": "Tennis", "status": "closed"}]},
        {"marketing": {"campaign": "spring", "first_touch_at": "2025-01-01"}},
        {"whatsapp": {"consent": False}},
        {"push": {"subscribed": False, "unsubscribed_at": "2025-01-01"}},
        {"list": {"name": "News", "joined_at": "2025-01-01", "subscribed": True}},
    ],
)
def test_what_is_no_left_list_is_sent(members: dict[str, Any]) -> None:
    assert _is_sent(ANN | {"phone": NUMBER} | members)


@given(
    st.sampled_from(["phone", "mobile", "mobilePhone", "defaultPhoneNumber"]),
    st.sampled_from(["number", "value", "e164", "phoneNumber"]),
    st.sampled_from(["status", "state", "marketingState", "smsStatus"]),
    _BAD,
)
def test_a_phone_in_a_bad_state_is_not_sent(key: str, value_key: str, state_key: str, state: str) -> None:
    assume(read_consent(state, ConsentKind.STATE).verdict is not Consent.SILENT)
    assume(read_consent(state, ConsentKind.CONSENT).verdict.is_held_back)

    assert not _is_sent(ANN | {key: {value_key: NUMBER, state_key: state}})
    assert _is_sent(ANN | {key: {value_key: NUMBER, state_key: "active"}})


@pytest.mark.parametrize(
    "consent", [{"sms": False}, {"given": False}, {"status": "revoked"}, {"channel": "sms", "granted": False}]
)
def test_a_consent_in_a_phones_object_counts(consent: dict[str, Any]) -> None:
    phone = {"number": NUMBER, "consent": consent}

    assert not _is_sent(ANN | {"phone": phone})
    assert not _is_sent(ANN | {"phones": [phone]})
    assert _is_sent(ANN | {"phones": [phone, {"number": "+61491570156", "consent": {"sms": True}}]})


_POINTS = st.sampled_from(["contactMethods", "contact_points", "identities", "communications", "phones", "zqx"])


@given(
    _POINTS,
    st.sampled_from(["type", "kind", "system"]),
    st.sampled_from(["phone", "mobile", "SMS"]),
    st.sampled_from(
        [
            {"opted_out": True},
            {"status": "invalid"},
            {"state": "suspended"},
            {"smsOptIn": "no"},
            {"flags": ["do_not_text"]},
            {"consent": {"sms": False}},
        ]
    ),
)
def test_a_contact_point_in_a_bad_state_is_not_sent(key: str, kind_key: str, kind: str, bad: dict[str, Any]) -> None:
    mail = {kind_key: "email", "value": "ann@example.com"}

    assert not _is_sent(ANN | {key: [mail, {kind_key: kind, "value": NUMBER} | bad]})
    assert not _is_sent(ANN | {key: [{kind_key: kind, "value": NUMBER, "relationship": "husband"}, mail]})
    assert _is_sent(ANN | {key: [{kind_key: kind, "value": NUMBER}, mail]})


def test_a_person_with_the_type_of_a_phone_is_no_phone() -> None:
    person = ANN | {"type": "phone", "phone": NUMBER, "owner": {"name": "Bo Lee"}}

    assert _is_sent({"leads": [person]})
    assert not _is_sent({"leads": [person | {"sms_consent": False}]})


def test_how_a_phones_consent_was_collected_is_no_answer() -> None:
    phone = {"phoneNumber": NUMBER, "marketingState": "SUBSCRIBED", "marketingCollectedFrom": "SHOP"}

    assert _is_sent(ANN | {"defaultPhoneNumber": phone | {"marketingUpdatedAt": "2025-01-01T00:00:00Z"}})


@pytest.mark.parametrize("key", ["home", "work", "contact"])
def test_a_state_beside_no_number_is_not_a_phones(key: str) -> None:
    assert _is_sent(ANN | {"phone": NUMBER, key: {"status": "rented"}})


@pytest.mark.parametrize(
    ("around", "is_sent"),
    [
        *((thing, True) for thing in ("address", "email_info", "captcha", "card", "coupon")),
        *((number, False) for number in ("phone_lookup", "lookup", "number")),
    ],
)
def test_what_is_not_valid_may_be_another_thing_than_the_number(around: str, is_sent: bool) -> None:
    assert _is_sent(ANN | {"phone": NUMBER, around: {"valid": False}}) is is_sent
