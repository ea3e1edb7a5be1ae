"""The messages of the webhook queue: which are done, which are queued again, and which SQS must deliver again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from contact_import.aws.s3 import Bucket
from contact_import.aws.sqs import Queue
from contact_import.domain.object_keys import make_submission_key
from contact_import.errors import ContactImportError
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_S3_THREADS = 16  # S3 takes tens of milliseconds for each submission


@dataclass(slots=True)
class ProcessedMessages:
    """The outcome of the messages of one event.

    `failed_ids` are the messages that SQS delivers again, and moves to the dead-letter queue after some attempts;
    `error_names` are the classes of their errors. `requeued_count` messages were queued again by us, with a delay.
    """

    submissions: dict[str, ProcessedSubmission] = field(default_factory=dict)
    failed_ids: list[str] = field(default_factory=list)
    error_names: list[str] = field(default_factory=list)
    requeued_count: int = 0

    def add_failure(self, message_id: str, error_name: str) -> None:
        """Record a message that SQS must deliver again."""
        self.failed_ids.append(message_id)
        self.error_names.append(error_name)


def process_messages(
    messages: Iterable[tuple[str, str]],
    *,
    bucket: Bucket,
    queue: Queue,
    import_submissions: Callable[[Sequence[Submission]], Mapping[str, ProcessedSubmission]],
    chance: Callable[[], float],
) -> ProcessedMessages:
    """Import the submissions that the messages name, all together.

    A submission that is not finished, because Cellcast is unavailable or rejects the key, is queued again with a
    longer delay each time. That is not a failure to SQS, so that an outage never moves a message to the dead-letter
    queue. `chance` returns a random number from 0 to 1, for the jitter of the delay.
    """
    processed = ProcessedMessages()
    by_import_id = _parse_messages(messages, processed)
    submissions = _load_submissions(
        {ident: message_id for ident, (message_id, _) in by_import_id.items()}, bucket, processed
    )
    processed.submissions = dict(import_submissions(submissions))
    retries: list[tuple[str, Message, int]] = []
    for ident, submission in processed.submissions.items():
        message_id, message = by_import_id[ident]
        if submission.error:
            processed.add_failure(message_id, type(submission.error).__name__)
        elif submission.result is None:
            delay = message.compute_delay(chance(), submission.retry_after)
            retries.append((message_id, replace(message, attempt=message.attempt + 1), delay))
    queued = queue.send_all([(message.to_text(), delay) for _, message, delay in retries])
    for (message_id, _, _), is_queued in zip(retries, queued, strict=True):
        if is_queued:
            processed.requeued_count += 1
        else:
            processed.add_failure(message_id, "not taken by the queue")
    return processed


def _parse_messages(
    messages: Iterable[tuple[str, str]], processed: ProcessedMessages
) -> dict[str, tuple[str, Message]]:
    """Return the message of each import; of several messages that name it, the first."""
    by_import_id: dict[str, tuple[str, Message]] = {}
    for message_id, text in messages:
        try:
            message = Message.from_text(text)
        except ContactImportError as error:
            processed.add_failure(message_id, type(error).__name__)
        else:
            by_import_id.setdefault(message.import_id, (message_id, message))
    return by_import_id


def _load_submissions(message_ids: Mapping[str, str], bucket: Bucket, processed: ProcessedMessages) -> list[Submission]:
    with ThreadPoolExecutor(_S3_THREADS) as s3_pool:
        futures = {ident: s3_pool.submit(_read_submission, bucket, ident) for ident in message_ids}
    submissions = []
    for ident, one in futures.items():
        if error := one.exception():
            processed.add_failure(message_ids[ident], type(error).__name__)
        elif submission := one.result():
            submissions.append(submission)
        else:
            processed.add_failure(message_ids[ident], "no such submission")
    return submissions


def _read_submission(bucket: Bucket, import_id: str) -> Submission | None:
    body = bucket.read(make_submission_key(import_id))
    return Submission.from_bytes(body) if body else None
