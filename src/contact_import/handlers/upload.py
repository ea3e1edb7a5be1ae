"""UploadFunction: import a file that was uploaded under `incoming/` or `validate/`."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.domain.object_keys import starts_import
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import (
    counting,
    handled,
    ident,
    log_result,
    logger,
    note_pace,
    tracer,
    without_texts,
)
from contact_import.pipelines import inline

_PATIENCE = 45.0


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_upload(event: Mapping[str, Any], context: LambdaContext) -> Any:
    """Import each file of the event that was uploaded under `incoming/` or `validate/`.

    For an event of S3 or EventBridge, return the id, the status and the counts of each import, and raise when AWS
    fails, so that Lambda retries. For messages of the queue, return those that SQS must deliver again.
    """
    with counting() as metrics:
        metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
        messages = events.from_queue(event)
        if messages is None:
            with without_texts():
                return _import_all(events.uploads(event), context, metrics)
        return handled(messages, lambda upload: _import_all((upload,), context, metrics))


def _import_all(uploads: tuple[Upload, ...], context: LambdaContext, metrics: EphemeralMetrics) -> list[dict[str, Any]]:
    return [_import(upload, context, metrics) for upload in uploads if starts_import(upload.key)]


def _import(upload: Upload, context: LambdaContext, metrics: EphemeralMetrics) -> dict[str, Any]:
    settings = dependencies.settings()
    logger.info("import started", import_id=ident(upload), size=upload.size)
    line = dependencies.line(settings, context, _PATIENCE)
    result = inline.run(
        upload,
        bucket=dependencies.bucket(upload.bucket),
        settings=settings,
        line=line,
        hand_over=dependencies.hand_over(settings),
    )
    note_pace(line, metrics)
    if result is None:
        logger.info("import handed over", import_id=ident(upload))
        return {"import_id": ident(upload), "status": "handed_over"}
    return log_result(upload, result)
