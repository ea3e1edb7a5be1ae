"""Rules of all routes of the HTTP API: credentials, addresses, failures of AWS, opt-outs and the log."""

import json

import boto3
import pytest

from contact_import.aws.s3 import Bucket
from contact_import.errors import EventError
from contact_import.handlers.http import on_webhook
from contact_import.handlers.webhook_queue import on_queue
from contact_import.webhooks.queue_message import Message
from local.sandbox.faults import FAULTS
from tests.conftest import API_KEY
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import (
    API_TOKEN,
    CONTACTS,
    PERSON,
    SENDER_CONFIG,
    SURVEY_SECRET,
    WEBSITE_SECRET,
    WebhookClient,
)


def test_a_call_needs_a_token(webhook_client: WebhookClient) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"X_Api_Key": WEBSITE_SECRET}):
        response = webhook_client.send_request("POST", "/contacts", b"{", **headers)
        assert (response.status, response.headers["www-authenticate"]) == (401, "Bearer")
        assert webhook_client.send_request("GET", f"/imports/{'0' * 24}", **headers).status == 401
    assert webhook_client.send_request("POST", "/contacts", CONTACTS, Authorization=f"Bearer {API_TOKEN}").status == 200


def test_a_token_in_the_address_is_for_forms_and_opens_no_route_of_the_api(webhook_client: WebhookClient) -> None:
    assert webhook_client.send_request("POST", f"/contacts?token={API_TOKEN}", CONTACTS).status == 401
    assert webhook_client.send_request("GET", f"/imports/{'0' * 24}?token={API_TOKEN}").status == 401


def test_a_wrong_method_and_a_wrong_address_say_so(webhook_client: WebhookClient) -> None:
    get = webhook_client.send_request("GET", "/contacts")

    assert (get.status, get.headers["allow"]) == (405, "POST")
    assert webhook_client.send_request("POST", "/imports/" + "0" * 24).status == 405
    assert webhook_client.send_request("POST", "/imports").status == 405
    assert webhook_client.send_request("GET", "/uploads").headers["allow"] == "POST"
    for path in ("/", "/other", "/contacts/1", "/imports/a/b/c", "/uploads/a", "/uploads/a/b"):
        assert (
            webhook_client.send_request("POST", path).status,
            list(webhook_client.send_request("POST", path).json),
        ) == (404, ["error"])


def test_what_could_not_be_kept_is_503_and_nothing_is_half_taken(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "put_if_match", lambda *_: "")

    for response in (webhook_client.post_hook(), webhook_client.post_contacts()):
        assert (response.status, list(response.json)) == (503, ["error"])
    assert webhook_client.peek_messages() == []
    assert webhook_client.sandbox.log == []


@pytest.mark.parametrize("name", ["HOOKS_SECRET", "QUEUE_URL"])
def test_without_its_parts_the_routes_refuse_requests(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    clear_caches()

    assert {
        webhook_client.post_hook().status,
        webhook_client.post_contacts().status,
        webhook_client.get_import("0" * 24).status,
    } == {503}


def test_a_secret_that_was_rotated_works_at_once(webhook_client: WebhookClient) -> None:
    assert webhook_client.post_hook().status == 200
    hooks = json.loads(
        json.dumps(SENDER_CONFIG).replace(WEBSITE_SECRET, "rotated-secret").replace(API_TOKEN, "rotated-token")
    )
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/hooks", SecretString=json.dumps(hooks))

    response = webhook_client.send_request(
        "POST", "/hooks/website?token=rotated-secret", {**PERSON, "mobile": "0491 570 156"}
    )

    assert response.status == 200
    assert (
        webhook_client.send_request("POST", "/contacts", CONTACTS, Authorization="Bearer rotated-token").status == 200
    )


@pytest.fixture
def opt_out_client(webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch) -> WebhookClient:
    """Return a client with SCREEN_OPT_OUTS on, and put Zebedee on the opt-out list."""
    monkeypatch.setenv("SCREEN_OPT_OUTS", "true")
    clear_caches()
    webhook_client.sandbox.opted_out = ["491570006"]
    return webhook_client


def test_people_of_the_opt_out_list_get_nothing_by_either_route(opt_out_client: WebhookClient) -> None:
    hook, call = (
        opt_out_client.post_hook(),
        opt_out_client.post_contacts({"contacts": [{"phone_number": n} for n in ("0491570006", "0491570156")]}),
    )
    opt_out_client.run_queue_function()

    rows = opt_out_client.get_import(hook.json["import_id"]).json["rows"]
    assert (rows["read"], rows["opted_out"]) == (1, 1)
    assert (call.status, call.json["rows"]["accepted"], call.json["rows"]["opted_out"]) == (200, 1, 1)
    assert opt_out_client.sandbox.numbers == ["+61491570156"]
    assert len(opt_out_client.sandbox.query_paths) == 1  # one process did all of it


def test_while_the_opt_out_list_cannot_be_read_what_came_in_waits_and_says_why(opt_out_client: WebhookClient) -> None:
    opt_out_client.sandbox.query_faults.extend([FAULTS["404"]] * 2)
    call = opt_out_client.post_contacts()
    hook = opt_out_client.post_hook()
    opt_out_client.run_queue_function(waiting=1)
    running = [opt_out_client.get_import(response.json["import_id"]) for response in (call, hook)]
    waiting = [Message(response.json["import_id"]).to_text() for response in (call, hook)]
    records = [{"messageId": text, "body": text, "eventSource": "aws:sqs"} for text in waiting]
    on_queue({"Records": records}, opt_out_client.make_context("QueueFunction"))

    why = "Cellcast's opt-out list could not be read, so nothing was sent: HTTP 404"
    assert (call.status, call.json["reason"]) == (202, why)
    assert [(one.status, one.json["reason"]) for one in running] == [(202, why)] * 2
    rows = [opt_out_client.get_import(response.json["import_id"]).json["rows"] for response in (call, hook)]
    assert [(one["opted_out"], one["invalid"]) for one in rows] == [(1, 1), (1, 0)]
    assert opt_out_client.sandbox.log == []


def test_an_event_of_another_kind_is_an_error(webhook_client: WebhookClient) -> None:
    for handler in (on_webhook, on_queue):
        with pytest.raises(EventError):
            handler({"source": "aws.s3"}, webhook_client.make_context("WebhookFunction"))


def test_nothing_of_a_person_and_no_secret_is_in_a_log(
    webhook_client: WebhookClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    webhook_client.post_hook()
    webhook_client.post_hook(b"{" + json.dumps(PERSON).encode())
    webhook_client.send_request("POST", "/hooks/Quartermain?token=" + WEBSITE_SECRET, PERSON)
    webhook_client.send_request("POST", f"/hooks/website?token=wrong-{WEBSITE_SECRET}", PERSON)
    webhook_client.post_contacts(PERSON)
    webhook_client.post_contacts()
    webhook_client.run_queue_function()
    webhook_client.get_import("0" * 24)

    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert "delivery stored" in logged
    assert "delivery rejected" in logged
    for word in (*PERSON.values(), "Quartermain", "491570006", API_TOKEN, WEBSITE_SECRET, SURVEY_SECRET, API_KEY):
        assert word not in logged


_NAME, _DIGITS = "Quartermain", "491570156"
_HOSTILE = [
    ('{"name": "Quartermain", "phone": "0491570156"', "application/json"),
    ('{"name": "Quartermain"}{"phone": "0491570156"}', "application/json"),
    ('{"name": "Quartermain \\ud800", "phone": "0491570156"}', "application/json"),
    ('{"Quartermain": {"0491570156": {"consent": {"Quartermain": true, "status": "0491570156"}}}}', "application/json"),
    ('{"event": "unsubscribe Quartermain", "contact": {"phone": "0491570156"}}', "application/json"),
    ('{"definition": {"fields": ["Quartermain", {"id": ["0491570156"]}]}, "phone": "0491570156"}', "application/json"),
    ('{"Quartermain":' * 60 + '"0491570156"' + "}" * 60, "application/json"),
    ('["Quartermain",' + "[" * 5_000, "application/json"),
    ('{"name": "Quartermain"}', "application/json; charset=Quartermain"),
    ("&".join(f"Quartermain{index}=0491570156" for index in range(5_001)), "application/x-www-form-urlencoded"),
    ("Quartermain=%zz&=&0491570156", "application/x-www-form-urlencoded"),
    ('--X\r\nContent-Disposition: form-data; name="Quartermain"\r\n\r\n0491570156', "multipart/form-data; boundary=X"),
    ("<Quartermain>0491570156</quartermain>", "text/xml"),
    ("<!DOCTYPE Quartermain [<!ENTITY a '0491570156'>]><a>&a;</a>", "text/xml"),
    ("Quartermain 0491570156", "Quartermain/0491570156"),
    ('{"name": "' + "Quartermain 0491570156 " * 40_000 + '"}', "application/json"),
]


@pytest.mark.parametrize(("body", "content_type"), _HOSTILE)
def test_nothing_of_a_malformed_delivery_is_in_a_log(
    webhook_client: WebhookClient,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    body: str,
    content_type: str,
) -> None:
    headers = {"Content-Type": content_type, "X-Quartermain": _DIGITS}
    for path in (f"/hooks/website?token={WEBSITE_SECRET}&{_NAME}={_DIGITS}", f"/hooks/{_NAME}?token={_DIGITS}"):
        assert webhook_client.send_request("POST", path, body.encode(), **headers).status in (200, 400, 401, 413)
    webhook_client.run_queue_function()

    captured = capsys.readouterr()
    logged = captured.out + captured.err + "".join(str(vars(record)) for record in caplog.records)
    assert "delivery rejected" in logged
    assert [word for word in (_NAME, _DIGITS, WEBSITE_SECRET) if word in logged] == []
