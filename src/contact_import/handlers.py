"""The Lambda functions: what wakes them, and what they hand on. They decide nothing.

Each loads what only it runs when it is first called, so that none waits for what another needs.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import import clients, events
from contact_import.errors import EventError, SettingsError
from contact_import.events import Upload
from contact_import.guard import counting, handled, without_texts
from contact_import.keys import import_id, starts_import, tells_result

if TYPE_CHECKING:
    from contact_import.line import Line

logger = Logger(service="contact-import")
# What speaks with others is these two; looking for a dozen more libraries takes time at each cold start.
tracer = Tracer(service="contact-import", patch_modules=("botocore", "requests"))

_PLAN_RESERVE_SECONDS = 120.0
_INLINE_PATIENCE = 45.0
_UNIT_PATIENCE = 5.0  # the state machine waits for less money


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_upload(event: Mapping[str, Any], context: LambdaContext) -> Any:
    """Import each file of the event that was dropped under `incoming/` or `validate/`.

    For an event of S3 or EventBridge, give the id, the status and the counts of each import, and raise when AWS
    fails, so that it comes again. For messages of the queue, give those that must come again.
    """
    with counting() as metrics:
        metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
        messages = events.from_queue(event)
        if messages is None:
            with without_texts():
                return _import_all(events.uploads(event), context, metrics)
        return handled(messages, lambda upload: _import_all((upload,), context, metrics))


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_plan(event: Mapping[str, Any], context: LambdaContext) -> dict[str, str]:
    """Cut a large file into units. Give the key of the list of them."""
    from contact_import import stages  # noqa: PLC0415

    with without_texts():
        upload = events.from_execution(event)
        logger.info("plan started", import_id=_ident(upload), size=upload.size)
        manifest = stages.plan(
            upload,
            bucket=clients.bucket(upload.bucket),
            settings=clients.settings(),
            has_time=lambda: clients.seconds_left(context) > _PLAN_RESERVE_SECONDS,
        )
        logger.info("plan finished", import_id=_ident(upload))
        return {"manifest": manifest}


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_batch(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Send one unit of the plan. Give nothing: what became of it is in the ledger."""
    from contact_import import stages  # noqa: PLC0415

    with counting() as metrics, without_texts():
        try:
            name, ident, unit = str(event["bucket"]), str(event["import_id"]), int(event["unit"])
        except (KeyError, ValueError) as error:
            raise EventError("The input is not a unit of a plan.") from error
        settings = clients.settings()
        line = clients.line(settings, context, _UNIT_PATIENCE)
        logger.info("unit started", import_id=ident, unit=unit)
        metrics.add_metric(name="Units", unit=MetricUnit.Count, value=1)
        stages.deliver(ident, unit, bucket=clients.bucket(name), settings=settings, line=line)
        _note_pace(line, metrics)
        logger.info("unit finished", import_id=ident, unit=unit)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_finish(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the results of a large file, whatever became of its units."""
    from contact_import import stages  # noqa: PLC0415

    with without_texts():
        upload, settings = events.from_execution(event), clients.settings()
        result = stages.finish(
            upload,
            bucket=clients.bucket(upload.bucket),
            settings=settings,
            line=clients.line(settings, context, _UNIT_PATIENCE),
            has_failed="failure" in event,
        )
        return _told(upload, result)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_sweep(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  Lambda gives both
    """Put uploads and deliveries that were left behind into their queues again."""
    from contact_import import sweep  # noqa: PLC0415
    from contact_import.messages import Message  # noqa: PLC0415

    with without_texts():
        settings = clients.settings()
        if not settings.upload_queue_url:
            raise SettingsError("UPLOAD_QUEUE_URL is not set.")
        queue, bucket = clients.queue(), clients.bucket(settings.bucket)
        count = 0
        for upload in sweep.overdue(bucket, datetime.now(UTC)):
            queue.send_message(QueueUrl=settings.upload_queue_url, MessageBody=events.to_message(upload))
            count += 1
            logger.warning("upload was left behind", import_id=_ident(upload))
        for ident in sweep.never_queued(bucket) if settings.queue_url else ():
            queue.send_message(QueueUrl=settings.queue_url, MessageBody=Message(ident).to_text())
            count += 1
            logger.warning("delivery was left behind", import_id=ident)
        return {"left_behind": count}


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_notify(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  Lambda gives both
    """Tell of each import whose result.json was written. Give the messages that must come again."""
    with counting() as metrics:
        metrics.add_metric(name="Told", unit=MetricUnit.Count, value=1)
        messages = events.from_queue(event)
        if messages is None:
            raise EventError("The event has no messages of a queue.")
        return handled(messages, lambda upload: _tell(upload, metrics))


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_webhook(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request: what a form or a CRM sends, a call with contacts, the question how an import went."""
    from contact_import import webhook  # noqa: PLC0415

    return webhook.answer(event, context)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_queue(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Import what came in over HTTP, many deliveries at once. Give the messages that must come again."""
    from contact_import import webhook  # noqa: PLC0415

    return webhook.gather(event, context)


def _import_all(uploads: tuple[Upload, ...], context: LambdaContext, metrics: EphemeralMetrics) -> list[dict[str, Any]]:
    return [_import(upload, context, metrics) for upload in uploads if starts_import(upload.key)]


def _import(upload: Upload, context: LambdaContext, metrics: EphemeralMetrics) -> dict[str, Any]:
    from contact_import import importer  # noqa: PLC0415

    settings = clients.settings()
    logger.info("import started", import_id=_ident(upload), size=upload.size)
    line = clients.line(settings, context, _INLINE_PATIENCE)
    result = importer.run(
        upload,
        bucket=clients.bucket(upload.bucket),
        settings=settings,
        line=line,
        hand_over=clients.hand_over(settings),
    )
    _note_pace(line, metrics)
    if result is None:
        logger.info("import handed over", import_id=_ident(upload))
        return {"import_id": _ident(upload), "status": "handed_over"}
    return _told(upload, result)


def _note_pace(line: "Line", metrics: EphemeralMetrics) -> None:
    if line.slowest:
        metrics.add_metric(name="SlowestAnswer", unit=MetricUnit.Seconds, value=line.slowest)


def _told(upload: Upload, result: Mapping[str, Any]) -> dict[str, Any]:
    logger.info(
        "import finished",
        import_id=_ident(upload),
        status=result["status"],
        rows=result["rows"],
        requests=result["requests"],
    )
    return {"import_id": _ident(upload), "status": result["status"], "rows": result["rows"]}


def _tell(upload: Upload, metrics: EphemeralMetrics) -> None:
    from contact_import import notices  # noqa: PLC0415
    from contact_import.measures import measures  # noqa: PLC0415

    text = clients.bucket(upload.bucket).read(upload.key) if tells_result(upload.key) else None
    if text is None:  # deleted in the meantime: there is nothing to tell of
        return
    result = json.loads(text)
    notifier = clients.notifier(clients.settings().notify_topic_arn)
    notifier.tell(notices.detail(result, upload.key), notices.notice(result, os.environ["AWS_REGION"]))
    for name, unit, value in measures(result):
        metrics.add_metric(name=name, unit=unit, value=value)


def _ident(upload: Upload) -> str:
    return import_id(upload.bucket, upload.key, upload.version)
