"""Import the submissions that wait in the queue, many in one invocation (QueueFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.cellcast.client import CellcastClient
from contact_import.errors import EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import (
    build_partial_response,
    error_boundary,
    logger,
    metrics_scope,
    report_denied_key,
    tracer,
)
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
        client = dependencies.build_client(settings, context, dependencies.SHORT_OUTAGE_TIMEOUT, is_interactive=True)
        processed = process_messages(
            messages,
            bucket=dependencies.get_bucket(settings.bucket),
            import_submissions=dependencies.build_submission_batch(settings, client).run,
            chance=client.jitter,
        )
        _log_processed(processed, client)
        return build_partial_response(processed.retries, dependencies.get_delivery_queue(settings.queue_url))


def _log_processed(processed: ProcessedMessages, client: CellcastClient) -> None:
    results = [submission.result for submission in processed.submissions.values() if submission.result]
    failure_count = len(processed.error_names)
    logger.info("queue batch finished", imports=len(results), waiting=processed.waiting_count, failed=failure_count)
    with metrics_scope() as metrics:
        if failure_count:
            metrics.add_metric(name="MessagesFailed", unit=MetricUnit.Count, value=failure_count)
        if processed.waiting_count and client.stop_reason:
            metrics.add_metric(name="DeliveriesWaiting", unit=MetricUnit.Count, value=processed.waiting_count)
            logger.warning(
                "deliveries wait", why=client.stop_reason, is_failure=client.is_failure, count=processed.waiting_count
            )
    report_denied_key(client)
    for error_name in sorted(set(processed.error_names)):
        logger.error("deliveries failed", error=error_name, count=processed.error_names.count(error_name))
