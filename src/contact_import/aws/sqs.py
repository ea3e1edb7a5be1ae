"""An SQS queue."""

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

_MAX_BATCH_MESSAGES = 10  # SQS takes no more in one call


class Queue:
    """A queue by its URL. boto3 retries what AWS calls a transient error; any other error is raised."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Send a message that no reader receives for `delay_seconds` (0 to 900)."""
        self._client.send_message(QueueUrl=self._url, MessageBody=text, DelaySeconds=delay_seconds)

    def send_all(self, messages: Sequence[tuple[str, int]]) -> Iterator[bool]:
        """Send messages, each with its delay in seconds. Yield for each whether SQS accepted it."""
        for chunk in batched(messages, _MAX_BATCH_MESSAGES, strict=False):
            entries = [
                {"Id": str(number), "MessageBody": text, "DelaySeconds": delay}
                for number, (text, delay) in enumerate(chunk)
            ]
            response = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
            accepted_ids = {one["Id"] for one in response.get("Successful", [])}
            yield from (entry["Id"] in accepted_ids for entry in entries)
