"""A sender posts to /hooks/<sender>: the delivery is stored, answered and sent over the queue."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from contact_import.aws.sqs import Queue
from contact_import.handlers import dependencies
from contact_import.handlers.sweep import on_sweep
from tests.integration.webhook_client import PERSON, SURVEY_SECRET, WEBSITE_SECRET, WebhookClient


def _signed(body: bytes, secret: str = SURVEY_SECRET) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_a_delivery_is_answered_with_200_and_comes_to_cellcast_by_the_queue(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_hook()

    assert response.status == 200
    assert (response.json["contacts"], response.json["sendable"]) == (1, 1)
    assert webhook_client.sandbox.log == []
    assert webhook_client.get_import(response.json["import_id"]).status == 202
    webhook_client.run_queue_function()
    (contact,) = webhook_client.sandbox.contacts
    assert contact["phone_number"] == "+61491570006"
    assert contact["last_name"] == "Quartermain"
    result = webhook_client.get_import(response.json["import_id"])
    assert (result.status, result.json["rows"]["accepted"], result.json["list"]) == (200, 1, ["Site"])


def test_what_was_sent_is_kept_before_the_answer_and_without_its_secrets(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_hook()

    kept = webhook_client.read_submission(response.json["import_id"])
    assert json.loads(kept.request.body) == PERSON
    assert WEBSITE_SECRET not in kept.to_bytes().decode()
    assert [message["import_id"] for message in webhook_client.peek_messages()] == [kept.import_id]


def test_a_signature_is_over_the_bytes_as_they_were_sent(webhook_client: WebhookClient) -> None:
    body = json.dumps(PERSON, indent=3).encode() + b"\n"

    good = webhook_client.send_request("POST", "/hooks/survey", body, typeform_signature=_signed(body))
    for wrong in (_signed(body + b" "), _signed(body, "other"), "", "sha256="):
        assert webhook_client.send_request("POST", "/hooks/survey", body, typeform_signature=wrong).status == 401

    assert good.status == 200
    assert len(webhook_client.peek_messages()) == 1


@pytest.mark.parametrize(
    "target",
    [
        "/hooks/nobody",
        "/hooks/nobody?token=" + WEBSITE_SECRET,
        "/hooks/",
        "/hooks",
        "/hooks/website/more?token=" + WEBSITE_SECRET,
    ],
)
def test_a_stranger_hears_401_and_never_that_there_is_nothing(webhook_client: WebhookClient, target: str) -> None:
    for method in ("POST", "GET", "HEAD", "OPTIONS", "DELETE"):
        assert webhook_client.send_request(method, target, PERSON).status == 401
    assert webhook_client.peek_messages() == []


def test_who_may_not_come_in_hears_nothing_about_the_body(webhook_client: WebhookClient) -> None:
    for body in (b"{", b"\xff", b"<!DOCTYPE x>", b""):
        response = webhook_client.send_request("POST", "/hooks/website?token=wrong", body)
        assert (response.status, list(response.json)) == (401, ["error"])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a": "b" "c"}'),
        ("application/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("multipart/form-data; boundary=x", b"--x\r\nnever ends"),
    ],
)
def test_a_body_that_cannot_be_read_is_400_and_kept_with_the_reason(
    webhook_client: WebhookClient, kind: str, body: bytes
) -> None:
    response = webhook_client.post_hook(body, Content_Type=kind)
    again = webhook_client.post_hook(body, Content_Type=kind)
    webhook_client.run_queue_function()

    assert (response.status, list(response.json), again.json) == (400, ["error", "import_id"], response.json)
    result = webhook_client.get_import(response.json["import_id"]).json
    assert result["warnings"][0]["reason"] == response.json["error"]
    delivery = json.loads(webhook_client.read_result_file(result["import_id"], "delivery.json"))
    assert (delivery["reason"], delivery["body"]) == (response.json["error"], body.decode())
    assert webhook_client.sandbox.log == []


def test_a_body_above_the_bound_is_413_and_one_at_the_bound_is_not(webhook_client: WebhookClient) -> None:
    fits = json.dumps({**PERSON, "note": ""}).encode()
    fits = fits.replace(b'"note": ""', b'"note": "' + b"x" * (1024 * 1024 - len(fits)) + b'"')

    assert webhook_client.post_hook(fits).status == 200
    assert webhook_client.post_hook(fits + b" ").status == 413
    assert webhook_client.post_contacts(b" " * (1024 * 1024 + 1)).status == 413


def test_a_body_that_travels_in_base64_is_measured_by_its_bytes(webhook_client: WebhookClient) -> None:
    form = b"name=Ann&mobile=0491570006&note=" + b"x" * 900_000

    response = webhook_client.post_hook(form, Content_Type="application/x-www-form-urlencoded")

    assert (response.status, response.json["contacts"]) == (200, 1)


def test_a_delivery_with_no_one_in_it_is_kept_and_says_why(webhook_client: WebhookClient) -> None:
    response = webhook_client.post_hook({"event": "ping", "number_of_things": 3})

    assert (response.status, response.json["contacts"]) == (200, 0)
    assert response.json["reason"]
    webhook_client.run_queue_function()
    result = webhook_client.get_import(response.json["import_id"]).json
    assert (result["status"], result["rows"]["read"]) == ("completed", 0)
    assert result["warnings"][0]["reason"] == response.json["reason"]
    assert "number_of_things" in webhook_client.read_result_file(result["import_id"], "delivery.json")


def test_the_same_delivery_again_is_the_same_import_and_goes_once(webhook_client: WebhookClient) -> None:
    first = webhook_client.post_hook(webhook_id="msg_1")
    again = webhook_client.post_hook(webhook_id="msg_1")
    webhook_client.run_queue_function()
    late = webhook_client.post_hook(webhook_id="msg_1")
    other = webhook_client.post_hook(webhook_id="msg_2")

    assert first.json == again.json == late.json
    assert other.json["import_id"] != first.json["import_id"]
    assert webhook_client.sandbox.numbers == ["+61491570006"]
    assert [message["import_id"] for message in webhook_client.peek_messages()] == [other.json["import_id"]]


def test_without_a_key_equal_bodies_of_a_few_minutes_are_one_delivery(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 23, 10, 9, 30, tzinfo=UTC)
    ids = []
    for seconds in (0, 45, 800):  # the first two on both sides of a window's end
        monkeypatch.setattr(dependencies, "get_utc_now", lambda when=at + timedelta(seconds=seconds): when)
        ids.append(webhook_client.post_hook().json["import_id"])

    assert ids[0] == ids[1] != ids[2]


def _take_nothing(*_: object) -> None:
    raise OSError("0491 570 006")


def test_a_delivery_whose_message_the_queue_does_not_take_is_accepted_once(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Queue, "send", _take_nothing)
        response = webhook_client.post_hook()
    again = webhook_client.post_hook()
    webhook_client.run_queue_function()

    assert (response.status, again.status) == (200, 200)
    assert webhook_client.sandbox.numbers == ["+61491570006"]


def test_a_delivery_whose_message_never_went_off_is_found_by_the_sweep(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Queue, "send", _take_nothing)
        webhook_client.post_hook()
    monkeypatch.setenv("UPLOAD_QUEUE_URL", webhook_client.url)
    dependencies.get_settings.cache_clear()
    context = webhook_client.make_context("SweepFunction")
    swept = [on_sweep({}, context) for _ in range(2)]
    webhook_client.run_queue_function()
    swept.append(on_sweep({}, context))

    assert [one["orphaned"] for one in swept] == [1, 0, 0]  # one message is enough
    assert webhook_client.sandbox.numbers == ["+61491570006"]


def test_a_sender_whose_configuration_is_broken_shuts_out_no_other(webhook_client: WebhookClient) -> None:
    assert webhook_client.send_request("POST", "/hooks/broken", PERSON).status == 503
    assert webhook_client.post_hook().status == 200


def test_a_sender_that_shakes_hands_is_answered(webhook_client: WebhookClient) -> None:
    assert webhook_client.send_request("GET", "/hooks/website").status == 200
    head = webhook_client.send_request("HEAD", "/hooks/website")
    assert (head.status, head.text) == (200, "")
    options = webhook_client.send_request(
        "OPTIONS", "/hooks/website", WebHook_Request_Origin="eventemitter.example.com"
    )
    assert options.headers["webhook-allowed-origin"] == "eventemitter.example.com"
    assert webhook_client.peek_messages() == []


def test_salesforce_hears_its_acknowledgement(webhook_client: WebhookClient) -> None:
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        b'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><SessionId>s3ss10n</SessionId><Notification>'
        b'<Id>04l1</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:FirstName>Ann</sf:FirstName>'
        b"<sf:MobilePhone>0491 570 006</sf:MobilePhone></sObject></Notification></notifications></soapenv:Body>"
        b"</soapenv:Envelope>"
    )

    response = webhook_client.post_hook(body, Content_Type="text/xml")

    assert response.status == 200
    assert "<Ack>true</Ack>" in response.text
    assert len(webhook_client.peek_messages()) == 1
