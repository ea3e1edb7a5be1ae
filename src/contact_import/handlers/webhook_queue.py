"""QueueFunction: import the submissions that wait in the queue, many in one invocation."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.cellcast.client import CellcastClient
from contact_import.errors import EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import error_boundary, logger, metrics_scope, tracer
from contact_import.pipelines.webhook.queue import ProcessedMessages, process_messages


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_queue(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Import the submissions of the queue's messages together. Return the messages that SQS must deliver again."""
    messages = events.parse_queue_messages(event)
    if messages is None:
        raise EventError("The event has no messages of a queue.")
    with error_boundary():
        settings = dependencies.get_settings()
        if not settings.queue_url:
            raise SettingsError("QUEUE_URL is not set.")
        client = dependencies.build_client(settings, context, dependencies.SHORT_OUTAGE_TIMEOUT)
        processed = process_messages(
            messages,
            bucket=dependencies.get_bucket(settings.bucket),
            queue=dependencies.get_delivery_queue(settings.queue_url),
            import_submissions=dependencies.build_submission_batch(settings, client).run,
            chance=client.jitter,
        )
        _log_processed(processed, client)
        return {"batchItemFailures": [{"itemIdentifier": name} for name in processed.failed_ids]}


def _log_processed(processed: ProcessedMessages, client: CellcastClient) -> None:
    results = [submission.result for submission in processed.submissions.values() if submission.result]
    logger.info(
        "queue batch finished",
        imports=len(results),
        requeued=processed.requeued_count,
        failed=len(processed.failed_ids),
    )
    if processed.requeued_count and client.stop_reason:
        logger.warning(
            "deliveries requeued", why=client.stop_reason, is_failure=client.is_failure, count=processed.requeued_count
        )
        with metrics_scope() as metrics:
            metrics.add_metric(name="DeliveriesWaiting", unit=MetricUnit.Count, value=processed.requeued_count)
    for error_name in sorted(set(processed.error_names)):
        logger.error("deliveries failed", error=error_name, count=processed.error_names.count(error_name))
