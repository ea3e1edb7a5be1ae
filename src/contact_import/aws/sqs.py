"""Send messages to an SQS queue, and postpone those that failed."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import batched
from typing import TYPE_CHECKING

from contact_import.aws.s3_errors import AWS_ERRORS

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

_MAX_BATCH_MESSAGES = 10  # the limit of one call (API_ChangeMessageVisibilityBatch.html of SQS's reference)
# A webhook's people wait no longer than this after Cellcast is available again.
_MIN_RETRY_SECONDS, _MAX_RETRY_SECONDS = 60, 300


class Queue:
    """A queue by its URL. boto3 retries the errors that AWS calls transient; others are raised."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Send a message that no reader receives for `delay_seconds` (0 to 900)."""
        self._client.send_message(QueueUrl=self._url, MessageBody=text, DelaySeconds=delay_seconds)

    def count_visible(self) -> int:
        """Return the approximate number of messages that wait to be received."""
        name = "ApproximateNumberOfMessages"
        response = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])  # type: ignore[list-item]
        return int(response["Attributes"][name])  # type: ignore[index]

    def postpone(self, messages: Sequence[tuple[str, int]]) -> int:
        """Set for each receipt handle the seconds (0 to 43,200) until SQS delivers the message again.

        The function must also report the messages as failed, or Lambda deletes them. Return the number of messages that
        were not postponed: SQS delivers those after the queue's own visibility timeout.
        """
        postponed = 0
        for chunk in batched(messages, _MAX_BATCH_MESSAGES, strict=False):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": delay}
                for number, (handle, delay) in enumerate(chunk)
            ]
            with suppress(*AWS_ERRORS):
                response = self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=entries,  # type: ignore[arg-type]
                )
                postponed += len(response.get("Successful", []))
        return len(messages) - postponed


def compute_retry_delay(receive_count: int) -> int:
    """Return the seconds until a message that failed is delivered again: one minute more each time, at most five."""
    return min(_MAX_RETRY_SECONDS, _MIN_RETRY_SECONDS * max(1, receive_count))
