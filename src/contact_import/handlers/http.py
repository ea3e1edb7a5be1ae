"""WebhookFunction: answer the HTTP API."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.domain.http import Answer, Post
from contact_import.errors import ContactImportError, EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import UnexpectedError, logger, tracer, without_texts
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.api_gateway import response, to_post
from contact_import.webhooks.intake import Reception
from contact_import.webhooks.routes import Doors
from contact_import.webhooks.submission import Submission

# API Gateway closes the connection after 30 seconds, and the function has 29. The last 8 are for the results and the
# response.
_RESERVE_SECONDS = 8.0


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_webhook(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request: a delivery of a form or CRM, `POST /contacts`, or a query for an import.

    The response is 503 when the fault is ours. Raise EventError for an event that is no HTTP request.
    """
    try:
        with without_texts():
            settings = dependencies.settings()
            return response(_answered(to_post(event, settings.public_url), settings, context))
    except EventError:
        raise
    except ContactImportError as error:
        logger.error("request was not handled", error=type(error).__name__, words=str(error))
    except UnexpectedError:  # the error boundary has logged it
        pass
    return response(responses.trouble())


def _answered(post: Post, settings: Settings, context: LambdaContext) -> Answer:
    for name, value in (("HOOKS_SECRET", settings.hooks_secret), ("QUEUE_URL", settings.queue_url)):
        if not value:
            raise SettingsError(f"{name} is not set.")
    bucket = dependencies.bucket(settings.bucket)
    doors = Doors(
        settings=settings,
        guests=dependencies.guests(settings.hooks_secret),
        reception=Reception(bucket, dependencies.messages(settings.queue_url).put),
        run=lambda submission: _run_at_once(submission, settings, context),
        now=_now,
        name=lambda: uuid.uuid4().hex,
        note=logger.info,
    )
    return doors.answer(post)


def _run_at_once(submission: Submission, settings: Settings, context: LambdaContext) -> tuple[str, str]:
    line = dependencies.line(settings, context, dependencies.UNIT_PATIENCE, _RESERVE_SECONDS)
    ended = dependencies.window(settings, line).run([submission])[submission.import_id]
    if ended.fault:
        logger.error("import is left to the queue", error=type(ended.fault).__name__)
    return json.dumps(ended.result) if ended.result else "", ended.why


def _now() -> datetime:
    return datetime.now(UTC)
