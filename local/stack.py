"""The deployed stack, up on this machine: bucket, rules, queues, state machine, and the handlers that they wake."""

import importlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from contact_import.handlers import dependencies
from contact_import.settings import Settings
from local.aws.execution_runner import Engine
from local.aws.memory_bucket import Shelf
from local.aws.moto_server import REGION, embedded_aws
from local.aws.template import Function, Route, Wiring
from local.aws.webhook_queue import URL, Deliveries
from local.results_download import Outbox

BUCKET = "contacts"
SECRET = "cellcast/api-key"
HOOKS_SECRET = "cellcast/hooks"
_STACK = "local"
_ACCOUNT = "123456789012"  # moto's
_LOOK_SECONDS = 0.05
_MESSAGES = 10  # SQS gives no more at once
_FAILED_AGAIN_SECONDS = 1.0  # where the deployed queue waits for an hour and a half
# Of one invocation. Two units of a large file run side by side, and a real account has 15 in all.
_CALLS_PER_SECOND = "7"


@dataclass(frozen=True, slots=True)
class Context:
    """What the Lambda runtime hands to a handler beside the event."""

    function_name: str
    until: float
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:ap-southeast-2:000000000000:function:local"
    aws_request_id: str = ""

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.until - time.monotonic()) * 1000))


@dataclass(slots=True)
class Stack:
    """What is up. `broken` gets the name of what was given up for good.

    `functions` are the handlers by the names of the template. `waiting` is, at the end, how many deliveries could not
    be brought to theirs.
    """

    s3: Any
    broken: list[str] = field(default_factory=list)
    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    waiting: int = 0
    shelf: Shelf | None = None


@contextmanager
def running_stack(
    cellcast_url: str,
    api_key: str,
    *,
    large: bool = False,
    hooks: str = "",
    outbox: Outbox | None = None,
) -> Iterator[Stack]:
    """Bring everything up as template.yaml wires it; with `large`, the state machine and every file over it.

    `hooks` is the content of the secret that says who may post; without it nobody may. `outbox` hears of each import
    that is over. Raise SettingsError when a variable of the caller's environment has a value that cannot be.
    """
    with embedded_aws() as found:
        wiring = Wiring(names())
        os.environ.update(_environment(wiring, cellcast_url, large=large) | found)
        stack = Stack(boto3.client("s3"))
        _make(stack.s3, api_key)
        stack.functions.update({one.name: _handler(one) for one in wiring.functions()})
        if outbox:
            stack.functions["NotifyFunction"] = outbox.hear_event
        # In the order in which they end: what the first bring to its end is told by the last.
        pumps: list[Callable[[threading.Event], None]] = []
        deliveries = _deliveries(stack, hooks, outbox) if hooks else None
        if deliveries:
            pumps.append(deliveries.pump)
        if large:
            pumps.extend(
                Engine(machine, stack.functions, stack.s3, stack.broken.append).pump
                for machine in wiring.state_machines()
            )
        pumps.extend(_pump(route, stack) for route in wiring.routes())
        if outbox:
            pumps.append(outbox.pump)
        with ExitStack() as running:
            for pump in reversed(pumps):
                running.enter_context(_running(pump))
            yield stack
        stack.waiting = len(deliveries.line) if deliveries else 0


@contextmanager
def _running(pump: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=pump, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _deliveries(stack: Stack, hooks: str, outbox: Outbox | None) -> Deliveries:
    deliveries = Deliveries(stack.functions["QueueFunction"], stack.broken.append)
    os.environ |= {"QUEUE_URL": URL, "HOOKS_SECRET": HOOKS_SECRET}
    boto3.client("secretsmanager").create_secret(Name=HOOKS_SECRET, SecretString=hooks)
    stack.shelf = Shelf(dependencies.bucket(BUCKET), outbox.hear if outbox else lambda _key: None)
    # The one seam between the handlers and AWS: whatever asks for the bucket or the queue gets these.
    vars(dependencies).update(bucket=lambda _name: stack.shelf, messages=lambda _url: deliveries.line)
    return deliveries


def names() -> dict[str, str]:
    return {
        "Bucket": BUCKET,
        "Bucket.Arn": f"arn:aws:s3:::{BUCKET}",
        "Uploads": "Uploads",
        "News": "News",
        "Deliveries": "Deliveries",
        "CellcastSecretName": SECRET,
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": _ACCOUNT,
        "AWS::StackName": _STACK,
    }


def _environment(wiring: Wiring, cellcast_url: str, *, large: bool) -> dict[str, str]:
    """All functions run in this one process, so that they share what they find in their environments."""
    deployed = {key: value for function in wiring.functions() for key, value in function.environment.items()}
    deployed |= {"CALLS_PER_SECOND": _CALLS_PER_SECOND} | ({"INLINE_MAX_BYTES": "1"} if large else {})
    # What the caller has set for a function (BATCH_MAX_CONTACTS=50 make run) counts; where AWS is does not.
    settings = {key: os.environ.get(key, value) for key, value in deployed.items()}
    settings |= {
        "BUCKET": BUCKET,
        "CELLCAST_SECRET": SECRET,
        "CELLCAST_URL": cellcast_url,
        "UPLOAD_QUEUE_URL": "",
        "NOTIFY_TOPIC_ARN": "",
        "QUEUE_URL": "",
    }
    settings["STATE_MACHINE_ARN"] = deployed["STATE_MACHINE_ARN"] if large else ""
    Settings.from_env(settings)
    return settings | {"POWERTOOLS_TRACE_DISABLED": "true"}


def _make(s3: Any, api_key: str) -> None:
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps({"api_key": api_key}))


def _handler(function: Function) -> Callable[[Any], Any]:
    module, _, name = function.handler.rpartition(".")
    handler = getattr(importlib.import_module(module), name)

    def invoke(event: Any) -> Any:
        until = time.monotonic() + function.seconds
        return handler(event, Context(function.name, until, aws_request_id=str(uuid.uuid4())))

    return invoke


def _pump(route: Route, stack: Stack) -> Callable[[threading.Event], None]:
    """The rule, its queue, and what wakes the function with each message (services-sqs-errorhandling.html).

    moto's own mapping knows no partial batch response, so that the messages are fetched here. It ends when it is told
    to and nothing waits any more.
    """
    sqs, bridge = boto3.client("sqs"), boto3.client("events")
    url: str = sqs.create_queue(QueueName=route.queue)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bridge.put_rule(Name=route.rule, EventPattern=json.dumps(route.pattern))
    bridge.put_targets(Rule=route.rule, Targets=[{"Id": "queue", "Arn": arn}])

    def wake(message: Any, stop: threading.Event) -> None:
        for _ in range(route.tries):
            record = {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"}
            if not stack.functions[route.function]({"Records": [record]})["batchItemFailures"]:
                return
            if stop.wait(_FAILED_AGAIN_SECONDS):
                return
        stack.broken.append(route.function)

    def pump(stop: threading.Event) -> None:
        while True:
            is_last = stop.wait(_LOOK_SECONDS)
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=_MESSAGES).get("Messages", [])
            for message in messages:
                wake(message, stop)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if is_last and not messages:
                return

    return pump
