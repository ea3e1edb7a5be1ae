"""A caller posts to /contacts and gets the result of the import, or 202 and its id."""

import json

import pytest

from contact_import.handlers.webhook_queue import on_queue
from local.sandbox.faults import set_default_fault
from tests.integration.webhook_client import CONTACTS, WebhookClient


def test_contacts_are_imported_at_once_and_the_answer_is_the_result(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts()

    assert response.status == 200
    assert (response.json["rows"]["accepted"], response.json["rows"]["invalid"], response.json["tags"]) == (
        1,
        1,
        ["VIP"],
    )
    assert response.json["source"]["kind"] == "webhook"
    assert webhook_client.sandbox.numbers == ["+61491570006"]
    assert webhook_client.get_import(response.json["import_id"]).json == response.json


def test_a_call_that_was_done_at_once_is_not_done_again_by_the_queue(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts()
    message = json.dumps({"import_id": response.json["import_id"]})

    record = {"messageId": "1", "body": message, "eventSource": "aws:sqs"}
    assert on_queue({"Records": [record]}, webhook_client.make_context("QueueFunction")) == {"batchItemFailures": []}

    assert webhook_client.sandbox.numbers == ["+61491570006"]


def test_when_cellcast_does_not_answer_in_time_the_queue_has_the_contacts(webhook_client: WebhookClient) -> None:
    webhook_client.seconds = 11.0
    set_default_fault(webhook_client.sandbox, "503 html")
    response = webhook_client.post_contacts(Prefer="wait=5")
    running = webhook_client.get_import(response.json["import_id"])
    webhook_client.sandbox.default_fault = None
    record = {"messageId": "1", "body": json.dumps(response.json), "eventSource": "aws:sqs"}
    on_queue({"Records": [record]}, webhook_client.make_context("QueueFunction"))

    assert (response.status, list(response.json)) == (202, ["import_id"])
    assert response.headers["location"] == f"/imports/{response.json['import_id']}"
    assert (running.status, running.json["status"], running.json["contacts"]) == (202, "running", 2)
    assert webhook_client.get_import(response.json["import_id"]).json["rows"]["accepted"] == 1


def test_whoever_prefers_not_to_wait_does_not(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts(Prefer="return=minimal, Respond-Async")

    assert (response.status, response.headers["preference-applied"]) == (202, "respond-async")
    assert webhook_client.sandbox.log == []
    webhook_client.run_queue_function()
    assert webhook_client.get_import(response.json["import_id"]).json["rows"]["accepted"] == 1


def test_an_idempotency_key_makes_the_same_call_one_import_and_another_body_an_error(
    webhook_client: WebhookClient,
) -> None:
    first = webhook_client.post_contacts(Idempotency_Key="k-1")
    again = webhook_client.post_contacts(Idempotency_Key="k-1")
    other = webhook_client.post_contacts({"contacts": [{"phone_number": "0491570156"}]}, Idempotency_Key="k-1")
    without = webhook_client.post_contacts()

    assert first.json == again.json
    assert (other.status, list(other.json)) == (422, ["error"])
    assert without.json["import_id"] != first.json["import_id"]
    assert webhook_client.sandbox.numbers == ["+61491570006"] * 2
    assert webhook_client.post_contacts(Idempotency_Key="k" * 256).status == 400


@pytest.mark.parametrize("body", [{"contacts": []}, {"contacts": [{}]}, [], {}, {"phone_number": "0491570006"}])
def test_a_call_without_a_contact_is_422(webhook_client: WebhookClient, body: object) -> None:
    assert webhook_client.post_contacts(body).status == 422
    assert webhook_client.peek_messages() == []


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"\xff\xfe", b"phone=1", {"contacts": "none"}, {"contacts": [7]}])
def test_a_call_that_is_no_list_of_contacts_is_400(webhook_client: WebhookClient, body: object) -> None:
    assert webhook_client.post_contacts(body).status == 400


def test_a_body_that_is_not_json_names_the_place(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts(b'{"contacts": [\n  {"phone_number": "0491570006",}\n]}')

    assert response.json == {"error": "The body is not valid JSON (line 2, column 32)."}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/xml"])
def test_json_is_read_whatever_the_content_type_says(webhook_client: WebhookClient, kind: str) -> None:
    """`curl -d` without a header calls every body a form."""
    assert webhook_client.post_contacts(CONTACTS, Content_Type=kind).status == 200


def test_a_key_that_is_unknown_sends_nothing(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts({**CONTACTS, "dryrun": True})

    assert response.status == 422
    assert response.json["error"].startswith('Unknown key: "dryrun" (did you mean "dry_run"?)')
    assert (webhook_client.sandbox.log, webhook_client.peek_messages()) == ([], [])


def test_the_answer_says_which_contacts_failed(webhook_client: WebhookClient) -> None:
    numbers = ["0491570006", "12", "0491570006", "", 491570156]
    body = {"contacts": [{"first_name": "Ann", "phone_number": number} for number in numbers]}

    first = webhook_client.post_contacts(body, Idempotency_Key="k")
    again = webhook_client.post_contacts(body, Idempotency_Key="k")
    asked = webhook_client.get_import(first.json["import_id"])

    failures = first.json["failures"]
    assert [(one["index"], one["phone_number"], one["status"]) for one in failures] == [
        (1, "12", "invalid"),
        (2, "0491570006", "duplicate"),
        (3, None, "invalid"),
    ]
    assert all(one["reason"] for one in failures)
    assert first.json == again.json == asked.json


def test_failures_come_with_the_result_of_a_call_that_was_not_waited_for(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_contacts(Prefer="respond-async")
    webhook_client.run_queue_function()

    assert int(response.headers["retry-after"]) == 5
    (failure,) = webhook_client.get_import(response.json["import_id"]).json["failures"]
    assert (failure["index"], failure["phone_number"], failure["status"]) == (1, "12", "invalid")


def test_a_dry_run_sends_nothing_and_says_so(webhook_client: WebhookClient) -> None:
    body = {**CONTACTS, "dry_run": True}

    dry = webhook_client.post_contacts(body, Idempotency_Key="k")
    late = webhook_client.post_contacts(body, Idempotency_Key="late", Prefer="respond-async")
    webhook_client.run_queue_function()

    assert (dry.json["dry_run"], dry.json["requests"]["sent"], dry.json["rows"]["accepted"]) == (True, 0, 1)
    assert [one["index"] for one in dry.json["failures"]] == [1]
    assert webhook_client.get_import(late.json["import_id"]).json["dry_run"] is True
    assert webhook_client.sandbox.log == []

    real = webhook_client.post_contacts(Idempotency_Key="k")

    assert (real.status, real.json["dry_run"]) == (200, False)
    assert real.json["import_id"] != dry.json["import_id"]
    assert webhook_client.sandbox.numbers == ["+61491570006"]
    assert webhook_client.post_contacts(body, Idempotency_Key="k").json == dry.json


def test_a_dry_run_in_the_same_window_is_not_merged_into_what_is_sent(webhook_client: WebhookClient) -> None:
    person = {"first_name": "Ann", "phone_number": "0491570006"}
    no = {**person, "sms_consent": "no"}
    calls = [
        webhook_client.post_contacts({"contacts": [person]}, Prefer="respond-async"),
        webhook_client.post_contacts({"contacts": [no], "dry_run": True}, Prefer="respond-async"),
        webhook_client.post_contacts(
            {"contacts": [{**person, "first_name": "Dry"}], "dry_run": True}, Prefer="respond-async"
        ),
    ]
    webhook_client.run_queue_function()

    results = [webhook_client.get_import(call.json["import_id"]).json for call in calls]
    assert [(one["dry_run"], one["rows"]["accepted"], one["rows"]["opted_out"]) for one in results] == [
        (False, 1, 0),
        (True, 0, 1),
        (True, 1, 0),
    ]
    assert webhook_client.sandbox.numbers == ["+61491570006"]
    assert "Dry" not in str(webhook_client.sandbox.log)


def test_a_dry_run_needs_no_cellcast(webhook_client: WebhookClient) -> None:
    set_default_fault(webhook_client.sandbox, "503 html")

    assert webhook_client.post_contacts({**CONTACTS, "dry_run": True}).status == 200
