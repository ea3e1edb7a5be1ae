"""An EventBridge rule with its SQS queue, and the event source mapping that invokes a function with each message.

docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import json
import threading
from collections.abc import Callable
from typing import Any

import boto3

from local.aws.template import EventRoute

_POLL_SECONDS = 0.05
_MAX_MESSAGES = 10  # SQS returns no more at a time
_RETRY_DELAY_SECONDS = 1.0  # the deployed queue waits for minutes
_MAX_RECEIVES = 5  # the receives of the deployed queue span hours


class QueuePoller:
    """Creates the rule and the queue in the embedded AWS, and polls the queue.

    moto's event source mapping ignores `batchItemFailures`, so the messages are received here. `on_failure` gets the
    name of the function for each message that failed each time.
    """

    def __init__(self, route: EventRoute, function: Callable[[Any], Any], on_failure: Callable[[str], None]) -> None:
        self._route, self._function, self._on_failure = route, function, on_failure
        self._sqs = boto3.client("sqs")
        self._url: str = self._sqs.create_queue(QueueName=route.queue)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        event_bridge = boto3.client("events")
        event_bridge.put_rule(Name=route.rule, EventPattern=json.dumps(route.pattern))
        event_bridge.put_targets(Rule=route.rule, Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Invoke the function with each message until `stop` is set and the queue is empty."""
        while True:
            is_stopping = stop.wait(_POLL_SECONDS)
            received = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=_MAX_MESSAGES)
            messages = received.get("Messages", [])
            for message in messages:
                self._invoke_with_retries(message, stop)
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            if is_stopping and not messages:
                return

    def _invoke_with_retries(self, message: Any, stop: threading.Event) -> None:
        record = {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"}
        for _ in range(min(_MAX_RECEIVES, self._route.max_receives)):
            if not self._function({"Records": [record]})["batchItemFailures"]:
                return
            if stop.wait(_RETRY_DELAY_SECONDS):
                return
        self._on_failure(self._route.function)
