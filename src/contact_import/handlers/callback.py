"""Call back the programs that asked for it after an import (CallbackFunction)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws import events
from contact_import.aws.events import QueueMessage
from contact_import.callbacks.callback_client import CallbackClient
from contact_import.callbacks.callback_message import CallbackMessage, compute_callback_delay
from contact_import.callbacks.callback_signature import build_signed_headers
from contact_import.domain.http import USER_AGENT
from contact_import.errors import ContactImportError, EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import (
    UnexpectedError,
    build_partial_response,
    error_boundary,
    logger,
    metrics_scope,
    tracer,
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def on_callback(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  Lambda passes both
    """Post each callback of the queue. Return the messages that SQS must deliver again, each after its own delay."""
    with metrics_scope() as metrics:
        messages = events.parse_queue_messages(event)
        if messages is None:
            raise EventError("The event has no messages of a queue.")
        retries = [
            (message, compute_callback_delay(message.receive_count))
            for message in messages
            if not _process_message(message, metrics)
        ]
        url = dependencies.get_settings().callback_queue_url
        return build_partial_response(retries, dependencies.get_delivery_queue(url) if url else None)


def _process_message(message: QueueMessage, metrics: EphemeralMetrics) -> bool:
    """Return whether a message is done. Faults of the receiver and faults on this side have separate metrics."""
    try:
        with error_boundary():
            callback = CallbackMessage.from_text(message.body)
            reason = _post(callback)
    except (ContactImportError, UnexpectedError) as error:
        logger.error("callback not sent", error=type(error).__name__, words=str(error))
        metrics.add_metric(name="MessagesFailed", unit=MetricUnit.Count, value=1)
        return False
    if reason:
        logger.warning("callback failed", import_id=callback.import_id, attempt=message.receive_count, reason=reason)
        metrics.add_metric(name="CallbacksFailed", unit=MetricUnit.Count, value=1)
    else:
        logger.info("callback delivered", import_id=callback.import_id, attempt=message.receive_count)
    return not reason


def _post(callback: CallbackMessage) -> str:
    """Post one callback. Return "" if it is done, else the reason why not."""
    secret = dependencies.get_settings().callback_secret
    if not secret:
        raise SettingsError("CALLBACK_SECRET is not set.")
    # The import id is the id of the event: by it, the receiver recognises a callback that it gets twice.
    timestamp = int(dependencies.get_utc_now().timestamp())
    key = dependencies.fetch_callback_key(secret)
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        **build_signed_headers(key, callback.import_id, timestamp, callback.body),
    }
    client = CallbackClient(allow_loopback=dependencies.allows_loopback_callbacks())
    return client.post(callback.url, callback.body.encode(), headers)
