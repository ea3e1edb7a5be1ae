"""An outage of six hours, in simulated time: no delivery stops, is lost or is doubled, whichever service is away."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

from contact_import.aws.sqs import Queue
from contact_import.handlers import dependencies
from contact_import.handlers.http import on_webhook
from contact_import.handlers.sweep import on_sweep
from contact_import.handlers.webhook_queue import on_queue
from local.aws.http_api import build_event
from local.aws.moto_server import create_table
from local.aws.template import read_template
from local.sandbox.faults import set_default_fault
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import WEBSITE_SECRET, WebhookClient

OUTAGE_SECONDS = 6 * 3600
DELIVERIES = read_template()["Resources"]["Deliveries"]["Properties"]
_BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
_SWEEP_SECONDS = 15 * 60
_SENDER_RETRY_SECONDS = 3600
# A minute before the outage, during it, in its last minute, and after it.
_POSTED_AT = {
    "0491570006": -60,
    "0491570156": 3600,
    "0491570157": OUTAGE_SECONDS - 60,
    "0491570158": OUTAGE_SECONDS + 60,
}


class _Nothing:
    """The body of an answer without one."""

    def stream(self, **_more: object) -> Iterator[bytes]:
        return iter(())


@dataclass
class _Message:
    body: str
    visible_at: float
    receives: int = 0


@dataclass
class _World:
    """A sender, the queue of deliveries with its visibility, the functions around it, and their clock."""

    client: WebhookClient
    away: str
    clock: float = -3600.0
    queue: dict[str, _Message] = field(default_factory=dict)
    finished_at: dict[str, float] = field(default_factory=dict)
    to_post: dict[str, float] = field(default_factory=lambda: dict(_POSTED_AT))
    posted: dict[str, str] = field(default_factory=dict)  # the import id of what was answered with 200, by its number

    def is_away(self, name: str) -> bool:
        """Return whether a service, or a table of DynamoDB, is away now."""
        return name == self.away and 0 <= self.clock < OUTAGE_SECONDS

    def send(self, text: str, delay: int) -> None:
        if self.is_away("sqs"):
            raise OSError("SQS is away")
        name = f"message {len(self.queue) + len(self.finished_at)}"
        self.queue[name] = _Message(text, self.clock + delay)

    def postpone(self, messages: Sequence[tuple[str, int]]) -> int:
        if self.is_away("sqs"):
            return len(messages)
        for name, delay in messages:
            self.queue[name].visible_at = self.clock + delay
        return 0

    def run(self) -> None:
        """Let time pass until everything is posted and imported, two days at most."""
        next_sweep = self.clock
        while self.to_post or self.queue or len(self.posted) > len(self.finished_at):
            moments = [next_sweep, *self.to_post.values()]
            if not self.is_away("sqs"):  # which delivers nothing then
                moments += [message.visible_at for message in self.queue.values()]
            elif self.queue:
                moments.append(OUTAGE_SECONDS)
            self.clock = max(self.clock, min(moments))
            assert self.clock < 2 * 24 * 3600, (self.queue, self.to_post)
            self._restart_functions()
            if self.clock >= next_sweep:
                next_sweep += _SWEEP_SECONDS
                self._sweep()
            self._post()
            self._receive()

    def _restart_functions(self) -> None:
        """Let each invocation begin as in a new process: nothing that was read before the outage helps."""
        dependencies.get_sender_config_cache.cache_clear()
        parameters.clear_caches()  # type: ignore[no-untyped-call]
        if self.is_away("cellcast"):
            set_default_fault(self.client.sandbox, "503 html")
        else:
            self.client.sandbox.default_fault = None

    def _post(self) -> None:
        for number, moment in list(self.to_post.items()):
            if moment > self.clock:
                continue
            body = json.dumps({"name": "Ann", "mobile": number}).encode()
            headers = {"Host": "api.example", "Content-Type": "application/json"}.items()
            event = build_event("POST", f"/hooks/website?token={WEBSITE_SECRET}", headers, body)
            response = on_webhook(event, self.client.make_context("WebhookFunction"))
            assert response["statusCode"] in (200, 503)
            if response["statusCode"] == 200:
                self.posted[number] = json.loads(response["body"])["import_id"]
                del self.to_post[number]
            else:
                assert int(response["headers"]["retry-after"]) > 0
                self.to_post[number] = self.clock + _SENDER_RETRY_SECONDS

    def _sweep(self) -> None:
        try:
            on_sweep({}, self.client.make_context("SweepFunction"))
        except Exception:  # noqa: BLE001  Lambda counts the error, and the schedule invokes it again
            assert self.is_away("s3") or self.is_away("sqs")

    def _receive(self) -> None:
        due = {name: one for name, one in self.queue.items() if one.visible_at <= self.clock}
        if not due or self.is_away("sqs"):
            return
        records = []
        for name, message in due.items():
            message.receives += 1
            message.visible_at = self.clock + DELIVERIES["VisibilityTimeout"]
            assert message.receives <= DELIVERIES["RedrivePolicy"]["maxReceiveCount"], "it would be given up"
            attributes = {"ApproximateReceiveCount": str(message.receives)}
            records.append(
                {"messageId": name, "receiptHandle": name, "body": message.body, "attributes": attributes,
                 "eventSource": "aws:sqs"}
            )  # fmt: skip
        response = on_queue({"Records": records}, self.client.make_context("QueueFunction"))
        left = {one["itemIdentifier"] for one in response["batchItemFailures"]}
        for name in due.keys() - left:
            self.finished_at[json.loads(self.queue.pop(name).body)["import_id"]] = self.clock


@pytest.fixture
def world(webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> _World:
    world = _World(webhook_client, request.param)

    answer_as_aws: Any = BotocoreStubber.__call__

    # In place of moto's answer, not before it: botocore calls both, and moto would do what is not answered.
    def answer(stubber: Any, event_name: str, request: Any, **more: Any) -> AWSResponse | None:
        service = event_name.split(".")[1]
        table = json.loads(request.body)["TableName"] if service == "dynamodb" else ""
        is_away = world.is_away(service) or world.is_away(table)
        if is_away:
            return AWSResponse(request.url, 503, HTTPHeaders(), _Nothing())
        answered: AWSResponse | None = answer_as_aws(stubber, event_name=event_name, request=request, **more)
        return answered

    create_table(boto3.client("dynamodb"), "rate")
    monkeypatch.setenv("RATE_TABLE", "rate")
    monkeypatch.setenv("UPLOAD_QUEUE_URL", webhook_client.url)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    monkeypatch.setattr(BotocoreStubber, "__call__", answer)
    monkeypatch.setattr(Queue, "send", lambda _queue, text, delay=0: world.send(text, delay))
    monkeypatch.setattr(Queue, "postpone", lambda _queue, messages: world.postpone(messages))
    monkeypatch.setattr(dependencies, "get_utc_now", lambda: _BEGIN + timedelta(seconds=world.clock))
    monkeypatch.setattr(dependencies, "SHORT_OUTAGE_TIMEOUT", 0.01)
    clear_caches()
    return world


@pytest.mark.parametrize("world", ["cellcast", "s3", "sqs", "secrets-manager", "dynamodb", "rate"], indirect=True)
def test_no_delivery_stops_is_lost_or_doubled_in_an_outage_of_six_hours(world: _World) -> None:
    world.run()

    assert sorted(world.client.sandbox.numbers) == sorted(f"+61{number[1:]}" for number in _POSTED_AT)
    for number, import_id in world.posted.items():
        result = world.client.get_import(import_id)
        assert (result.status, result.json["rows"]["accepted"]) == (200, 1), number
        assert result.json["requests"]["possibly_repeated"] == 0
    # What waited goes on within a quarter of an hour; what was answered with 503 comes again within the sender's hour.
    assert max(world.finished_at.values()) <= OUTAGE_SECONDS + max(900, _SENDER_RETRY_SECONDS)
    if world.away in ("cellcast", "sqs", "dynamodb", "rate"):
        assert world.posted.keys() == _POSTED_AT.keys()
    waited = world.finished_at[world.posted["0491570156"]] >= OUTAGE_SECONDS
    if world.away == "dynamodb":  # the claims of deliveries are there, so nothing is sent
        assert waited
    if world.away == "rate":  # without the account's rate, nothing but the pace is lost
        assert not waited
