"""Queue the uploads and deliveries that have no result, every quarter of an hour (SweepFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.s3 import Bucket
from contact_import.errors import SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import error_boundary, get_import_id, logger, tracer
from contact_import.pipelines import recovery
from contact_import.webhooks.queue_message import Message

_RESERVE_SECONDS = 60.0  # of the invocation, to note where the next one continues


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_sweep(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  Lambda passes both
    """Queue uploads and submissions again whose event was lost. Return how many."""
    with error_boundary():
        settings = dependencies.get_settings()
        if not settings.upload_queue_url:
            raise SettingsError("UPLOAD_QUEUE_URL is not set.")
        bucket = dependencies.get_bucket(settings.bucket)
        # Deliveries first: there are few, and the uploads may take all of the time.
        count = _queue_submissions(bucket, settings.queue_url) if settings.queue_url else 0
        return {"orphaned": count + _queue_uploads(bucket, settings.upload_queue_url, context)}


def _queue_submissions(bucket: Bucket, queue_url: str) -> int:
    count, queue = 0, dependencies.get_delivery_queue(queue_url)
    for mark, import_id in recovery.find_unqueued_submissions(bucket):
        queue.send(Message(import_id).to_text())
        bucket.delete(mark)  # after the message: a crash between the two sends a second one, and loses none
        count += 1
        logger.warning("orphaned delivery queued again", import_id=import_id)
    return count


def _queue_uploads(bucket: Bucket, queue_url: str, context: LambdaContext) -> int:
    count, queue = 0, dependencies.get_delivery_queue(queue_url)
    if waiting := queue.count_visible():
        # Uploads that no run has begun with most likely wait in this queue: a second message for each would only double
        # the work.
        logger.info("uploads not swept", waiting=waiting)
        return 0
    now, end = dependencies.get_utc_now(), _RESERVE_SECONDS
    for upload in recovery.find_overdue_uploads(bucket, now, lambda: dependencies.get_remaining_seconds(context) > end):
        queue.send(events.build_upload_message(upload))
        count += 1
        logger.warning("orphaned upload queued again", import_id=get_import_id(upload))
    return count
