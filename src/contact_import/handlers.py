"""The Lambda functions: what wakes them, and what they hand on. They decide nothing."""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from contact_import import events, importer, secrets, stages
from contact_import.bucket import Bucket
from contact_import.errors import ContactImportError, EventError, SettingsError
from contact_import.events import Upload
from contact_import.executions import Executions
from contact_import.keys import import_id, starts_import
from contact_import.line import Key, Line
from contact_import.pace import Pace
from contact_import.sender import Sender
from contact_import.settings import Settings
from contact_import.sweep import overdue

logger = Logger(service="contact-import")
metrics = Metrics(namespace="ContactImport", service="contact-import")
tracer = Tracer(service="contact-import")

_KEY_SECONDS = 300  # how long a key is kept between invocations
_RESERVE_SECONDS = 60.0  # of an invocation, for handing over or writing the results
_PLAN_RESERVE_SECONDS = 120.0
_INLINE_PATIENCE = 45.0
_UNIT_PATIENCE = 5.0  # the state machine waits for less money


class UnexpectedError(Exception):
    """A fault of ours, without the text of its cause: that could hold a cell of the file."""


@logger.inject_lambda_context
@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_upload(event: Mapping[str, Any], context: LambdaContext) -> Any:
    """Import each file of the event that was dropped under `incoming/` or `validate/`.

    For an event of S3 or EventBridge, give the id, the status and the counts of each import, and raise when AWS
    fails, so that it comes again. For messages of the queue, give those that must come again.
    """
    metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
    messages = events.from_queue(event)
    if messages is None:
        with _without_texts():
            return _import_all(events.uploads(event), context)
    failed = [name for name, body in messages if not _is_done(body, context)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_plan(event: Mapping[str, Any], context: LambdaContext) -> dict[str, str]:
    """Cut a large file into units. Give the key of the list of them."""
    with _without_texts():
        upload = events.from_execution(event)
        logger.info("plan started", import_id=_ident(upload), size=upload.size)
        manifest = stages.plan(
            upload,
            bucket=_bucket(upload.bucket),
            settings=_settings(),
            has_time=lambda: _seconds_left(context) > _PLAN_RESERVE_SECONDS,
        )
        logger.info("plan finished", import_id=_ident(upload))
        return {"manifest": manifest}


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_batch(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Send one unit of the plan. Give nothing: what became of it is in the ledger."""
    with _without_texts():
        try:
            name, ident, unit = str(event["bucket"]), str(event["import_id"]), int(event["unit"])
        except (KeyError, ValueError) as error:
            raise EventError("The input is not a unit of a plan.") from error
        settings = _settings()
        line = _line(settings, context, _UNIT_PATIENCE)
        logger.info("unit started", import_id=ident, unit=unit)
        stages.deliver(ident, unit, bucket=_bucket(name), settings=settings, line=line)
        logger.info("unit finished", import_id=ident, unit=unit)


@logger.inject_lambda_context
@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_finish(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the results of a large file, whatever became of its units."""
    with _without_texts():
        upload, settings = events.from_execution(event), _settings()
        result = stages.finish(
            upload,
            bucket=_bucket(upload.bucket),
            settings=settings,
            line=_line(settings, context, _UNIT_PATIENCE),
            has_failed="failure" in event,
        )
        return _told(upload, result)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_sweep(event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  Lambda gives both
    """Put uploads that were left behind into the queue again."""
    with _without_texts():
        settings = _settings()
        if not settings.upload_queue_url:
            raise SettingsError("UPLOAD_QUEUE_URL is not set.")
        queue = boto3.client("sqs")
        count = 0
        for upload in overdue(_bucket(settings.bucket), datetime.now(UTC)):
            queue.send_message(QueueUrl=settings.upload_queue_url, MessageBody=events.to_message(upload))
            count += 1
            logger.warning("upload was left behind", import_id=_ident(upload))
        return {"left_behind": count}


@contextmanager
def _without_texts() -> Iterator[None]:
    """Let no exception through but ours: the runtime logs what is raised, and its text may hold a cell."""
    try:
        yield
    except ContactImportError:
        raise
    except Exception as error:  # noqa: BLE001  the one place that must not let any text through
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        logger.error(  # noqa: TRY400  `exception` would log the text of the exception
            "import broke off", error=type(error).__name__, where=where
        )
        raise UnexpectedError(type(error).__name__) from None


def _is_done(body: str, context: LambdaContext) -> bool:
    try:
        with _without_texts():
            _import_all(events.from_message(body), context)
    except UnexpectedError:
        return False
    except ContactImportError as error:
        logger.error("event was not handled", error=type(error).__name__, words=str(error))  # noqa: TRY400
        return False
    return True


def _import_all(uploads: tuple[Upload, ...], context: LambdaContext) -> list[dict[str, Any]]:
    return [_import(upload, context) for upload in uploads if starts_import(upload.key)]


def _import(upload: Upload, context: LambdaContext) -> dict[str, Any]:
    settings = _settings()
    logger.info("import started", import_id=_ident(upload), size=upload.size)
    result = importer.run(
        upload,
        bucket=_bucket(upload.bucket),
        settings=settings,
        line=_line(settings, context, _INLINE_PATIENCE),
        hand_over=_hand_over(settings),
    )
    if result is None:
        logger.info("import handed over", import_id=_ident(upload))
        return {"import_id": _ident(upload), "status": "handed_over"}
    return _told(upload, result)


def _told(upload: Upload, result: Mapping[str, Any]) -> dict[str, Any]:
    logger.info(
        "import finished",
        import_id=_ident(upload),
        status=result["status"],
        rows=result["rows"],
        requests=result["requests"],
    )
    for status, count in result["rows"].items():
        metrics.add_metric(name=f"Rows{status.title().replace('_', '')}", unit=MetricUnit.Count, value=count)
    metrics.add_metric(name="ImportsFailed", unit=MetricUnit.Count, value=int(result["status"] == "failed"))
    return {"import_id": _ident(upload), "status": result["status"], "rows": result["rows"]}


def _ident(upload: Upload) -> str:
    return import_id(upload.bucket, upload.key, upload.version)


def _line(settings: Settings, context: LambdaContext, patience: float) -> Line:
    return Line(
        post=_sender(settings.cellcast_url, settings.concurrency).post,
        key=Key(partial(_key, settings.cellcast_secret)),
        pace=Pace(settings.calls_per_second),
        until=time.monotonic() + max(1.0, _seconds_left(context) - _RESERVE_SECONDS),
        on_ambiguous=settings.on_ambiguous,
        patience=patience,
    )


def _seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


def _key(secret: str, fresh: bool) -> str:
    fetch = partial(parameters.get_secret, secret, max_age=_KEY_SECONDS, force_fetch=fresh)
    return secrets.api_key(secret, fetch)


def _hand_over(settings: Settings) -> Callable[[Upload], None] | None:
    if not settings.state_machine_arn:
        return None
    arn = settings.state_machine_arn
    return lambda upload: Executions(boto3.client("stepfunctions"), arn).start(upload)


@cache
def _settings() -> Settings:
    return Settings.from_env(os.environ)


@cache
def _bucket(name: str) -> Bucket:
    return Bucket(boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 6})), name)


@cache
def _sender(url: str, connections: int) -> Sender:
    return Sender(url, connections=connections)
