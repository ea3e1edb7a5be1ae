"""A caller of the API is called back when its import is over: signed, at least once, and without a person in it."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from standardwebhooks.webhooks import Webhook

from contact_import.aws.events import Upload, build_upload_message
from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.callback import on_callback
from contact_import.handlers.notify import on_notify
from contact_import.handlers.upload import on_upload
from local.lambda_context import LambdaContext
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import API_TOKEN, WebhookClient

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SECRET = "c2VjcmV0IG9mIGNhbGxiYWNrcyBpbiB0aGUgdGVzdHM0"
CONTEXT: Any = LambdaContext("CallbackFunction", deadline=float("inf"))
ALLOWS_LOOPBACK = dependencies.allows_loopback_callbacks  # as deployed
CONTACTS = [
    {"first_name": "Zebedee", "phone_number": "0491570006"},
    {"first_name": "Quartermain", "phone_number": "12"},
]


class Receiver(ThreadingHTTPServer):
    """Answers with the next of `statuses`, then with 200, and keeps headers and bodies."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses, self.calls = list[int](), list[tuple[dict[str, str], str]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/imported?token=t0ken-of-the-receiver"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def client(webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch) -> WebhookClient:
    url = boto3.client("sqs").create_queue(QueueName="Callbacks")["QueueUrl"]
    boto3.client("secretsmanager").create_secret(Name="cellcast/callbacks", SecretString=SECRET)
    monkeypatch.setenv("CALLBACK_QUEUE_URL", url)
    monkeypatch.setenv("CALLBACK_SECRET", "cellcast/callbacks")
    monkeypatch.setattr(dependencies, "allows_loopback_callbacks", lambda: True)
    clear_caches()
    return webhook_client


def _notify(s3: "S3Client", times: int = 1) -> Any:
    """Invoke NotifyFunction with each result.json in the bucket."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="contacts", Prefix="results/").get("Contents", [])]
    records = [
        {"messageId": key, "body": build_upload_message(Upload("contacts", key)), "eventSource": "aws:sqs"}
        for key in keys
        if key.endswith("/result.json")
    ]
    return [on_notify({"Records": records}, CONTEXT) for _ in range(times)]


def _call_back(receive_count: int = 1) -> list[str]:
    """Invoke CallbackFunction with the visible messages. Return the bodies of those that are tried again."""
    sqs, url = boto3.client("sqs"), dependencies.get_settings().callback_queue_url
    failed = []
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"ApproximateReceiveCount": str(receive_count)},
            "eventSource": "aws:sqs",
        }
        if on_callback({"Records": [record]}, CONTEXT)["batchItemFailures"]:
            failed.append(message["Body"])
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        else:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return failed


def _post(client: WebhookClient, url: Any, **body: Any) -> Any:
    return client.post_contacts({"contacts": CONTACTS, "callback_url": url, **body})


def test_the_caller_hears_the_counts_and_no_person(client: WebhookClient, s3: "S3Client", receiver: Receiver) -> None:
    result = _post(client, receiver.url).json

    _notify(s3)
    assert _call_back() == []

    [(headers, text)] = receiver.calls
    body = Webhook(SECRET).verify(text, headers)
    assert headers["webhook-id"] == result["import_id"]
    assert headers["content-type"] == "application/json"
    assert (body["type"], body["timestamp"]) == ("import.finished", result["finished_at"])
    data = body["data"]
    assert data["rows"] == result["rows"]
    assert (data["import_id"], data["status"]) == (result["import_id"], "completed_with_failures")
    address = f"https://api.example/imports/{result['import_id']}"
    assert data["links"] == {
        "import": address,
        "failed_csv": f"{address}/failed.csv",
        "accepted_csv": f"{address}/accepted.csv",
        "report_html": f"{address}/report.html",
    }
    assert not [word for word in ("491570006", "Zebedee", "Quartermain", API_TOKEN) if word in text]


def test_a_file_of_the_page_calls_back_once_it_is_over(
    client: WebhookClient, s3: "S3Client", receiver: Receiver
) -> None:
    def post(target: str, body: object) -> Any:
        return client.send_request("POST", target, body, Authorization=f"Bearer {API_TOKEN}")

    new = post("/uploads", {"name": "Zebedee Quartermain.csv", "size": 60}).json
    s3.put_object(Bucket="contacts", Key=new["post"]["fields"]["key"], Body=b"Name,Mobile\nAnn,0491570006\nBen,\n")
    target = f"/uploads/{new['upload_id']}/import"
    started = post(target, {"callback_url": receiver.url})
    again = post(target, {"callback_url": receiver.url})
    other = post(target, {"callback_url": f"{receiver.url}2"})
    key = f"incoming/upload={new['upload_id']}/Zebedee Quartermain.csv"
    version = s3.head_object(Bucket="contacts", Key=key)["VersionId"]
    event = json.loads(build_upload_message(Upload("contacts", key, version_id=version)))
    on_upload(event, LambdaContext("UploadFunction", time.monotonic() + 900))
    _notify(s3)
    _call_back()

    assert (started.status, again.status, other.status) == (202, 202, 409)
    [(headers, text)] = receiver.calls
    assert (
        headers["webhook-id"] == started.json["import_id"] == Webhook(SECRET).verify(text, headers)["data"]["import_id"]
    )
    assert "Quartermain" not in text


def test_the_same_news_twice_has_the_same_id_and_body(
    client: WebhookClient, s3: "S3Client", receiver: Receiver
) -> None:
    _post(client, receiver.url)

    _notify(s3, times=2)
    _call_back()

    first, second = receiver.calls
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]


@pytest.mark.parametrize("statuses", [[500, 503, 302], [404, 404, 404]])
def test_a_receiver_that_fails_is_tried_again_and_the_import_stays_as_it_is(
    client: WebhookClient,
    s3: "S3Client",
    receiver: Receiver,
    *,
    statuses: list[int],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.statuses = list(statuses)
    result = _post(client, receiver.url).json

    told = _notify(s3)
    failures = [len(_call_back(count)) for count in (1, 2, 3, 4)]

    assert told == [{"batchItemFailures": []}]
    assert failures == [1, 1, 1, 0]
    assert len({text for _, text in receiver.calls}) == 1
    assert client.get_import(result["import_id"]).json["rows"] == result["rows"]
    metrics = capsys.readouterr().out
    assert metrics.count('"CallbacksFailed":[1.0]') == 3
    assert '"MessagesFailed"' not in metrics
    log = "".join(str(vars(record)) for record in caplog.records)
    assert [f"'reason': 'HTTP {status}'" in log for status in statuses] == [True] * 3
    assert not [word for word in ("t0ken-of-the-receiver", "imported?", "Zebedee", SECRET) if word in log]


def test_the_delay_grows_with_the_attempts(
    client: WebhookClient, s3: "S3Client", receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[int] = []

    class Queue:
        def postpone(self, messages: Any) -> int:
            delays.extend(delay for _, delay in messages)
            return 0

    receiver.statuses = [500] * 3
    _post(client, receiver.url)
    _notify(s3)
    monkeypatch.setattr(dependencies, "get_delivery_queue", lambda _url: Queue())
    for count in (1, 3, 11):
        _call_back(count)

    assert delays == [30, 120, 3600]


def test_a_secret_that_is_gone_is_our_fault_and_loses_nothing(
    client: WebhookClient, s3: "S3Client", receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId="cellcast/callbacks", ForceDeleteWithoutRecovery=True)
    _post(client, receiver.url)
    _notify(s3)

    assert len(_call_back()) == 1
    assert '"MessagesFailed":[1.0]' in capsys.readouterr().out
    boto3.client("secretsmanager").create_secret(Name="cellcast/callbacks", SecretString=SECRET)
    clear_caches()
    assert _call_back() == []
    assert len(receiver.calls) == 1


def test_a_message_of_others_is_kept(client: WebhookClient) -> None:
    sqs, url = boto3.client("sqs"), dependencies.get_settings().callback_queue_url
    sqs.send_message(QueueUrl=url, MessageBody="of others")

    assert _call_back() == ["of others"]
    with pytest.raises(EventError):
        on_callback({}, CONTEXT)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://user:password@example.com/",
        "https://localhost/",
        "",
        1,
        True,
        ["https://example.com/"],
        {},
    ],
)
def test_an_address_that_may_not_be_called_is_422_and_nothing_is_sent(client: WebhookClient, url: Any) -> None:
    answer = _post(client, url)

    assert (answer.status, "callback_url" in answer.json["error"]) == (422, True)
    assert client.sandbox.numbers == []


def test_a_deployed_function_calls_nothing_on_its_own_machine(
    client: WebhookClient, s3: "S3Client", receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Lambda, 127.0.0.1 is the function's own runtime."""
    _post(client, receiver.url)
    _notify(s3)
    monkeypatch.setattr(dependencies, "allows_loopback_callbacks", ALLOWS_LOOPBACK)

    assert len(_call_back()) == 1
    assert receiver.calls == []
    assert _post(client, receiver.url).status == 422


def test_without_a_callback_nothing_is_enqueued_and_none_is_null(client: WebhookClient, s3: "S3Client") -> None:
    assert _post(client, None).status == 200
    client.post_contacts({"contacts": [{"phone_number": "0491570156"}]})
    _notify(s3)

    url = dependencies.get_settings().callback_queue_url
    assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=url)


def test_a_queue_that_is_not_configured_fails_before_anything_is_published(
    client: WebhookClient, s3: "S3Client", receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    _post(client, receiver.url)
    monkeypatch.delenv("CALLBACK_QUEUE_URL")
    clear_caches()
    monkeypatch.setattr("contact_import.aws.notifier.Notifier.publish_event", pytest.fail)

    [answer] = _notify(s3)

    assert len(answer["batchItemFailures"]) == 1


def test_a_file_that_was_not_written_has_no_link(client: WebhookClient, s3: "S3Client", receiver: Receiver) -> None:
    client.post_contacts({"contacts": CONTACTS[:1], "callback_url": receiver.url})

    _notify(s3)
    _call_back()

    [(_, text)] = receiver.calls
    links = json.loads(text)["data"]["links"]
    for name in ("failed_csv", "accepted_csv", "report_html"):
        path = links[name] and links[name].removeprefix("https://api.example")
        assert not path or client.send_request("GET", path, Authorization=f"Bearer {API_TOKEN}").status == 302
    assert (links["failed_csv"], links["report_html"]) == (None, None)


def test_a_delivery_costs_no_read_of_a_callback(
    client: WebhookClient, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post_hook()
    client.run_queue_function()
    monkeypatch.setattr("contact_import.pipelines.callbacks.read_callback", pytest.fail)

    assert _notify(s3) == [{"batchItemFailures": []}]
