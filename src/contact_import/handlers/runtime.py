"""Provide logging, tracing, metrics and the error boundary that all handlers share."""

import gc
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from contact_import.aws import events
from contact_import.aws.events import QueueMessage, Upload
from contact_import.aws.sqs import Queue, compute_retry_delay
from contact_import.domain.ids import compute_import_id
from contact_import.errors import ContactImportError, SettingsError, UnfinishedError

if TYPE_CHECKING:
    from contact_import.cellcast.client import CellcastClient


def _make_logger() -> Logger:
    """Return the logger. No library logs beside it: its line could contain the name of a file."""
    # Lambda sets INFO, at which botocore logs where it found credentials.
    logging.getLogger().setLevel(logging.CRITICAL)
    return Logger(service="contact-import")


logger = _make_logger()
# Only calls to Cellcast are traced: of a call to S3, the tracer would record the key, which has the name of a file. By
# default it also looks for a dozen more libraries, which slows each cold start.
tracer = Tracer(service="contact-import", patch_modules=("requests",))


# Rows are tuples without cycles. A look for garbage after every 2,000 of them, Python's default, finds nothing and took
# 6 % of an import's CPU time; after every 20,000 it still took 5 %. An import holds fewer than this at a time.
_GARBAGE_THRESHOLD = 200_000


class UnexpectedError(Exception):
    """An exception of any other class, without its text, which could contain a cell of the file."""


@contextmanager
def error_boundary() -> Iterator[None]:
    """Raise UnexpectedError instead of any exception that is no ContactImportError.

    Lambda logs the text of an exception that leaves a handler, and the text of a foreign exception may contain a cell
    of the file: `int("0491 570 006 Ada")` quotes it.
    """
    try:
        yield
    except SettingsError as error:
        report_setup_fault(str(error))
        raise
    except ContactImportError:
        raise
    except Exception as error:  # noqa: BLE001  the one place that must not let any text pass
        frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        logger.error(  # noqa: TRY400  `exception` would log the text of the exception
            "unexpected error", error=type(error).__name__, where=frames
        )
        raise UnexpectedError(type(error).__name__) from None


def relax_garbage_collection() -> None:
    """Look for cyclic garbage less often: for the functions that read a whole file."""
    gc.set_threshold(_GARBAGE_THRESHOLD)


@contextmanager
def metrics_scope() -> Iterator[EphemeralMetrics]:
    """Yield the metrics of one invocation and write them at its end, also if it fails.

    They are not shared, because `cellcast-import serve` runs several invocations in one process.
    """
    metrics = EphemeralMetrics(namespace="ContactImport", service="contact-import")
    try:
        yield metrics
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def report_setup_fault(words: str) -> None:
    """Log and count what only a person can repair: a permission, a secret, a setting or the API key.

    It is written at once, so that the alarm does not depend on what the rest of the invocation makes of the fault.
    `words` name the part, never a value, a file or a person.
    """
    metrics = EphemeralMetrics(namespace="ContactImport", service="contact-import")
    metrics.add_metric(name="SetupFaults", unit=MetricUnit.Count, value=1)
    # The metric is a part of the log line, which threads write whole: two lines that mix are no metric.
    fields: dict[str, Any] = {"words": words, **metrics.serialize_metric_set()}
    logger.error("setup fault", **fields)


def report_denied_key(client: "CellcastClient") -> None:
    """Report that Cellcast rejects the API key, if that is why the run stopped."""
    from contact_import.cellcast.credentials import API_KEY_DENIED  # noqa: PLC0415  not every function calls Cellcast

    if client.stop_reason == API_KEY_DENIED:
        report_setup_fault(API_KEY_DENIED)


def process_partial_response(
    messages: Iterable[QueueMessage],
    handle_upload: Callable[[Upload], object],
    metrics: EphemeralMetrics,
    queue: Queue | None = None,
) -> dict[str, Any]:
    """Handle each upload of the messages. Return the partial batch response: the messages to be delivered again.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html has its form. Lambda counts it as a
    success whatever it says, so only the metric `MessagesFailed` shows that messages fail. A message that `queue` can
    postpone is delivered again after some minutes.
    """
    outcomes = [(message, _process_record(message.body, handle_upload)) for message in messages]
    if failed_count := sum(outcome is _Outcome.FAILED for _, outcome in outcomes):
        metrics.add_metric(name="MessagesFailed", unit=MetricUnit.Count, value=failed_count)
    retries = [
        (message, compute_retry_delay(message.receive_count))
        for message, outcome in outcomes
        if outcome is not _Outcome.DONE
    ]
    return build_partial_response(retries, queue)


def build_partial_response(retries: Sequence[tuple[QueueMessage, int]], queue: Queue | None) -> dict[str, Any]:
    """Postpone each message by its seconds. Return the partial batch response that keeps them in the queue."""
    handles = [(message.receipt_handle, delay) for message, delay in retries if message.receipt_handle]
    if queue and handles and (left_count := queue.postpone(handles)):
        logger.warning("messages not postponed", count=left_count)
    return {"batchItemFailures": [{"itemIdentifier": message.message_id} for message, _ in retries]}


class _Outcome(Enum):
    DONE = auto()
    BUSY = auto()  # another run owns the import, or the time is up: no failure
    FAILED = auto()


def _process_record(body: str, handle_upload: Callable[[Upload], object]) -> _Outcome:
    try:
        with error_boundary():
            for upload in events.parse_upload_message(body):
                handle_upload(upload)
    except UnexpectedError:
        return _Outcome.FAILED
    except ContactImportError as error:
        logger.error("event failed", error=type(error).__name__, words=str(error))  # noqa: TRY400
        return _Outcome.BUSY if isinstance(error, UnfinishedError) else _Outcome.FAILED
    return _Outcome.DONE


def get_import_id(upload: Upload) -> str:
    """Return the id of the import that an upload starts."""
    return compute_import_id(upload.bucket, upload.key, upload.version)


def record_slowest_response(client: "CellcastClient", metrics: EphemeralMetrics) -> None:
    """Add the duration of the slowest request with contacts, in seconds, if there was one."""
    if client.slowest_seconds:
        metrics.add_metric(name="SlowestResponse", unit=MetricUnit.Seconds, value=client.slowest_seconds)


def log_result(upload: Upload, result: Mapping[str, Any]) -> dict[str, Any]:
    """Log the id, the status and the counts of a finished import, and return them."""
    logger.info(
        "import finished",
        import_id=get_import_id(upload),
        status=result["status"],
        rows=result["rows"],
        requests=result["requests"],
    )
    return {"import_id": get_import_id(upload), "status": result["status"], "rows": result["rows"]}
