"""A service of AWS takes connections and never answers: every caller of the HTTP API gets a response in time.

Times are a tenth of the deployed ones; `tests/artifact/test_stalled_aws.py` has these.
"""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from contact_import.handlers import aws_clients, http
from contact_import.handlers.webhook_queue import on_queue
from contact_import.webhooks.queue_message import Message
from local.aws.template import read_template
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import API_TOKEN, PERSON, WebhookClient
from tests.stalling_server import start_stalling_server

_SECONDS = 2.9
_TENTHS = ("_REQUEST_CONNECT_TIMEOUT_SECONDS", "_REQUEST_READ_TIMEOUT_SECONDS", "RESPONSE_RESERVE_SECONDS")


@pytest.fixture
def stalling_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pause = time.sleep
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: pause(seconds / 10))
    for name in _TENTHS:
        monkeypatch.setattr(aws_clients, name, getattr(aws_clients, name) / 10)
    monkeypatch.setattr(http, "RESPONSE_RESERVE_SECONDS", aws_clients.RESPONSE_RESERVE_SECONDS)
    monkeypatch.setattr(http, "_RESPONSE_RESERVE_SECONDS", 0.8)
    with start_stalling_server() as url:
        yield url


def _stall(monkeypatch: pytest.MonkeyPatch, service: str, url: str) -> None:
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
    boto3.setup_default_session()
    clear_caches()


def _call(client: WebhookClient, route: str, name: str = "Ann") -> Any:
    client.seconds = _SECONDS
    match route:
        case "hook":
            return client.post_hook(PERSON | {"name": name})
        case "contacts":
            return client.post_contacts()
        case "file":
            return client.get_file("0" * 24, "failed.csv")
        case "history":
            return client.send_request("GET", "/imports", Authorization=f"Bearer {API_TOKEN}")
    return client.get_import("0" * 24)


@pytest.mark.parametrize(
    ("service", "route"),
    [
        *(("S3", route) for route in ("hook", "contacts", "import", "file", "history")),
        *(("SECRETS_MANAGER", route) for route in ("hook", "contacts")),
    ],
)
def test_a_caller_is_asked_to_come_back_before_the_function_ends(
    webhook_client: WebhookClient, stalling_url: str, monkeypatch: pytest.MonkeyPatch, service: str, route: str
) -> None:
    _call(webhook_client, "hook")  # which loads the modules
    _stall(monkeypatch, service, stalling_url)
    began = time.monotonic()

    response = _call(webhook_client, route)

    assert time.monotonic() - began < _SECONDS
    assert response.status == 503
    assert int(response.headers["retry-after"]) > 0
    assert webhook_client.sandbox.log == []


@pytest.mark.parametrize("route", ["hook", "contacts"])
def test_what_the_queue_does_not_take_is_left_to_the_sweep(
    webhook_client: WebhookClient, stalling_url: str, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    _call(webhook_client, "hook")
    _stall(monkeypatch, "SQS", stalling_url)
    began = time.monotonic()

    response = _call(webhook_client, route, name="Ben")

    assert time.monotonic() - began < _SECONDS
    assert response.status in (200, 202)
    marks = webhook_client.s3.list_objects_v2(Bucket="contacts", Prefix="work/orphaned/")["Contents"]
    assert [one["Key"].rpartition("/")[2] for one in marks] == [response.json["import_id"]]


def test_contacts_are_in_the_queue_when_s3_stalls_after_they_were_stored(
    webhook_client: WebhookClient, stalling_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = http._import_now

    def stall_then_run(*arguments: Any) -> Any:
        _stall(monkeypatch, "S3", stalling_url)
        return run(*arguments)

    _call(webhook_client, "contacts")
    calls = len(webhook_client.sandbox.log)
    monkeypatch.setattr(http, "_import_now", stall_then_run)
    began = time.monotonic()

    response = _call(webhook_client, "contacts")

    assert time.monotonic() - began < _SECONDS
    assert response.status == 202
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=webhook_client.url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert attributes == {"ApproximateNumberOfMessagesDelayed": "2"}
    # The contacts may be sent: their claim and commit are in the table. If they are, they are not sent again.
    assert len(webhook_client.sandbox.log) <= calls + 1
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    boto3.setup_default_session()
    clear_caches()
    message = {"messageId": "1", "receiptHandle": "1", "eventSource": "aws:sqs", "attributes": {}}
    message |= {"body": Message(response.json["import_id"]).to_text()}
    assert on_queue({"Records": [message]}, webhook_client.make_context("QueueFunction")) == {"batchItemFailures": []}
    assert len(webhook_client.sandbox.log) == calls + 1
    result = webhook_client.get_import(response.json["import_id"]).json
    assert (result["rows"]["accepted"], result["requests"]["possibly_repeated"]) == (1, 0)


def test_contacts_are_in_the_queue_when_the_table_of_deliveries_stalls(
    webhook_client: WebhookClient, stalling_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _call(webhook_client, "hook")
    _stall(monkeypatch, "DYNAMODB", stalling_url)
    began = time.monotonic()

    responses = {route: _call(webhook_client, route, name="Ben") for route in ("hook", "contacts")}

    assert time.monotonic() - began < _SECONDS
    assert {route: response.status for route, response in responses.items()} == {"hook": 200, "contacts": 202}
    assert len(webhook_client.peek_messages()) >= 2
    assert webhook_client.sandbox.log == []


def test_the_deployed_times_add_up() -> None:
    function = read_template()["Resources"]["WebhookFunction"]["Properties"]
    attempt = aws_clients._REQUEST_CONNECT_TIMEOUT_SECONDS + aws_clients._REQUEST_READ_TIMEOUT_SECONDS
    longest_pause = 2.0 ** (aws_clients._REQUEST_ATTEMPTS - 2)  # botocore: a random part of 1, 2, 4 … seconds

    assert function["Timeout"] < 30
    assert max(attempt, longest_pause) < aws_clients.RESPONSE_RESERVE_SECONDS
    # What Cellcast has accepted can still be committed: its calls end before those of AWS.
    assert aws_clients.RESPONSE_RESERVE_SECONDS < http._RESPONSE_RESERVE_SECONDS
    names = [
        name
        for name, one in read_template()["Resources"].items()
        if "HOOKS_SECRET" in one.get("Properties", {}).get("Environment", {}).get("Variables", {})
    ]
    assert names == ["WebhookFunction"]  # by which the clients know that somebody waits
