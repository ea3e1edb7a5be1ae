"""A caller posts to /contacts and gets the result of the import, or 202 and its id."""

import json

import pytest

from contact_import.handlers.webhook_queue import on_queue
from local.sandbox.faults import set_default_fault
from tests.integration.webhook_client import WebhookClient


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


@pytest.mark.parametrize("body", [{"contacts": []}, {"contacts": [{}]}, []])
def test_a_call_without_a_contact_is_422(webhook_client: WebhookClient, body: object) -> None:
    assert webhook_client.post_contacts(body).status == 422
    assert webhook_client.peek_messages() == []


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", {"contacts": "none"}, {"contacts": [7]}])
def test_a_call_that_is_no_list_of_contacts_is_400(webhook_client: WebhookClient, body: object) -> None:
    assert webhook_client.post_contacts(body).status == 400
