"""Import a file that was uploaded under `incoming/` or `validate/` (UploadFunction)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import starts_import
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import (
    error_boundary,
    get_import_id,
    log_result,
    logger,
    metrics_scope,
    process_partial_response,
    record_slowest_response,
    relax_garbage_collection,
    report_denied_key,
    tracer,
)
from contact_import.pipelines import inline

_OUTAGE_TIMEOUT = 45.0  # seconds to wait for Cellcast before the import is handed over to the state machine


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_upload(event: Mapping[str, Any], context: LambdaContext) -> Any:
    """Import each file of the event that was uploaded under `incoming/` or `validate/`.

    For an event of S3 or EventBridge, return the id, the status and the counts of each import, and raise if AWS fails,
    so that Lambda retries. For messages of the queue, return those that SQS must deliver again.
    """
    with metrics_scope() as metrics:
        metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
        messages = events.parse_queue_messages(event)
        if messages is None:
            with error_boundary():
                return _import_all(events.parse_uploads(event), context, metrics)
        return process_partial_response(
            messages,
            lambda upload: _import_all((upload,), context, metrics),
            metrics,
            dependencies.get_upload_queue(),
        )


def _import_all(uploads: tuple[Upload, ...], context: LambdaContext, metrics: EphemeralMetrics) -> list[dict[str, Any]]:
    return [_import_upload(upload, context, metrics) for upload in uploads if starts_import(upload.key)]


def _import_upload(upload: Upload, context: LambdaContext, metrics: EphemeralMetrics) -> dict[str, Any]:
    relax_garbage_collection()
    settings = dependencies.get_settings()
    bucket = dependencies.get_bucket(upload.bucket)
    upload = _find_upload(upload, bucket)
    logger.info("import started", import_id=get_import_id(upload), size=upload.size)
    client = dependencies.build_client(settings, context, _OUTAGE_TIMEOUT)
    result = inline.run(
        upload,
        bucket=bucket,
        settings=settings,
        client=client,
        hand_over=dependencies.build_hand_over(settings),
        now=dependencies.get_utc_now,
    )
    record_slowest_response(client, metrics)
    report_denied_key(client)
    if result is None:
        logger.info("import handed over", import_id=get_import_id(upload))
        return {"import_id": get_import_id(upload), "status": "handed_over"}
    return log_result(upload, result)


def _find_upload(upload: Upload, bucket: Bucket) -> Upload:
    """Return the upload, under its unquoted key if only that one exists.

    EventBridge sends keys unencoded, as a sample of AWS shows; S3's own notifications send them URL-encoded. A HEAD for
    the few keys that differ decides.
    """
    key = unquote_plus(upload.key)
    if key == upload.key or bucket.has_object(upload.key) or not bucket.has_object(key):
        return upload
    return replace(upload, key=key)
