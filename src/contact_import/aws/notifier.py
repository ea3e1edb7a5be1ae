"""Publish that an import is finished: an event on EventBridge, and an e-mail over SNS."""

import json
from typing import TYPE_CHECKING, Any

from contact_import.errors import EventPublishError

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sns.client import SNSClient

EVENT_SOURCE = "contact-import"
DETAIL_TYPE = "Contact Import Finished"


class Notifier:
    """A publisher of finished imports. An interrupted caller publishes again: readers deduplicate by `import_id`."""

    def __init__(self, bus: "EventBridgeClient", sns: "SNSClient", topic_arn: str) -> None:
        self._bus, self._sns = bus, sns
        self._topic_arn = topic_arn

    def publish_event(self, detail: dict[str, Any]) -> None:
        """Put the event on the default bus.

        Raise EventPublishError when the bus rejects the event. The call itself succeeds even then, and its response
        counts the failed entries (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
        """
        entry = {"Source": EVENT_SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
        response = self._bus.put_events(Entries=[entry])  # type: ignore[list-item]
        if response["FailedEntryCount"]:
            raise EventPublishError("EventBridge rejected the event.")

    def send_email(self, subject: str, text: str) -> None:
        """Publish an e-mail to the SNS topic, when the stack has one."""
        if self._topic_arn:
            self._sns.publish(TopicArn=self._topic_arn, Subject=subject, Message=text)
