"""The deployed stack, up on this machine: bucket, rules, queue in between, and the handlers that they wake."""

import importlib
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from contact_import.settings import Settings
from local.aws import embedded_aws
from local.wiring import Wired, read_template, wired_functions

BUCKET = "contacts"
SECRET = "cellcast/api-key"
_SECONDS = 900  # a Lambda's longest time


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


@dataclass(frozen=True, slots=True)
class Stack:
    """What is up. `broken` gets the name of the error when a handler gave an event up."""

    s3: Any
    broken: list[str] = field(default_factory=list)


@contextmanager
def running_stack(cellcast_url: str, api_key: str) -> Iterator[Stack]:
    """Bring everything up as template.yaml wires it.

    Raise SettingsError when a variable of the caller's environment has a value that cannot be.
    """
    with embedded_aws() as found:
        names = {"Bucket": BUCKET, "CellcastSecretName": SECRET, "CellcastUrl": cellcast_url}
        functions = list(wired_functions(read_template(), names))
        # What the caller has set for a function (BATCH_MAX_CONTACTS=50 make run) counts; where AWS is does not.
        settings = {key: os.environ.get(key, value) for key, value in functions[0].environment.items()}
        settings |= {"BUCKET": BUCKET, "CELLCAST_SECRET": SECRET, "CELLCAST_URL": cellcast_url}
        Settings.from_env(settings)
        os.environ.update(settings | found | {"POWERTOOLS_TRACE_DISABLED": "true"})
        stack = Stack(boto3.client("s3"))
        _make(stack.s3, api_key)
        stop = threading.Event()
        threads = [threading.Thread(target=_pump, args=(wired, _queue(wired), stack, stop)) for wired in functions]
        for thread in threads:
            thread.start()
        try:
            yield stack
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _make(s3: Any, api_key: str) -> None:
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps({"api_key": api_key}))


def _queue(wired: Wired) -> str:
    """A queue that gets what the function's rules let through: moto's EventBridge cannot wake a Lambda."""
    sqs, bridge = boto3.client("sqs"), boto3.client("events")
    url: str = sqs.create_queue(QueueName=wired.name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for number, pattern in enumerate(wired.patterns):
        rule = f"{wired.name}-{number}"
        bridge.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        bridge.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def _pump(wired: Wired, url: str, stack: Stack, stop: threading.Event) -> None:
    """Wake the handler with each event, as Lambda does."""
    module, _, name = wired.handler.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    sqs = boto3.client("sqs")
    while not stop.is_set():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event: Mapping[str, Any] = json.loads(message["Body"])
            context = Context(wired.name, time.monotonic() + _SECONDS, aws_request_id=str(uuid.uuid4()))
            try:
                handler(event, context)
            except Exception as error:  # noqa: BLE001  Lambda, too, survives whatever a handler raises
                stack.broken.append(type(error).__name__)
        stop.wait(0.05)
