"""The one place that tells others: the event bus, and the topic with the mail addresses."""

import json
from typing import TYPE_CHECKING, Any

from contact_import.errors import EventPublishError

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sns.client import SNSClient

    from contact_import.reports.notifications import Notification

EVENT_SOURCE = "contact-import"
DETAIL_TYPE = "Contact Import Finished"


class Notifier:
    """Tells at least once: a caller that is interrupted calls again, and `import_id` tells a repeat."""

    def __init__(self, bus: "EventBridgeClient", sns: "SNSClient", topic_arn: str) -> None:
        self._bus, self._sns = bus, sns
        self._topic_arn = topic_arn

    def publish(self, detail: dict[str, Any], notification: "Notification | None") -> None:
        """Put the event on the default bus, and the mail into the topic when there is one.

        Raise EventPublishError when the bus does not take the event: it answers 200 then, with a count
        (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
        """
        entry = {"Source": EVENT_SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
        response = self._bus.put_events(Entries=[entry])  # type: ignore[list-item]
        if response["FailedEntryCount"]:
            raise EventPublishError("EventBridge did not take the event.")
        if notification and self._topic_arn:
            self._sns.publish(TopicArn=self._topic_arn, Subject=notification.subject, Message=notification.text)
