"""NotifyFunction: publish an event, and an e-mail, for each import that wrote its result.json."""

import json
import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.domain.object_keys import tells_result
from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import counting, handled, logger, tracer
from contact_import.reports import notifications
from contact_import.reports.metrics import measures


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_notify(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  Lambda passes both
    """Publish a notification of each finished import. Return the messages that SQS must deliver again."""
    with counting() as metrics:
        metrics.add_metric(name="Told", unit=MetricUnit.Count, value=1)
        messages = events.from_queue(event)
        if messages is None:
            raise EventError("The event has no messages of a queue.")
        return handled(messages, lambda upload: _tell(upload, metrics))


def _tell(upload: Upload, metrics: EphemeralMetrics) -> None:
    text = dependencies.bucket(upload.bucket).read(upload.key) if tells_result(upload.key) else None
    if text is None:  # deleted in the meantime
        return
    result = json.loads(text)
    notifier = dependencies.notifier(dependencies.settings().notify_topic_arn)
    notifier.tell(notifications.detail(result, upload.key), notifications.notice(result, os.environ["AWS_REGION"]))
    for name, unit, value in measures(result):
        metrics.add_metric(name=name, unit=unit, value=value)
