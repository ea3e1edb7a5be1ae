"""Events that say more than who the person is."""

from typing import Any

import pytest

from contact_import.webhooks.extraction.event_type import (
    EMPTY_REASON,
    NO_CONTACT_REASON,
    EventType,
    classify_event,
    explain_no_contacts,
)
from contact_import.webhooks.extraction.leaving_events import is_unsubscribe


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"is_test": True}, {}),
        ({"test": "yes"}, {}),
        ({"livemode": False}, {}),
        ([{"live_mode": "false"}], {}),
        ({}, {"x-shopify-test": "true"}),
    ],
)
def test_a_marked_test_has_no_contacts(body: Any, headers: dict[str, str]) -> None:
    assert classify_event(body, headers).reason


@pytest.mark.parametrize(
    ("body", "headers", "label"),
    [
        ({"type": "unsubscribe"}, {}, "unsubscribed"),
        ({"event": {"type": "contact.optedOut"}}, {}, "unsubscribed"),
        ({"subscriber": {"state": "cancelled"}}, {}, "unsubscribed"),
        ({"event": {"name": "sms_unsubscribed"}}, {}, "unsubscribed"),
        ({"meta": {"action": "deleted"}}, {}, "is deleted"),
        ({}, {"x-shopify-topic": "customers/redact"}, "is deleted"),
    ],
)
def test_who_left_gets_nothing(body: Any, headers: dict[str, str], label: str) -> None:
    assert classify_event(body, headers) == EventType(opt_out_label=label)


@pytest.mark.parametrize("body", [{"type": "subscribe"}, {"test": "0"}, {"livemode": True}, "text", None, []])
def test_an_ordinary_event_says_nothing(body: Any) -> None:
    assert classify_event(body, {}) == EventType()


@pytest.mark.parametrize(
    "event",
    [
        *("contact.archived", "subscriber.deactivated", "sms.consent.denied", "contact_left_list", "bounce"),
        *("subscription.paused", "subscription.zqxed", "audience.member_ejected", "permission.voided", "sms.failed"),
        "contact.deceased",
    ],
)
def test_an_event_about_consent_with_an_unknown_word_holds_back(event: str) -> None:
    assert classify_event({"event": event}, {}).opt_out_label


@pytest.mark.parametrize(
    "event",
    [
        *("contact.created", "subscriber.created", "subscription.renewed", "subscriber.added_to_list", "sms.opt_in"),
        *("consent.granted", "preferences.updated", "list.member.joined", "sms.received", "sms.delivered"),
        *("order.cancelled", "order.archived", "booking.deleted", "appointment.removed", "form_submission"),
        *("invitee.canceled", "deal.lost", "invoice.payment_failed", "contact.propertyChange", "waitlist.joined"),
    ],
)
def test_an_event_about_something_else_holds_nothing_back(event: str) -> None:
    assert classify_event({"event": event}, {}) == EventType()


def test_the_end_of_a_subscription_that_is_paid_for_is_not_about_consent() -> None:
    body: Any = {"event": "subscription.paused", "data": {"subscription": {"plan": "Gold", "status": "paused"}}}

    assert classify_event(body, {}) == EventType()
    assert classify_event({"event": "subscription.paused", "data": {"subscription": {}}}, {}).opt_out_label


def test_each_event_of_an_array_is_about_its_own_person() -> None:
    assert classify_event([{"event": "unsubscribe"}, {"event": "subscribe"}], {}) == EventType()
    assert classify_event([{"event": "unsubscribe"}], {}).opt_out_label


def test_an_unsubscribe_is_seen_in_one_word_and_in_several() -> None:
    assert is_unsubscribe(("contact", "unsubscribed"))
    assert is_unsubscribe(("opted", "out", "optout"))
    assert is_unsubscribe(("email", "opt", "out"))
    assert not is_unsubscribe(("contact", "created"))


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, EMPTY_REASON),
        ({"entry": [{"changes": [{"value": {"leadgen_id": "7"}}]}]}, "Meta's lead webhooks"),
        ({"subscriptionType": "contact.creation", "objectId": "7"}, "HubSpot's app webhooks"),
        ({"event": "ping"}, "only checked"),
        ({"type": "contact.created", "id": "7"}, "only an id"),
        ({"color": "red"}, NO_CONTACT_REASON),
    ],
)
def test_a_delivery_without_contacts_says_why(body: Any, part: str) -> None:
    assert part in explain_no_contacts(body)
