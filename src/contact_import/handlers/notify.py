"""NotifyFunction: publish an event, and an e-mail, for each import that wrote its result.json."""

import json
import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import Upload
from contact_import.domain.object_keys import is_result_key
from contact_import.errors import EventError, SecretError, SecretUnavailableError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import logger, metrics_scope, process_partial_response, tracer
from contact_import.pipelines.history import save_history
from contact_import.reports import notifications
from contact_import.reports.metrics import build_metrics
from contact_import.settings import Settings


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
    # Built before anything is published: an error here repeats no event.
    mail = _build_mail(result, settings)
    notifier = dependencies.get_notifier(settings.notify_topic_arn)
    notifier.publish_event(notifications.build_event_detail(result, upload.key))
    if mail:
        notifier.send_email(mail.subject, mail.text)
    for metric_name, unit, value in build_metrics(result):
        metrics.add_metric(name=metric_name, unit=unit, value=value)


def _build_mail(result: Mapping[str, Any], settings: Settings) -> notifications.Notification | None:
    """Return the mail about an import, None where there is none. Its links open without a login if they can be signed.

    Raise SecretUnavailableError when the key of the links may be readable later.
    """
    if not (settings.notify_topic_arn and notifications.has_mail(result)):  # most results are of deliveries
        return None
    make_link = None
    try:
        make_link = dependencies.build_link_maker(settings)
    except SecretUnavailableError:
        raise
    except SecretError as error:
        # A mail with links to the AWS console is better than none.
        logger.warning("links not signed", error=type(error).__name__)
    region = os.environ["AWS_REGION"]
    return notifications.build_notification(
        result, region, make_link, link_days=settings.link_lifetime_days, page_address=settings.public_url
    )
