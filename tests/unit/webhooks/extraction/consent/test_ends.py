"""Consents that have ended: a member that is not known to belong to the beginning counts as the end."""

import json
from datetime import date
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact
from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.consent.ends import is_beginning
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.senders.config import WebhookSender
from tests.make_submissions import validate_people

ANN: dict[str, Any] = {"name": "Ann Moss", "email": "ann@example.com", "phone": "+61491570006"}
_CONSENTS = st.sampled_from(["consent", "smsConsent", "marketing_consent", "permission", "sms"])
_YES = st.sampled_from([{"given": True}, {"sms": True}, {"status": "granted"}, {"channel": "sms", "granted": True}])
_KNOWN = st.sampled_from(
    ["revoked", "withdrawn", "cancelled", "terminated", "invalidated", "optedOut", "ended", "deleted"]
)
_UNKNOWN = st.text(ascii_lowercase, min_size=4, max_size=9).map("{}ed".format)
_PAST = st.sampled_from(["2025-02-01T00:00:00Z", "2025-02-01", "1738368000", "Feb 1, 2025"])


def _is_sent(members: dict[str, Any]) -> bool:
    body = json.dumps(ANN | members).encode()
    request = HttpRequest("POST", "/hooks/t", "https://h/hooks/t", {"content-type": "application/json"}, {}, body)
    found = extract_people(request, WebhookSender("t", "token", ()))
    return any(isinstance(one, Contact) for one in validate_people(found.people, ValidationRules(date(2026, 11, 29))))


@given(_CONSENTS, _YES, _KNOWN | _UNKNOWN, st.sampled_from(["At", "_at", "On", "Date"]), _PAST)
def test_a_consent_with_a_past_end_is_not_sent(
    key: str, yes: dict[str, Any], end: str, suffix: str, moment: str
) -> None:
    assume(not is_beginning(end))
    consent = yes | {f"{end}{suffix}": moment}

    assert not _is_sent({key: consent})
    assert not _is_sent({key: [consent]})
    assert _is_sent({key: yes | {f"{end}{suffix}": None}})


@given(_CONSENTS, _YES, _KNOWN | _UNKNOWN)
def test_a_flag_that_a_consent_has_ended_holds_the_person_back(key: str, yes: dict[str, Any], end: str) -> None:
    assume(not is_beginning(end))

    assert not _is_sent({key: yes | {end: True}})
    assert _is_sent({key: yes | {end: False}})


@pytest.mark.parametrize(
    "members",
    [
        {"grantedAt": "2025-01-01"},
        {"created_at": "2025-01-01T00:00:00Z", "updatedAt": "2025-02-01T00:00:00Z"},
        {"consentDate": "2025-01-01"},
        {"timestamp": 1738368000},
        {"collected_from": "web", "ip": "203.0.113.7", "recorded": True},
        {"validFrom": "2025-01-01", "validUntil": "2031-01-01"},
        {"start_date": "2025-01-01", "end_date": None},
        {"id": "1738368000"},
        {"lastSmsSentAt": "2025-01-01"},
        {"revoked": False, "withdrawn": "no"},
        {"actionTimestamp": "2025-01-01T00:00:00Z", "double_optin": False},
    ],
)
def test_the_beginning_of_a_consent_is_not_its_end(members: dict[str, Any]) -> None:
    assert _is_sent({"smsConsent": {"granted": True} | members})
    assert _is_sent({"consent": {"given": True} | members})


@pytest.mark.parametrize(
    "members",
    [
        {"consent": {"given": False, "validUntil": "2031-01-01"}},
        {"consent": {"status": "declined", "expires_at": "2031-01-01"}},
        {"consents": [{"type": "marketing", "granted": False}]},
        {"consents": [{"id": 3, "granted": False}]},
        {"consents": [{"id": 3, "name": "Spring club", "granted": False}]},
        {"consent": {"active": False}},
        {"consent": {"valid": False}},
        {"consents": {"marketing": {"sms": {"val": "n"}}}},
        {"consents": {"marketing": {"any": {"val": "n"}}}},
        {"consent": {"given": True, "valid": False}},
        {"consentResponses": [{"consentId": "1", "accepted": False}]},
        {"consent": {"type": "sms", "active": False}},
        {"sms_subscription": {"marketing": {"consent": "SUBSCRIBED", "suppressions": [{"reason": "USER"}]}}},
        {"sms": {"value": "off"}},
    ],
)
def test_a_no_beside_other_members_is_not_sent(members: dict[str, Any]) -> None:
    assert not _is_sent(members)


@pytest.mark.parametrize(
    "members",
    [
        {"consents": [{"type": "email", "granted": False, "revokedAt": "2025-01-01"}]},
        {"consents": [{"type": "analytics", "granted": False}]},
        {"consents": [{"type": "sms", "granted": True}, {"type": "email", "granted": False}]},
        {"cookie_consent": {"status": "declined"}},
        {"consent": {"given": True, "email": False, "emailRevokedAt": "2025-01-01"}},
    ],
)
def test_a_no_to_something_else_is_sent(members: dict[str, Any]) -> None:
    assert _is_sent(members)
