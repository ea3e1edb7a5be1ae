"""QueueFunction: import the submissions that wait in the queue, many in one invocation."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.cellcast.client import Line
from contact_import.errors import EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import logger, tracer, without_texts
from contact_import.pipelines.webhook_queue import Handled, handle


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_queue(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Import the submissions of the queue's messages together. Return the messages that SQS must deliver again."""
    messages = events.from_queue(event)
    if messages is None:
        raise EventError("The event has no messages of a queue.")
    with without_texts():
        settings = dependencies.settings()
        if not settings.queue_url:
            raise SettingsError("QUEUE_URL is not set.")
        line = dependencies.line(settings, context, dependencies.UNIT_PATIENCE)
        handled = handle(
            messages,
            bucket=dependencies.bucket(settings.bucket),
            queue=dependencies.messages(settings.queue_url),
            run=dependencies.window(settings, line).run,
            chance=line.chance,
        )
        _log(handled, line)
        return {"batchItemFailures": [{"itemIdentifier": name} for name in handled.failed]}


def _log(handled: Handled, line: Line) -> None:
    results = [ended.result for ended in handled.ended.values() if ended.result]
    logger.info("window finished", imports=len(results), again=handled.again, failed=len(handled.failed))
    if handled.again and line.stopped:
        logger.warning("deliveries wait", why=line.stopped, is_failure=line.is_failure, count=handled.again)
        waiting = EphemeralMetrics(namespace="ContactImport", service="contact-import")
        waiting.add_metric(name="DeliveriesWaiting", unit=MetricUnit.Count, value=handled.again)
        waiting.flush_metrics()
    for kind in sorted(set(handled.faults)):
        logger.error("deliveries broke off", error=kind, count=handled.faults.count(kind))
