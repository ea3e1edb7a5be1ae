"""Messages of the queue to their imports: which are over, which come again later, and which are poison."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from contact_import.aws.s3 import Bucket
from contact_import.aws.sqs import Queue
from contact_import.domain.object_keys import make_submission_key
from contact_import.errors import ContactImportError
from contact_import.pipelines.webhook_batch import ProcessedSubmission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_S3_THREADS = 16


@dataclass(slots=True)
class ProcessedMessages:
    """What became of the messages of one event.

    `failed` are the ids of those that SQS keeps, and puts aside when they fail again and again; `faults` say why,
    by the kind of error. `again` were put into the queue anew.
    """

    submissions: dict[str, ProcessedSubmission] = field(default_factory=dict)
    failed_ids: list[str] = field(default_factory=list)
    error_names: list[str] = field(default_factory=list)
    requeued_count: int = 0

    def add_failure(self, message_id: str, error_name: str) -> None:
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
    """Do the imports that the messages name, all together.

    One that is not over, because Cellcast stays away or does not take the key, is put into the queue again, with a
    longer wait each time: that does not count as a failure, so that nothing is ever put aside for an outage.
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
    """Each import once: of several messages that name it, the first stands for all."""
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
