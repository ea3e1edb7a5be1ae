"""A sender's configuration settles what the values of a consent mean."""

import json

import pytest

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.consent import Consent, ConsentValues
from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.person_table import build_person_table
from contact_import.webhooks.senders.config import WebhookSender
from tests.unit.contacts.row_validation import TODAY


@pytest.mark.parametrize("name", ["sms_consent", "person.sms_consent", ""])
@pytest.mark.parametrize(("text", "is_sent"), [("Pending", False), ("Member", True), ("Other", False), ("yes", True)])
def test_values_mean_what_the_sender_says(name: str, text: str, is_sent: bool) -> None:
    values: ConsentValues = {"pending": Consent.NO, "member": Consent.YES}
    body = {"person": {"name": "Ann Moss", "mobile": "+61491570006", "sms_consent": text}}
    request = HttpRequest(
        "POST", "/", "https://h/", {"content-type": "application/json"}, {}, json.dumps(body).encode()
    )
    sender = WebhookSender("t", "token", (), consent_values={name: values})

    columns, rows = build_person_table(extract_people(request, sender).people)

    (one,) = validate_rows(rows, columns, ValidationRules(TODAY))
    assert isinstance(one, Contact) is is_sent


def test_a_field_that_is_no_consent_becomes_one() -> None:
    body = {"name": "Ann Moss", "mobile": "+61491570006", "level": "Guest"}
    request = HttpRequest(
        "POST", "/", "https://h/", {"content-type": "application/json"}, {}, json.dumps(body).encode()
    )
    sender = WebhookSender("t", "token", (), consent_values={"level": {"guest": Consent.NO}})

    columns, rows = build_person_table(extract_people(request, sender).people)

    (one,) = validate_rows(rows, columns, ValidationRules(TODAY))
    assert not isinstance(one, Contact)
    assert one.reason == "level “Guest”: “no” means no SMS"
