"""The HTTP doors as they are deployed: what each hears, and what is kept before anybody hears anything."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from contact_import.aws.s3 import Bucket
from contact_import.aws.sqs import Queue
from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import (
    make_config_key,
    make_results_prefix,
    make_submission_key,
)
from contact_import.handlers import dependencies
from contact_import.handlers.http import on_webhook
from contact_import.handlers.sweep import on_sweep
from contact_import.handlers.webhook_queue import on_queue
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission
from local.aws.http_api import build_event
from local.sandbox.endpoint import Sandbox
from local.sandbox.faults import FAULTS, set_default_fault
from local.stack import LambdaContext
from tests import openapi_check
from tests.conftest import API_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

TOKEN, SECRET, OTHER = "api-token-4b1d", "typeform-secret-77", "website-secret-08"
HOOKS = {
    "tokens": [TOKEN],
    "senders": {
        "website": {"scheme": "token", "secrets": [OTHER], "list": ["Site"]},
        "survey": {"scheme": "typeform", "secrets": [SECRET], "tags": ["Survey"]},
        "broken": {"scheme": "no such scheme", "secrets": ["x"]},
    },
}
PERSON = {"name": "Zebedee Quartermain", "mobile": "0491 570 006", "email": "zebedee@quartermain.example"}
CONTACTS = {"contacts": [{"first_name": "Ann", "phone_number": "0491570006"}, {"phone_number": "12"}], "tags": ["VIP"]}


@dataclass
class HttpResult:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class WebhookClient:
    """A deployed stack behind its doors."""

    s3: "S3Client"
    sandbox: Sandbox
    url: str
    seconds: float = 29.0

    def send_request(self, method: str, target: str, body: bytes | object = b"", **headers: str) -> HttpResult:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = [("Host", "api.example"), ("Content-Type", "application/json")]
        all_headers += [(name.replace("_", "-"), value) for name, value in headers.items()]
        event = build_event(method, target, dict(all_headers).items(), data)
        response = on_webhook(event, self.make_context("WebhookFunction"))
        openapi_check.check_response(method, target, response["statusCode"], response["headers"], response["body"])
        return HttpResult(response["statusCode"], response["headers"], response["body"])

    def post_hook(self, body: object = PERSON, **headers: str) -> HttpResult:
        return self.send_request("POST", f"/hooks/website?token={OTHER}", body, **headers)

    def post_contacts(self, body: object = CONTACTS, **headers: str) -> HttpResult:
        return self.send_request("POST", "/contacts", body, Authorization=f"Bearer {TOKEN}", **headers)

    def get_import(self, import_id: str) -> HttpResult:
        return self.send_request("GET", f"/imports/{import_id}", Authorization=f"Bearer {TOKEN}")

    def make_context(self, name: str) -> Any:
        return LambdaContext(name, time.monotonic() + (self.seconds if name == "WebhookFunction" else 290.0))

    def read_submission(self, import_id: str) -> Submission:
        body = self.s3.get_object(Bucket="contacts", Key=make_submission_key(import_id))["Body"].read()
        return Submission.from_bytes(body)

    def peek_messages(self) -> list[Any]:
        """The messages of the queue, delayed ones too."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def run_queue_function(self) -> None:
        """Hand what waits to the queue's function."""
        sqs = boto3.client("sqs")
        messages = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        records = [{"messageId": m["MessageId"], "body": m["Body"], "eventSource": "aws:sqs"} for m in messages]
        response = on_queue({"Records": records}, self.make_context("QueueFunction"))
        assert response == {"batchItemFailures": []}
        for message in messages:
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def webhook_client(s3: "S3Client", sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookClient]:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="cellcast/api-key", SecretString=API_KEY)
    secrets.create_secret(Name="cellcast/hooks", SecretString=json.dumps(HOOKS))
    url = boto3.client("sqs").create_queue(QueueName="Deliveries")["QueueUrl"]
    environment = {
        "BUCKET": "contacts",
        "CELLCAST_SECRET": "cellcast/api-key",
        "HOOKS_SECRET": "cellcast/hooks",
        "CELLCAST_URL": sandbox.start(),
        "QUEUE_URL": url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _clear_caches()
    yield WebhookClient(s3, sandbox, url)
    _clear_caches()


def _clear_caches() -> None:
    ours = (
        dependencies.get_settings,
        dependencies.get_bucket,
        dependencies.get_transport,
        dependencies.get_sender_config_cache,
        dependencies.get_delivery_queue,
        dependencies.get_opt_out_cache,
    )
    for cached in ours:
        cached.cache_clear()
    parameters.clear_caches()  # type: ignore[no-untyped-call]


def _signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_a_delivery_is_answered_with_200_and_comes_to_cellcast_by_the_queue(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_hook()

    assert said.status == 200
    assert said.json["contacts"] == 1
    assert webhook_client.sandbox.log == []
    assert webhook_client.get_import(said.json["import_id"]).status == 202
    webhook_client.run_queue_function()
    (contact,) = webhook_client.sandbox.contacts
    assert contact["phone_number"] == "+61491570006"
    assert contact["last_name"] == "Quartermain"
    result = webhook_client.get_import(said.json["import_id"])
    assert (result.status, result.json["rows"]["accepted"], result.json["list"]) == (200, 1, ["Site"])


def test_what_was_sent_is_kept_before_the_answer_and_without_its_secrets(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_hook()

    kept = webhook_client.read_submission(said.json["import_id"])
    assert json.loads(kept.request.body) == PERSON
    assert OTHER not in kept.to_bytes().decode()
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
    ["/hooks/nobody", "/hooks/nobody?token=" + OTHER, "/hooks/", "/hooks", "/hooks/website/more?token=" + OTHER],
)
def test_a_stranger_hears_401_and_never_that_there_is_nothing(webhook_client: WebhookClient, target: str) -> None:
    for method in ("POST", "GET", "HEAD", "OPTIONS", "DELETE"):
        assert webhook_client.send_request(method, target, PERSON).status == 401
    assert webhook_client.peek_messages() == []


def test_who_may_not_come_in_hears_nothing_about_the_body(webhook_client: WebhookClient) -> None:
    for body in (b"{", b"\xff", b"<!DOCTYPE x>", b""):
        said = webhook_client.send_request("POST", "/hooks/website?token=wrong", body)
        assert (said.status, list(said.json)) == (401, ["error"])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"a": NaN}'),
        ("application/json", b'{"a": "\xff"}'),
        ("application/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("multipart/form-data; boundary=x", b"--x\r\nnever ends"),
    ],
)
def test_a_body_that_is_not_what_it_says_it_is_is_400(webhook_client: WebhookClient, kind: str, body: bytes) -> None:
    said = webhook_client.post_hook(body, Content_Type=kind)

    assert (said.status, list(said.json)) == (400, ["error"])
    assert webhook_client.peek_messages() == []


def test_a_body_above_the_bound_is_413_and_one_at_the_bound_is_not(webhook_client: WebhookClient) -> None:
    fits = json.dumps({**PERSON, "note": ""}).encode()
    fits = fits.replace(b'"note": ""', b'"note": "' + b"x" * (1024 * 1024 - len(fits)) + b'"')

    assert webhook_client.post_hook(fits).status == 200
    assert webhook_client.post_hook(fits + b" ").status == 413
    assert webhook_client.post_contacts(b" " * (1024 * 1024 + 1)).status == 413


def test_a_body_that_travels_in_base64_is_measured_by_its_bytes(webhook_client: WebhookClient) -> None:
    form = b"name=Ann&mobile=0491570006&note=" + b"x" * 900_000

    said = webhook_client.post_hook(form, Content_Type="application/x-www-form-urlencoded")

    assert (said.status, said.json["contacts"]) == (200, 1)


def test_a_delivery_with_nobody_in_it_is_kept_and_says_why(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_hook({"event": "ping", "number_of_things": 3})

    assert (said.status, said.json["contacts"]) == (200, 0)
    assert said.json["reason"]
    webhook_client.run_queue_function()
    result = webhook_client.get_import(said.json["import_id"]).json
    assert (result["status"], result["rows"]["read"]) == ("completed", 0)
    assert result["warnings"][0]["reason"] == said.json["reason"]
    kept = webhook_client.s3.get_object(
        Bucket="contacts", Key=result["failed_csv"].replace("failed.csv", "delivery.json")
    )
    assert "number_of_things" in kept["Body"].read().decode()


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
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    at = datetime(2026, 11, 23, 10, 9, 30, tzinfo=UTC)
    ids = []
    for seconds in (0, 45, 800):  # the first two on both sides of a window's end
        monkeypatch.setattr(dependencies, "get_utc_now", lambda when=at + timedelta(seconds=seconds): when)
        ids.append(webhook_client.post_hook().json["import_id"])

    assert ids[0] == ids[1] != ids[2]


def _take_nothing(*_: object) -> None:
    raise OSError("0491 570 006")


def test_a_delivery_whose_message_never_went_off_is_sent_off_when_it_comes_again(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Queue, "send", _take_nothing)
        said = webhook_client.post_hook()
    again = webhook_client.post_hook()
    webhook_client.run_queue_function()

    assert (said.status, again.status) == (503, 200)
    assert int(said.headers["retry-after"]) > 0
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

    assert [one["orphaned"] for one in swept] == [1, 1, 0]
    assert webhook_client.sandbox.numbers == ["+61491570006"]


def test_what_could_not_be_kept_is_503_and_nothing_is_half_taken(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "put_if_match", lambda *_: "")

    for said in (webhook_client.post_hook(), webhook_client.post_contacts()):
        assert (said.status, list(said.json)) == (503, ["error"])
    assert webhook_client.peek_messages() == []
    assert webhook_client.sandbox.log == []


@pytest.mark.parametrize("name", ["HOOKS_SECRET", "QUEUE_URL"])
def test_without_its_parts_the_doors_are_closed(
    webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    _clear_caches()

    assert {
        webhook_client.post_hook().status,
        webhook_client.post_contacts().status,
        webhook_client.get_import("0" * 24).status,
    } == {503}


def test_a_sender_whose_configuration_is_broken_shuts_out_no_other(webhook_client: WebhookClient) -> None:
    assert webhook_client.send_request("POST", "/hooks/broken", PERSON).status == 503
    assert webhook_client.post_hook().status == 200


def test_a_secret_that_was_rotated_works_at_once(webhook_client: WebhookClient) -> None:
    assert webhook_client.post_hook().status == 200
    hooks = json.loads(json.dumps(HOOKS).replace(OTHER, "rotated-secret").replace(TOKEN, "rotated-token"))
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/hooks", SecretString=json.dumps(hooks))

    said = webhook_client.send_request(
        "POST", "/hooks/website?token=rotated-secret", {**PERSON, "mobile": "0491 570 156"}
    )

    assert said.status == 200
    assert (
        webhook_client.send_request("POST", "/contacts", CONTACTS, Authorization="Bearer rotated-token").status == 200
    )


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

    said = webhook_client.post_hook(body, Content_Type="text/xml")

    assert said.status == 200
    assert "<Ack>true</Ack>" in said.text
    assert len(webhook_client.peek_messages()) == 1


def test_contacts_are_imported_at_once_and_the_answer_is_the_result(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_contacts()

    assert said.status == 200
    assert (said.json["rows"]["accepted"], said.json["rows"]["invalid"], said.json["tags"]) == (1, 1, ["VIP"])
    assert said.json["source"]["kind"] == "webhook"
    assert webhook_client.sandbox.numbers == ["+61491570006"]
    assert webhook_client.get_import(said.json["import_id"]).json == said.json


def test_a_call_that_was_done_at_once_is_not_done_again_by_the_queue(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_contacts()
    message = json.dumps({"import_id": said.json["import_id"]})

    record = {"messageId": "1", "body": message, "eventSource": "aws:sqs"}
    assert on_queue({"Records": [record]}, webhook_client.make_context("QueueFunction")) == {"batchItemFailures": []}

    assert webhook_client.sandbox.numbers == ["+61491570006"]


def test_when_cellcast_does_not_answer_in_time_the_queue_has_the_contacts(webhook_client: WebhookClient) -> None:
    webhook_client.seconds = 11.0
    set_default_fault(webhook_client.sandbox, "503 html")
    said = webhook_client.post_contacts(Prefer="wait=5")
    running = webhook_client.get_import(said.json["import_id"])
    webhook_client.sandbox.default_fault = None
    record = {"messageId": "1", "body": json.dumps(said.json), "eventSource": "aws:sqs"}
    on_queue({"Records": [record]}, webhook_client.make_context("QueueFunction"))

    assert (said.status, list(said.json)) == (202, ["import_id"])
    assert said.headers["location"] == f"/imports/{said.json['import_id']}"
    assert (running.status, running.json["status"], running.json["contacts"]) == (202, "running", 2)
    assert webhook_client.get_import(said.json["import_id"]).json["rows"]["accepted"] == 1


@pytest.fixture
def opt_out_client(webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch) -> WebhookClient:
    """The same where Cellcast's opt-out list is asked, which Zebedee is on."""
    monkeypatch.setenv("SCREEN_OPT_OUTS", "true")
    _clear_caches()
    webhook_client.sandbox.opted_out = ["491570006"]
    return webhook_client


def test_people_of_the_opt_out_list_get_nothing_by_either_door(opt_out_client: WebhookClient) -> None:
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
    opt_out_client.run_queue_function()
    running = [opt_out_client.get_import(said.json["import_id"]) for said in (call, hook)]
    waiting = [Message(said.json["import_id"]).to_text() for said in (call, hook)]
    records = [{"messageId": text, "body": text, "eventSource": "aws:sqs"} for text in waiting]
    on_queue({"Records": records}, opt_out_client.make_context("QueueFunction"))

    why = "Cellcast's opt-out list could not be read, so that nothing was sent: HTTP 404"
    assert (call.status, call.json["reason"]) == (202, why)
    assert [(one.status, one.json["reason"]) for one in running] == [(202, why)] * 2
    rows = [opt_out_client.get_import(said.json["import_id"]).json["rows"] for said in (call, hook)]
    assert [(one["opted_out"], one["invalid"]) for one in rows] == [(1, 1), (1, 0)]
    assert opt_out_client.sandbox.log == []


def test_whoever_prefers_not_to_wait_does_not(webhook_client: WebhookClient) -> None:
    said = webhook_client.post_contacts(Prefer="return=minimal, Respond-Async")

    assert (said.status, said.headers["preference-applied"]) == (202, "respond-async")
    assert webhook_client.sandbox.log == []
    webhook_client.run_queue_function()
    assert webhook_client.get_import(said.json["import_id"]).json["rows"]["accepted"] == 1


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


def test_a_call_needs_a_token(webhook_client: WebhookClient) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}, {"X_Api_Key": OTHER}):
        said = webhook_client.send_request("POST", "/contacts", b"{", **headers)
        assert (said.status, said.headers["www-authenticate"]) == (401, "Bearer")
        assert webhook_client.send_request("GET", f"/imports/{'0' * 24}", **headers).status == 401
    assert webhook_client.send_request("POST", "/contacts", CONTACTS, Authorization=f"Bearer {TOKEN}").status == 200


def test_a_token_in_the_address_is_for_forms_and_opens_neither_door_of_the_api(webhook_client: WebhookClient) -> None:
    assert webhook_client.send_request("POST", f"/contacts?token={TOKEN}", CONTACTS).status == 401
    assert webhook_client.send_request("GET", f"/imports/{'0' * 24}?token={TOKEN}").status == 401


def test_a_wrong_method_and_a_wrong_address_say_so(webhook_client: WebhookClient) -> None:
    get = webhook_client.send_request("GET", "/contacts")

    assert (get.status, get.headers["allow"]) == (405, "POST")
    assert webhook_client.send_request("POST", "/imports/" + "0" * 24).status == 405
    for path in ("/", "/other", "/contacts/1", "/imports", "/imports/a/b"):
        assert (
            webhook_client.send_request("POST", path).status,
            list(webhook_client.send_request("POST", path).json),
        ) == (404, ["error"])


def test_the_import_of_a_file_can_be_asked_for_too(webhook_client: WebhookClient) -> None:
    put = webhook_client.s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0491570006\n")
    ident = compute_import_id("contacts", "incoming/june.csv", put["VersionId"])
    key = make_results_prefix("incoming/june.csv", ident)

    early = webhook_client.get_import(ident)
    webhook_client.s3.put_object(
        Bucket="contacts",
        Key=make_config_key(ident),
        Body=json.dumps({"upload": {"key": "incoming/june.csv"}}).encode(),
    )
    running = webhook_client.get_import(ident)
    result = webhook_client.post_contacts().json | {"import_id": ident}
    webhook_client.s3.put_object(Bucket="contacts", Key=f"{key}result.json", Body=json.dumps(result).encode())

    assert (early.status, running.status, running.json["status"]) == (404, 202, "running")
    assert webhook_client.get_import(ident).json == result


@pytest.mark.parametrize("ident", ["0" * 24, "..", "%2e%2e%2fresults", "x" * 24, "A" * 24, ""])
def test_an_import_that_nobody_knows_is_404(webhook_client: WebhookClient, ident: str) -> None:
    assert webhook_client.get_import(ident).status == 404


def test_an_event_of_another_kind_is_an_error(webhook_client: WebhookClient) -> None:
    from contact_import.errors import EventError  # noqa: PLC0415

    for handler in (on_webhook, on_queue):
        with pytest.raises(EventError):
            handler({"source": "aws.s3"}, webhook_client.make_context("WebhookFunction"))


def test_nothing_of_a_person_and_no_secret_is_in_a_log(
    webhook_client: WebhookClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    webhook_client.post_hook()
    webhook_client.post_hook(b"{" + json.dumps(PERSON).encode())
    webhook_client.send_request("POST", "/hooks/Quartermain?token=" + OTHER, PERSON)
    webhook_client.send_request("POST", f"/hooks/website?token=wrong-{OTHER}", PERSON)
    webhook_client.post_contacts(PERSON)
    webhook_client.post_contacts()
    webhook_client.run_queue_function()
    webhook_client.get_import("0" * 24)

    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert "delivery stored" in logged
    assert "delivery rejected" in logged
    for word in (*PERSON.values(), "Quartermain", "491570006", TOKEN, OTHER, SECRET, API_KEY):
        assert word not in logged
