"""SweepFunction: queue the uploads and deliveries that have no result, every hour."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.errors import SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import ident, logger, tracer, without_texts
from contact_import.pipelines import recovery
from contact_import.webhooks.queue_message import Message


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_sweep(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  Lambda passes both
    """Put uploads and deliveries that were left behind into their queues again."""
    with without_texts():
        settings = dependencies.settings()
        if not settings.upload_queue_url:
            raise SettingsError("UPLOAD_QUEUE_URL is not set.")
        queue, bucket = dependencies.queue(), dependencies.bucket(settings.bucket)
        count = 0
        for upload in recovery.overdue(bucket, datetime.now(UTC)):
            queue.send_message(QueueUrl=settings.upload_queue_url, MessageBody=events.to_message(upload))
            count += 1
            logger.warning("upload was left behind", import_id=ident(upload))
        for import_id in recovery.never_queued(bucket) if settings.queue_url else ():
            queue.send_message(QueueUrl=settings.queue_url, MessageBody=Message(import_id).to_text())
            count += 1
            logger.warning("delivery was left behind", import_id=import_id)
        return {"left_behind": count}
