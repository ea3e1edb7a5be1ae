"""Publish an event, and an e-mail, for each import that wrote its result.json (NotifyFunction)."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.domain.object_keys import is_result_key
from contact_import.errors import EventError, SecretError, SecretUnavailableError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import logger, metrics_scope, process_partial_response, tracer
from contact_import.pipelines.callbacks import build_callback
from contact_import.pipelines.history import save_history
from contact_import.reports import notifications
from contact_import.reports.metrics import build_metrics
from contact_import.settings import Settings
from contact_import.webhooks.api.signed_links import build_signed_link


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_notify(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  Lambda passes both
    """Publish a notification of each finished import. Return the messages that SQS must deliver again."""
    with metrics_scope() as metrics:
        metrics.add_metric(name="NotifyEvents", unit=MetricUnit.Count, value=1)
        messages = events.parse_queue_messages(event)
        if messages is None:
            raise EventError("The event has no messages of a queue.")
        return process_partial_response(messages, lambda upload: _send_notification(upload, metrics), metrics)


def _send_notification(upload: Upload, metrics: EphemeralMetrics) -> None:
    """Publish the event, the e-mail and the metrics of one result.json. `upload` names that object."""
    body = dependencies.get_bucket(upload.bucket).read(upload.key) if is_result_key(upload.key) else None
    if body is None:  # deleted in the meantime
        return
    result = json.loads(body)
    save_history(dependencies.get_bucket(upload.bucket), result)
    settings = dependencies.get_settings()
    # Built before anything is published: an error here makes SQS repeat the message, but no event is published twice.
    mail = _build_mail(result, settings)
    _enqueue_callback(result, upload, settings)
    notifier = dependencies.get_notifier(settings.notify_topic_arn)
    notifier.publish_event(notifications.build_event_detail(result, upload.key))
    if mail:
        notifier.send_email(mail.subject, mail.text)
    for metric_name, unit, value in build_metrics(result):
        metrics.add_metric(name=metric_name, unit=unit, value=value)


def _enqueue_callback(result: Mapping[str, Any], upload: Upload, settings: Settings) -> None:
    """Enqueue the callback that the caller of an import asked for. A second one does no harm: receivers deduplicate."""
    callback = build_callback(dependencies.get_bucket(upload.bucket), result)
    if callback is None:
        return
    if not settings.callback_queue_url:
        raise SettingsError("CALLBACK_QUEUE_URL is not set.")
    dependencies.get_delivery_queue(settings.callback_queue_url).send(callback.to_text())


def _build_mail(result: Mapping[str, Any], settings: Settings) -> notifications.Notification | None:
    """Return the mail about an import, None if it has none. Its links open without a login if they can be signed.

    Raise SecretUnavailableError if the key of the links may be readable later.
    """
    if not (settings.notify_topic_arn and notifications.has_mail(result)):  # most results are of deliveries
        return None
    make_link = None
    try:
        make_link = _build_link_maker(settings)
    except SecretUnavailableError:
        raise
    except SecretError as error:
        # A mail with links to the AWS console is better than none.
        logger.warning("links not signed", error=type(error).__name__)
    region = os.environ["AWS_REGION"]
    return notifications.build_notification(
        result, region, make_link, link_days=settings.link_lifetime_days, page_address=settings.public_url
    )


def _build_link_maker(settings: Settings) -> Callable[[str, str], str] | None:
    """Return a function that makes a link to a result file, from an import id and the file's name (`report.html`).

    A person without a token can open it for `LINK_LIFETIME_DAYS`. Return None if links are not configured.
    """
    if not (settings.links_secret and settings.public_url):
        return None
    # Fresh: a key that was replaced a minute ago would sign links that are invalid already.
    key = dependencies.fetch_link_key(settings.links_secret, fresh=True)
    expires_at = dependencies.get_utc_now() + timedelta(days=settings.link_lifetime_days)
    return lambda import_id, file_name: build_signed_link(key, settings.public_url, import_id, file_name, expires_at)
