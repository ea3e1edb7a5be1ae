"""The one place that tells others: the event bus, and the topic with the mail addresses."""

import json
from typing import TYPE_CHECKING, Any

from contact_import.errors import NotTakenError

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sns.client import SNSClient

    from contact_import.reports.notifications import Notice

SOURCE = "contact-import"
DETAIL_TYPE = "Contact Import Finished"


class Notifier:
    """Tells at least once: a caller that is interrupted calls again, and `import_id` tells a repeat."""

    def __init__(self, bus: "EventBridgeClient", sns: "SNSClient", topic_arn: str) -> None:
        self._bus, self._sns = bus, sns
        self._topic = topic_arn

    def tell(self, detail: dict[str, Any], notice: "Notice | None") -> None:
        """Put the event on the default bus, and the mail into the topic when there is one.

        Raise NotTakenError when the bus does not take the event: it answers 200 then, with a count
        (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
        """
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
        answer = self._bus.put_events(Entries=[entry])  # type: ignore[list-item]
        if answer["FailedEntryCount"]:
            raise NotTakenError("EventBridge did not take the event.")
        if notice and self._topic:
            self._sns.publish(TopicArn=self._topic, Subject=notice.subject, Message=notice.text)
