"""SweepFunction: queue the uploads and deliveries that have no result, every hour."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.errors import SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import error_boundary, get_import_id, logger, tracer
from contact_import.pipelines import recovery
from contact_import.webhooks.queue_message import Message


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_sweep(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  Lambda passes both
    """Queue uploads and submissions again whose event was lost. Return how many."""
    with error_boundary():
        settings = dependencies.get_settings()
        if not settings.upload_queue_url:
            raise SettingsError("UPLOAD_QUEUE_URL is not set.")
        sqs, bucket = dependencies.get_sqs_client(), dependencies.get_bucket(settings.bucket)
        count = 0
        for upload in recovery.find_overdue_uploads(bucket, dependencies.get_utc_now()):
            sqs.send_message(QueueUrl=settings.upload_queue_url, MessageBody=events.build_upload_message(upload))
            count += 1
            logger.warning("orphaned upload queued again", import_id=get_import_id(upload))
        for import_id in recovery.find_unqueued_submissions(bucket) if settings.queue_url else ():
            sqs.send_message(QueueUrl=settings.queue_url, MessageBody=Message(import_id).to_text())
            count += 1
            logger.warning("orphaned delivery queued again", import_id=import_id)
        return {"orphaned": count}
