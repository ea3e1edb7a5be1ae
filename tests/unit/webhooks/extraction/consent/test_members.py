"""Consents of a delivery, in whatever objects and arrays: the same verdict as below a header of a file."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.http import HttpRequest
from contact_import.domain.outcomes import Outcome, Status
from contact_import.webhooks.extraction.consent.members import flatten_consents
from contact_import.webhooks.extraction.json_value import JsonValue
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.person_table import build_person_table
from contact_import.webhooks.senders.config import WebhookSender
from tests.unit.contacts.row_validation import TODAY

PERSON = {"first_name": "Ann", "last_name": "Moss", "email": "ann@example.com", "mobile": "+61491570006"}


def _judge(consents: dict[str, Any], *, around: str = "") -> list[Contact | Outcome]:
    person = PERSON | consents
    body = json.dumps({"event": "contact.updated", around: person} if around else person).encode()
    return _judge_body(body, "application/json")


def _judge_body(body: bytes, content_type: str) -> list[Contact | Outcome]:
    request = HttpRequest("POST", "/hooks/t", "https://h/hooks/t", {"content-type": content_type}, {}, body)
    columns, rows = build_person_table(extract_people(request, WebhookSender("t", "token", ())).people)
    return list(validate_rows(rows, columns, ValidationRules(TODAY)))


def _is_sent(consents: dict[str, Any], *, around: str = "") -> bool:
    results = _judge(consents, around=around)
    assert all(isinstance(one, Contact) or one.status is Status.OPTED_OUT for one in results)
    return any(isinstance(one, Contact) for one in results)


_SMS = st.sampled_from(["sms", "SMS", "text", "Sms marketing", "mobile"])
_OTHER = st.sampled_from(["email", "EMAIL", "whatsapp", "post"])
_CHANNEL_KEYS = st.sampled_from(["channel", "type", "name"])
_FLAGS = st.sampled_from(["granted", "subscribed", "enabled", "optedIn", "status", "opted_in", "allowed"])
_NO = st.sampled_from([False, "no", "opted_out", "unsubscribed", "pending", "withdrawn", "?"])
_YES = st.sampled_from([True, "yes", "opted_in", "subscribed", "granted"])
_CONTAINERS = st.sampled_from(["consents", "subscriptions", "preferences", "channels", "marketing_permissions"])
_AROUND = st.sampled_from(["", "contact", "customer"])


@given(_CONTAINERS, _CHANNEL_KEYS, _FLAGS, _SMS, _NO, _OTHER, _YES, _AROUND)
def test_a_no_in_an_array_of_consents_is_never_sent(  # noqa: PLR0917
    container: str, key: str, flag: str, sms: str, no: object, other: str, yes: object, around: str
) -> None:
    elements = [{key: other, flag: yes}, {key: sms, flag: no}]

    assert not _is_sent({container: elements}, around=around)
    assert not _is_sent({container: elements[::-1]}, around=around)
    assert not _is_sent({container: {sms: {flag: no}, other: {flag: yes}}}, around=around)


@given(_CONTAINERS, _CHANNEL_KEYS, _FLAGS, _SMS, _YES, _OTHER, _NO, _AROUND)
def test_a_yes_to_sms_counts_beside_a_no_to_another_channel(  # noqa: PLR0917
    container: str, key: str, flag: str, sms: str, yes: object, other: str, no: object, around: str
) -> None:
    assert _is_sent({container: [{key: other, flag: no}, {key: sms, flag: yes}]}, around=around)
    assert _is_sent({container: {sms: {flag: yes}, other: {flag: no}}}, around=around)
    assert _is_sent({container: [{key: other, flag: no}]}, around=around)


@pytest.mark.parametrize(
    "consents",
    [
        {"smsMarketingConsent": {"marketingState": "NOT_SUBSCRIBED", "consentCollectedFrom": "SHOP"}},
        {"doNotContact": [{"channel": "sms", "reason": 3}]},
        {"suppressions": [{"channel": "sms", "created_at": "2025-01-01T00:00:00Z"}]},
        {"contactPreferences": {"sms": {"marketing": False, "service": False}}},
        {"unsubscribedFrom": ["sms"]},
        {"channels": {"sms": False}},
        {"communication": {"text": "false", "email": "true"}},
        {"dnd": ["SMS"]},
        {"opt_out": {"sms": True, "email": False}},
        {"consent": {"promotions": "opt_out", "terms_of_service": "accepted"}},
        {"phones": [{"value": "+61491570006", "optedOut": True}], "mobile": None},
        {"phones": [{"value": "+61491570006", "status": "disconnected"}], "mobile": None},
        {"phones": [{"value": "+61491570006", "valid": False}], "mobile": None},
        {"phone": {"number": "+61491570006", "status": "invalid"}, "mobile": None},
        {"phone": {"number": "+61491570006", "bounced": True}, "mobile": None},
        {"phone_status": "undeliverable"},
        {"subscriptionStatus": "suspended"},
        {"consent": {"sms": True, "expires_at": "2024-01-01"}},
        {"consents": [{"channel": "sms", "granted": True, "valid_until": "2024-01-01T00:00:00Z"}]},
        {"smsConsentExpiresAt": "2024-01-01"},
        {"mailing_list": "Removed"},
        {"mailing_list": False},
        {"opt_outs": ["sms"]},
        {"donotphone": "true"},
        {"et4ae5__HasOptedOutOfMobile__c": True},
        {"_sms_opt_in": "no"},
        {"message": {"text": {"body": "Stop."}}},
        {"consent": {"text": "declined"}},
        {"subscription_status": "cancelled"},
        {"lists": ["Opt outs"]},
        {"sms_consent": False},
        {"smsConsent": "false"},
        {"sms": {"consent": "denied"}},
        {"consents": [{"channel": "sms", "status": "opted_out"}]},
        {"consents": {"sms": False}},
        {"preferences": {"sms": "off"}},
        {"preferences": {"channels": {"sms": {"enabled": False}}}},
        {"subscriptions": [{"type": "sms", "subscribed": False}]},
        {"subscriptions": [{"channel": "SMS", "state": "unsubscribed"}]},
        {"marketing": {"sms": "no"}},
        {"marketing": {"sms": {"consent": {"status": "REVOKED"}}}},
        {"optIn": False},
        {"opt_in": "0"},
        {"optedOut": True},
        {"opted_out_at": "2025-01-01T00:00:00Z"},
        {"unsubscribedAt": 1735689600},
        {"unsubscribed": ["sms"]},
        {"unsubscribedFrom": ["all"]},
        {"suppressions": [{"channel": "sms"}]},
        {"dnd": True},
        {"dnd": "all"},
        {"dndSettings": {"SMS": {"status": "active"}}},
        {"dndSettings": {"SMS": {"status": "permanent", "message": "STOP"}}},
        {"doNotContact": True},
        {"do_not_contact": "1"},
        {"doNotContact": [{"channel": "sms", "reason": 1}]},
        {"donotsms": True},
        {"DoNotText": "Yes"},
        {"HasOptedOutOfSms__c": True},
        {"accepts_sms_marketing": False},
        {"sms_marketing_consent": {"state": "not_subscribed"}},
        {"smsMarketingConsent": {"marketingState": "PENDING"}},
        {"status": "unsubscribed"},
        {"subscriber_status": "cleaned"},
        {"subscription_status": "inactive"},
        {"contact_status": "bounced"},
        {"blocked": True},
        {"blacklisted": True},
        {"is_blacklisted": 1},
        {"deceased": True},
        {"archived": True},
        {"deleted_at": "2025-01-01"},
        {"notes": "Do not contact"},
        {"tags": ["vip", "sms-optout"]},
        {"tags": "VIP, do not contact"},
        {"labels": [{"name": "DNC"}]},
        {"privacy": "do not contact"},
        {"comment": "please remove me from your list"},
        {"answers": [{"question": "SMS reminders ok?", "answer": "no"}]},
        {"answers": [{"label": "Can we text you?", "value": "No"}]},
        {"fields": [{"label": "Would you like SMS updates?", "value": "no thanks"}]},
        {"custom_fields": {"sms opt in": "No"}},
        {"custom_fields": [{"name": "SMS Opt In", "value": "No"}]},
        {"customFields": [{"key": "marketing_sms", "value": "0"}]},
        {"consent_level": "none"},
        {"consent": {"sms": "none"}},
        {"communication_preferences": {"sms": False, "email": True}},
        {"communicationPreferences": ["email"]},
        {"preferred_contact_method": "email"},
        {"contactPreferences": {"sms": {"marketing": False, "reminders": False}}},
        {"phone_consent": "no"},
        {"gdpr": {"sms": {"granted": False}}},
        {"permissions": [{"name": "SMS", "value": "N"}]},
        {"channels": {"sms": {"opted_in": False}}},
        {"channels": [{"type": "sms", "active": False}]},
        {"receive_sms": "no"},
        {"sendSms": False},
        {"sms_enabled": 0},
        {"textOptIn": "N"},
        {"opt_out_sms": "TRUE"},
        {"marketing_opt_out": 1},
        {"attributes": {"SMS_BLACKLISTED": "true"}},
        {"contact": {"smsBlacklisted": True}},
        {"metadata": {"sms_opt_in": "false"}},
        {"consent": {"marketing": {"sms": {"value": "declined"}}}},
        {"smsStatus": "STOPPED"},
        {"sms_subscription": "Cancelled - opted out"},
        {"optInStatus": "OPT_OUT"},
        {"subscribed": False},
        {"isSubscribed": "no"},
    ],
)
def test_a_no_in_other_shapes_is_not_sent(consents: dict[str, Any]) -> None:
    assert not _is_sent(consents)


@pytest.mark.parametrize(
    "consents",
    [
        {"contactPreferences": {"sms": {"marketing": True, "service": False}}},
        {"doNotContact": [{"channel": "email", "reason": 1}]},
        {"doNotContact": []},
        {"opt_out": {"sms": False, "email": True}},
        {"subscriptions": [{"plan": "gold", "status": "past_due"}]},
        {"status": {"label": {"text": "Working on it"}}},
        {"message": "please stop by on Monday"},
        {"sms_consent": True},
        {"sms_consent": None},
        {"consents": [{"channel": "email", "status": "opted_out"}]},
        {"preferences": {"email": "off", "sms": "on"}},
        {"dndSettings": {"Email": {"status": "active"}}},
        {"unsubscribedFrom": ["email"]},
        {"email_opt_out": True},
        {"emailStatus": "unsubscribed"},
        {"status": "active"},
        {"status": "created"},
        {"tags": ["vip"]},
        {"notes": "likes tea"},
        {"message": "Please call me back about a quote"},
        {"message": "I do not know which size I need"},
        {"footer": "Reply STOP to unsubscribe"},
        {"unsubscribe_url": "https://x/unsub"},
        {"optIn": True},
        {"opted_out": False},
        {"unsubscribedAt": None},
        {"doNotContact": False},
        {"suppressions": []},
        {"dnd": False},
        {"blocked": False},
        {"deceased": False},
        {"archived": False},
        {"whatsapp_opt_in": False},
        {"push_enabled": False},
        {"newsletter": False},
        {"is_member": False},
        {"vip": False},
        {"terms_accepted": True},
        {"smoker": "no"},
        {"allergies": "none"},
        {"sms_sent": False},
        {"sms_count": 0},
        {"gift": "no"},
        {"answers": [{"question": "How did you hear about us?", "answer": "SMS"}]},
        {"answers": [{"question": "Any allergies?", "answer": "no"}]},
        {"communication_preferences": {"sms": True, "email": False}},
        {"marketing_email": False},
        {"consent_text": "I agree to receive SMS. Reply STOP to opt out."},
        {"spouse": {"status": "deceased"}},
        {"deliveryNotes": "do not leave at door"},
    ],
)
def test_what_is_no_no_to_sms_is_sent(consents: dict[str, Any]) -> None:
    assert _is_sent(consents)


def test_a_phone_that_is_opted_out_gives_way_to_another() -> None:
    phones = [{"value": "0491570156", "optedOut": True}, {"value": "0491570006", "optedOut": False}]

    (contact,) = _judge({"phones": phones, "mobile": None})

    assert isinstance(contact, Contact)
    assert contact.phone_number == "+61491570006"


@pytest.mark.parametrize("event", ["contact_tag_removed", "cart.item_removed", "contact.note.deleted"])
def test_removing_a_thing_is_not_a_person_leaving(event: str) -> None:
    assert _is_sent({"event": event})
    assert not _is_sent({"event": "contact.deleted"})


def test_a_container_that_the_sender_maps_stays_as_it_is() -> None:
    body: JsonValue = {"consents": [{"channel": "sms", "granted": "no"}]}

    assert flatten_consents(body, {"consents.0.granted": "opt_out"}) == body
    assert flatten_consents(body) == {"consents sms granted": "no"}


def test_an_array_of_phones_keeps_its_key() -> None:
    usable: JsonValue = {"number": "0491570006"}

    assert flatten_consents({"phones": [{"number": "0491570156", "optedOut": True}, usable]}) == {"phones": [usable]}


def test_many_equal_states_keep_their_values() -> None:
    body: JsonValue = {"lists": [{"status": f"left {index}"} for index in range(2_000)], "lists status": "active"}
    flat = flatten_consents(body)

    assert isinstance(flat, dict)
    assert {value for value in flat.values() if isinstance(value, str)} == {
        "active",
        *(f"left {index}" for index in range(2_000)),
    }


@pytest.mark.parametrize("is_first", [True, False])
def test_a_member_with_the_label_of_a_state_does_not_replace_it(is_first: bool) -> None:
    plain: dict[str, Any] = {"list status": "active", "consents sms granted": "yes"}
    nested = {"list": {"status": "left"}, "consents": [{"channel": "sms", "granted": False}]}

    assert not _is_sent(plain | nested if is_first else nested | plain)


def _wrap(person: dict[str, Any]) -> list[tuple[bytes, str]]:
    """Return the ways in which JSON comes as a text: a form field, a field for each member, a member of JSON."""
    texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in person.items()}
    form, plain = "application/x-www-form-urlencoded", "application/json"
    return [
        (urlencode({"payload": json.dumps(person), "type": "contact"}).encode(), form),
        (urlencode(texts).encode(), form),
        (json.dumps({"data": json.dumps(person)}).encode(), plain),
        (json.dumps({"data": json.dumps({"contact": json.dumps(person)})}).encode(), plain),
        (json.dumps(texts).encode(), plain),
    ]


@given(_CONTAINERS, _CHANNEL_KEYS, _FLAGS, _SMS, st.one_of(_NO, _YES))
def test_json_in_a_text_has_the_same_verdict(container: str, key: str, flag: str, sms: str, answer: object) -> None:
    consents = {container: [{key: sms, flag: answer}]}
    sent = _is_sent(consents)

    for body, content_type in _wrap(PERSON | consents):
        assert any(isinstance(one, Contact) for one in _judge_body(body, content_type)) == sent, body


@pytest.mark.parametrize(
    "consents",
    [
        {"doNotContact": [{"channel": "sms", "reason": "asked"}]},
        {"smsMarketingConsent": {"marketingState": "UNSUBSCRIBED"}},
        {"contactPreferences": {"sms": {"offers": False, "news": False}}},
        {"unsubscribedFrom": ["sms"]},
        {"phones": [{"value": "+61491570006", "optedOut": True}]},
    ],
)
def test_a_no_of_json_in_a_text_is_never_sent(consents: dict[str, Any]) -> None:
    person = {name: one for name, one in PERSON.items() if name != "mobile" or "phones" not in consents} | consents

    for body, content_type in _wrap(person):
        assert not any(isinstance(one, Contact) for one in _judge_body(body, content_type)), body
