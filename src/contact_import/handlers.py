"""The Lambda functions: what wakes them, and what they hand on. They decide nothing."""

import os
import time
import traceback
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from contact_import import events, importer, secrets
from contact_import.bucket import Bucket
from contact_import.errors import ContactImportError
from contact_import.events import Upload
from contact_import.keys import import_id, starts_import
from contact_import.line import Key, Line
from contact_import.pace import Pace
from contact_import.sender import Sender
from contact_import.settings import Settings

logger = Logger(service="contact-import")
metrics = Metrics(namespace="ContactImport", service="contact-import")
tracer = Tracer(service="contact-import")

_KEY_SECONDS = 300  # how long a key is kept between invocations
_RESERVE_SECONDS = 30.0  # of an invocation, for writing the results


class UnexpectedError(Exception):
    """A fault of ours, without the text of its cause: that could hold a cell of the file."""


@logger.inject_lambda_context
@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_upload(event: Mapping[str, Any], context: LambdaContext) -> list[dict[str, Any]]:
    """Import each file of the event that was dropped under `incoming/` or `validate/`.

    Raise when AWS fails, so that the event comes again. Give the id, the status and the counts of each import.
    """
    metrics.add_metric(name="Events", unit=MetricUnit.Count, value=1)
    try:
        return [_import(upload, context) for upload in events.uploads(event) if starts_import(upload.key)]
    except ContactImportError:
        raise
    except Exception as error:  # noqa: BLE001  the one place that must not let any text through
        # The text of an exception may hold what it stumbled over, and the runtime logs what is raised.
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        logger.error(  # noqa: TRY400  `exception` would log the text of the exception
            "import broke off", error=type(error).__name__, where=where
        )
        raise UnexpectedError(type(error).__name__) from None


def _import(upload: Upload, context: LambdaContext) -> dict[str, Any]:
    settings = _settings()
    ident = import_id(upload.bucket, upload.key, upload.version)
    logger.info("import started", import_id=ident, size=upload.size)
    result = importer.run(upload, bucket=_bucket(upload.bucket), settings=settings, line=_line(settings, context))
    logger.info(
        "import finished",
        import_id=ident,
        status=result["status"],
        rows=result["rows"],
        requests=result["requests"],
    )
    for status, count in result["rows"].items():
        metrics.add_metric(name=f"Rows{status.title().replace('_', '')}", unit=MetricUnit.Count, value=count)
    metrics.add_metric(name="ImportsFailed", unit=MetricUnit.Count, value=int(result["status"] == "failed"))
    return {"import_id": ident, "status": result["status"], "rows": result["rows"]}


def _line(settings: Settings, context: LambdaContext) -> Line:
    seconds = context.get_remaining_time_in_millis() / 1000
    return Line(
        post=_sender(settings.cellcast_url, settings.concurrency).post,
        key=Key(partial(_key, settings.cellcast_secret)),
        pace=Pace(settings.calls_per_second),
        until=time.monotonic() + max(1.0, seconds - _RESERVE_SECONDS),
        on_ambiguous=settings.on_ambiguous,
    )


def _key(secret: str, fresh: bool) -> str:
    fetch = partial(parameters.get_secret, secret, max_age=_KEY_SECONDS, force_fetch=fresh)
    return secrets.api_key(secret, fetch)


@cache
def _settings() -> Settings:
    return Settings.from_env(os.environ)


@cache
def _bucket(name: str) -> Bucket:
    return Bucket(boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 6})), name)


@cache
def _sender(url: str, connections: int) -> Sender:
    return Sender(url, connections=connections)
