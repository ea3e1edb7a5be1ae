"""What the handlers have in common: no text of an exception that is not ours gets out, and what is counted does."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from contact_import import events
from contact_import.errors import ContactImportError
from contact_import.events import Upload

logger = Logger(service="contact-import")


class UnexpectedError(Exception):
    """A fault of ours, without the text of its cause: that could hold a cell of the file."""


@contextmanager
def without_texts() -> Iterator[None]:
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


@contextmanager
def counting() -> Iterator[EphemeralMetrics]:
    """The metrics of one invocation, written at its end however it ends.

    They are its own: on one machine several run side by side in one process, and would write each other's.
    """
    metrics = EphemeralMetrics(namespace="ContactImport", service="contact-import")
    try:
        yield metrics
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def handled(messages: Iterator[tuple[str, str]], work: Callable[[Upload], object]) -> dict[str, Any]:
    """What SQS wants to know: the messages that must come again."""
    failed = [name for name, body in messages if not _is_done(body, work)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _is_done(body: str, work: Callable[[Upload], object]) -> bool:
    try:
        with without_texts():
            for upload in events.from_message(body):
                work(upload)
    except UnexpectedError:
        return False
    except ContactImportError as error:
        logger.error("event was not handled", error=type(error).__name__, words=str(error))  # noqa: TRY400
        return False
    return True
