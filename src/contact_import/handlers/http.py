"""Answer the HTTP API (WebhookFunction)."""

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.errors import ContactImportError, EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.aws_clients import RESPONSE_RESERVE_SECONDS, request_deadline
from contact_import.handlers.runtime import UnexpectedError, error_boundary, logger, report_denied_key, tracer
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.api.contacts import ContactsRoute
from contact_import.webhooks.api.history import HistoryRoute
from contact_import.webhooks.api.imports import ImportRoutes
from contact_import.webhooks.api.stop import StopRoute
from contact_import.webhooks.api.uploads.upload_routes import UploadRoutes
from contact_import.webhooks.api.uploads.upload_store import UploadStore
from contact_import.webhooks.api_gateway import format_response, parse_request
from contact_import.webhooks.deliveries import DeliveryRoute
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.routes import Routes
from contact_import.webhooks.submission import Submission

if TYPE_CHECKING:
    from contact_import.columns.user_mapping import ColumnMapping
    from contact_import.domain.labels import Labels

# API Gateway closes the connection after 30 seconds
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html), and the function has 29. The last
# 8 are for the results and the response.
_RESPONSE_RESERVE_SECONDS = 8.0
_ACCOUNT_TIMEOUT = 2.0  # of the query for the account's name: a preview must be there within 5 seconds
_PREVIEW_RESERVE_SECONDS = 27.0


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_webhook(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request: a delivery of a form or CRM, `POST /contacts`, or a query for an import.

    The response is 503 for a fault on this side. Raise EventError for an event that is no HTTP request.
    """
    seconds = dependencies.get_remaining_seconds(context) - RESPONSE_RESERVE_SECONDS
    try:
        with error_boundary(), request_deadline.limit(seconds):
            settings = dependencies.get_settings()
            return format_response(_route_request(parse_request(event, settings.public_url), settings, context))
    except EventError:
        raise
    except ContactImportError as error:
        logger.error("request was not handled", error=type(error).__name__, words=str(error))
    except UnexpectedError:  # the error boundary has logged it
        pass
    return format_response(responses.build_unavailable())


def _route_request(request: HttpRequest, settings: Settings, context: LambdaContext) -> HttpResponse:
    for name, value in (("HOOKS_SECRET", settings.hooks_secret), ("QUEUE_URL", settings.queue_url)):
        if not value:
            raise SettingsError(f"{name} is not set.")
    bucket = dependencies.get_bucket(settings.bucket)
    send = dependencies.get_delivery_queue(settings.queue_url).send
    store = SubmissionStore(bucket, send, settings.delivery_table)
    config_cache, now = dependencies.get_sender_config_cache(settings.hooks_secret), dependencies.get_utc_now
    routes = Routes(
        DeliveryRoute(settings, config_cache, store, now, logger.info),
        ContactsRoute(
            settings,
            config_cache,
            store,
            run=lambda submission: _import_now(submission, settings, context),
            now=now,
            generate_key=lambda: uuid.uuid4().hex,
            log=logger.info,
            allow_loopback_callbacks=dependencies.allows_loopback_callbacks(),
        ),
        ImportRoutes(config_cache, store, now, lambda: _get_link_key(settings), _summarize, _add_left_out_file),
        HistoryRoute(config_cache, bucket, store, _summarize),
        StopRoute(config_cache, store),
        UploadRoutes(
            config_cache,
            UploadStore(bucket),
            preview=lambda key, mapping, labels: _preview(key, mapping, labels, settings, context),
            now=now,
            generate_hex=lambda: uuid.uuid4().hex,
            log=logger.info,
            allow_loopback_callbacks=dependencies.allows_loopback_callbacks(),
        ),
    )
    return routes.handle(request)


def _get_link_key(settings: Settings) -> bytes:
    return dependencies.fetch_link_key(settings.links_secret) if settings.links_secret else b""


def _summarize(result: dict[str, Any]) -> dict[str, Any]:
    from contact_import.pipelines.history import build_summary  # noqa: PLC0415  only for a finished file

    return build_summary(result)


def _add_left_out_file(submission: Submission, result: dict[str, Any], name: str) -> bool:
    from contact_import.pipelines.webhook.submission import add_left_out_file  # noqa: PLC0415  rarely asked for

    bucket = dependencies.get_bucket(dependencies.get_settings().bucket)
    return add_left_out_file(submission, result, name, bucket, dependencies.get_utc_now)


def _preview(
    key: str, mapping: "ColumnMapping | None", labels: "Labels", settings: Settings, context: LambdaContext
) -> dict[str, Any]:
    """Return the preview of an upload, with the account that would get the contacts if `CHECK_ACCOUNT` is on."""
    from contact_import.checks.account import query_account  # noqa: PLC0415  only for the import page
    from contact_import.pipelines.preview import PreviewRequest, build_preview  # noqa: PLC0415

    account = None
    if settings.check_account:
        client = dependencies.build_client(settings, context, _ACCOUNT_TIMEOUT, _PREVIEW_RESERVE_SECONDS)
        account = query_account(client)
    return build_preview(
        PreviewRequest(key, mapping, labels),
        dependencies.get_bucket(settings.bucket),
        settings,
        account=account,
        today=dependencies.get_utc_now().date(),
        clock=lambda: -dependencies.get_remaining_seconds(context),  # counts up, as a clock does
    )


def _import_now(submission: Submission, settings: Settings, context: LambdaContext) -> tuple[str, str]:
    """Import one submission while the caller waits. Return its result as JSON, or "" and the reason why it waits."""
    client = dependencies.build_client(
        settings, context, dependencies.SHORT_OUTAGE_TIMEOUT, _RESPONSE_RESERVE_SECONDS, is_interactive=True
    )
    processed = dependencies.build_submission_batch(settings, client).run([submission])[submission.import_id]
    report_denied_key(client)
    if processed.error:
        logger.error("import deferred to the queue", error=type(processed.error).__name__)
    return json.dumps(processed.result) if processed.result else "", processed.reason
