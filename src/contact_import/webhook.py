"""The HTTP doors and the queue behind them, put together with what they speak with."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import import clients, events, replies
from contact_import.doors import Doors
from contact_import.errors import ContactImportError, EventError, SettingsError
from contact_import.gateway import response, to_post
from contact_import.guard import UnexpectedError, logger, without_texts
from contact_import.posts import Answer, Post
from contact_import.reception import Reception
from contact_import.settings import Settings
from contact_import.submissions import Submission

if TYPE_CHECKING:
    from contact_import.inbox import Handled
    from contact_import.line import Line
    from contact_import.windows import Ended

# API Gateway hangs up after 30 seconds: of the function's 29, the last are for the results and the answer.
_CALL_RESERVE = 8.0
_PATIENCE = 5.0  # the queue waits for less money


def answer(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The answer to an HTTP request, whatever happens. Raise EventError for an event that is none."""
    try:
        with without_texts():
            settings = clients.settings()
            return response(_answered(to_post(event, settings.public_url), settings, context))
    except EventError:
        raise
    except ContactImportError as error:
        logger.error("request was not handled", error=type(error).__name__, words=str(error))
    except UnexpectedError:  # it is in the log already
        pass
    return response(replies.trouble())


def _answered(post: Post, settings: Settings, context: LambdaContext) -> Answer:
    for name, value in (("HOOKS_SECRET", settings.hooks_secret), ("QUEUE_URL", settings.queue_url)):
        if not value:
            raise SettingsError(f"{name} is not set.")
    bucket = clients.bucket(settings.bucket)
    doors = Doors(
        settings=settings,
        guests=clients.guests(settings.hooks_secret),
        reception=Reception(bucket, clients.messages(settings.queue_url).put),
        run=lambda submission: _run_at_once(submission, settings, context),
        now=_now,
        name=lambda: uuid.uuid4().hex,
        note=logger.info,
    )
    return doors.answer(post)


def _run_at_once(submission: Submission, settings: Settings, context: LambdaContext) -> tuple[str, str]:
    line = clients.line(settings, context, _PATIENCE, _CALL_RESERVE)
    ended = _run([submission], settings, line)[submission.import_id]
    if ended.fault:
        logger.error("import is left to the queue", error=type(ended.fault).__name__)
    return json.dumps(ended.result) if ended.result else "", ended.why


def gather(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do the imports that wait in the queue; give the messages that must come again."""
    from contact_import.inbox import handle  # noqa: PLC0415  the doors need none of it

    messages = events.from_queue(event)
    if messages is None:
        raise EventError("The event has no messages of a queue.")
    with without_texts():
        settings = clients.settings()
        if not settings.queue_url:
            raise SettingsError("QUEUE_URL is not set.")
        line = clients.line(settings, context, _PATIENCE)
        handled = handle(
            messages,
            bucket=clients.bucket(settings.bucket),
            queue=clients.messages(settings.queue_url),
            run=lambda found: _run(found, settings, line),
            chance=line.chance,
        )
        _tell(handled, line)
        return {"batchItemFailures": [{"itemIdentifier": name} for name in handled.failed]}


def _run(submissions: Sequence[Submission], settings: Settings, line: "Line") -> "dict[str, Ended]":
    from contact_import.windows import Window  # noqa: PLC0415  nor any of this

    look_up = clients.register(settings.bucket).look_up if settings.screen_opt_outs else None
    window = Window(clients.bucket(settings.bucket), line, settings.concurrency, _now, look_up=look_up)
    return window.run(submissions)


def _tell(handled: "Handled", line: "Line") -> None:
    results = [ended.result for ended in handled.ended.values() if ended.result]
    logger.info("window finished", imports=len(results), again=handled.again, failed=len(handled.failed))
    if handled.again and line.stopped:
        logger.warning("deliveries wait", why=line.stopped, is_failure=line.is_failure, count=handled.again)
        waiting = EphemeralMetrics(namespace="ContactImport", service="contact-import")
        waiting.add_metric(name="DeliveriesWaiting", unit=MetricUnit.Count, value=handled.again)
        waiting.flush_metrics()
    for kind in sorted(set(handled.faults)):
        logger.error("deliveries broke off", error=kind, count=handled.faults.count(kind))


def _now() -> datetime:
    return datetime.now(UTC)
