"""The sender's own id of a delivery."""

from typing import Any

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.event_id import find_event_id


def _find(body: Any, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return find_event_id(HttpRequest("POST", "/hooks/x", "https://h/hooks/x", named, {}), body)


@pytest.mark.parametrize(
    ("body", "event_id"),
    [
        ({"event_id": "e1", "form_response": {}}, "e1"),
        ({"lead_id": "l1", "user_column_data": []}, "l1"),
        ([{"subscriptionType": "contact.creation", "eventId": "1", "objectId": "2"}], "1\n2"),
        ({"entry": [{"changes": [{"value": {"leadgen_id": "7"}}, {"value": {"leadgen_id": "8"}}]}]}, "7\n8"),
        ({"event_id": "e1"}, ""),
        ({"id": "1", "phone": "0491570006"}, ""),
        ([], ""),
    ],
)
def test_an_id_counts_only_in_a_body_of_its_sender(body: Any, event_id: str) -> None:
    found = _find(body)

    assert found == event_id or (len(found) == 64 and not event_id.isprintable())
    assert bool(found) == bool(event_id)


def test_a_header_with_an_id_comes_before_the_body() -> None:
    assert _find({"event_id": "e1", "form_response": {}}, webhook_id="msg_1") == "msg_1"
    assert _find({}, ce_id="1", ce_source="/crm") == _find({}, ce_id="1", ce_source="/crm") != ""


def test_woocommerce_goes_by_the_record_its_change_and_the_topic() -> None:
    body = {"id": "25", "date_modified_gmt": "2026-01-01T00:00:00"}

    created = _find(body, x_wc_webhook_topic="customer.created")
    updated = _find(body, x_wc_webhook_topic="customer.updated")

    assert len({created, updated, ""}) == 3
    assert _find({"id": "25"}, x_wc_webhook_topic="customer.created") == ""


@pytest.mark.parametrize("odd", ["x" * 201, "a\nb", "Zo\u00eb", "\ud800"])
def test_an_odd_id_becomes_its_digest(odd: str) -> None:
    assert len(_find({}, webhook_id=odd)) == 64
