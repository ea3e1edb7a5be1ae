"""Process the messages of the webhook queue: import their submissions, and postpone those that are not finished."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from contact_import.aws.events import QueueMessage
from contact_import.aws.s3 import Bucket
from contact_import.aws.sqs import compute_retry_delay
from contact_import.errors import ContactImportError
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.intake import load_submission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_S3_THREADS = 16  # S3 takes tens of milliseconds for each submission

_BASE_WAIT_SECONDS = 10.0
_MAX_WAIT_SECONDS = 900
# After some eight hours of an outage, an hour is soon enough. With an hour, a message is received fewer than 400 times
# (the `maxReceiveCount` of the queue) in the 14 days that SQS keeps it.
_LONG_OUTAGE_RECEIVES = 40
_MAX_LONG_OUTAGE_WAIT_SECONDS = 3600


@dataclass(slots=True)
class ProcessedMessages:
    """The outcome of the messages of one event.

    `retries` has the messages that SQS must deliver again, each with the seconds until then: `waiting_count` of them
    wait for Cellcast, the others failed. `error_names` has the classes of the failures, which are safe to log.
    """

    submissions: dict[str, ProcessedSubmission] = field(default_factory=dict)
    retries: list[tuple[QueueMessage, int]] = field(default_factory=list)
    error_names: list[str] = field(default_factory=list)
    waiting_count: int = 0

    def add_failure(self, message: QueueMessage, error_name: str) -> None:
        """Record a message that failed."""
        self.retries.append((message, compute_retry_delay(message.receive_count)))
        self.error_names.append(error_name)

    def add_waiting(self, message: QueueMessage, delay: int) -> None:
        """Record a message whose submission cannot be finished now."""
        self.retries.append((message, delay))
        self.waiting_count += 1


def process_messages(
    messages: Iterable[QueueMessage],
    *,
    bucket: Bucket,
    import_submissions: Callable[[Sequence[Submission]], Mapping[str, ProcessedSubmission]],
    chance: Callable[[], float],
) -> ProcessedMessages:
    """Import the submissions that the messages name, all together.

    A submission that is not finished, because Cellcast is unavailable or rejects the key, waits longer each time. It
    waits as the same message, not as a new one: Lambda stops a function that sends to its own queue after about 16
    rounds (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html). `chance` returns a random number
    from 0 to 1, for the jitter of the delay.
    """
    processed = ProcessedMessages()
    by_import_id = _parse_messages(messages, processed)
    processed.submissions = dict(import_submissions(_load_submissions(by_import_id, bucket, processed)))
    for ident, submission in processed.submissions.items():
        message = by_import_id[ident]
        if submission.error:
            processed.add_failure(message, type(submission.error).__name__)
        elif submission.result is None:
            processed.add_waiting(message, compute_wait(message.receive_count, chance(), submission.retry_after))
    return processed


def compute_wait(receive_count: int, jitter: float, minimum: float = 0.0) -> int:
    """Return the seconds until the next attempt, at least `minimum`: 10, 20, 40, … 900, and 3,600 in a long outage.

    `jitter`, from 0 to 1, makes them up to a half shorter, to spread messages that began to wait together.
    """
    longest = _MAX_WAIT_SECONDS if receive_count <= _LONG_OUTAGE_RECEIVES else _MAX_LONG_OUTAGE_WAIT_SECONDS
    backoff = _BASE_WAIT_SECONDS * 2.0 ** min(receive_count - 1, 10) * (0.5 + jitter / 2)
    return min(longest, round(max(backoff, minimum)))


def _parse_messages(messages: Iterable[QueueMessage], processed: ProcessedMessages) -> dict[str, QueueMessage]:
    """Return the first message of each import, by its id."""
    by_import_id: dict[str, QueueMessage] = {}
    for message in messages:
        try:
            import_id = Message.from_text(message.body).import_id
        except ContactImportError as error:
            processed.add_failure(message, type(error).__name__)
        else:
            # SQS may deliver a message twice, and the sweep may add one: the others are done with the first.
            by_import_id.setdefault(import_id, message)
    return by_import_id


def _load_submissions(
    messages: Mapping[str, QueueMessage], bucket: Bucket, processed: ProcessedMessages
) -> list[Submission]:
    with ThreadPoolExecutor(_S3_THREADS) as s3_pool:
        futures = {ident: s3_pool.submit(load_submission, bucket, ident) for ident in messages}
    submissions = []
    for ident, one in futures.items():
        if error := one.exception():
            processed.add_failure(messages[ident], type(error).__name__)
        elif submission := one.result():
            submissions.append(submission)
        else:
            processed.add_failure(messages[ident], "no such submission")
    return submissions
