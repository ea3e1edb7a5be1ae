"""Messages of the queue to their imports: which are over, which come again later, and which are poison."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from contact_import.aws.s3 import Bucket
from contact_import.aws.sqs import Queue
from contact_import.domain.object_keys import submission_key
from contact_import.errors import ContactImportError
from contact_import.pipelines.webhook_batch import Ended
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission

_HANDS = 16


@dataclass(slots=True)
class Handled:
    """What became of the messages of one event.

    `failed` are the ids of those that SQS keeps, and puts aside when they fail again and again; `faults` say why,
    by the kind of error. `again` were put into the queue anew.
    """

    ended: dict[str, Ended] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    again: int = 0

    def fail(self, message_id: str, why: str) -> None:
        self.failed.append(message_id)
        self.faults.append(why)


def handle(
    messages: Iterable[tuple[str, str]],
    *,
    bucket: Bucket,
    queue: Queue,
    run: Callable[[Sequence[Submission]], Mapping[str, Ended]],
    chance: Callable[[], float],
) -> Handled:
    """Do the imports that the messages name, all together.

    One that is not over, because Cellcast stays away or does not take the key, is put into the queue again, with a
    longer wait each time: that does not count as a failure, so that nothing is ever put aside for an outage.
    """
    handled = Handled()
    named = _named(messages, handled)
    found = _found({ident: message_id for ident, (message_id, _) in named.items()}, bucket, handled)
    handled.ended = dict(run(found))
    again: list[tuple[str, Message, int]] = []
    for ident, ended in handled.ended.items():
        message_id, message = named[ident]
        if ended.fault:
            handled.fail(message_id, type(ended.fault).__name__)
        elif ended.result is None:
            delay = message.delay(chance(), ended.wait)
            again.append((message_id, replace(message, attempt=message.attempt + 1), delay))
    taken = queue.put_all([(message.to_text(), delay) for _, message, delay in again])
    for (message_id, _, _), is_in in zip(again, taken, strict=True):
        if is_in:
            handled.again += 1
        else:
            handled.fail(message_id, "not taken by the queue")
    return handled


def _named(messages: Iterable[tuple[str, str]], handled: Handled) -> dict[str, tuple[str, Message]]:
    """Each import once: of several messages that name it, the first stands for all."""
    named: dict[str, tuple[str, Message]] = {}
    for message_id, text in messages:
        try:
            message = Message.from_text(text)
        except ContactImportError as error:
            handled.fail(message_id, type(error).__name__)
        else:
            named.setdefault(message.import_id, (message_id, message))
    return named


def _found(imports: Mapping[str, str], bucket: Bucket, handled: Handled) -> list[Submission]:
    with ThreadPoolExecutor(_HANDS) as hands:
        reading = {ident: hands.submit(_read, bucket, ident) for ident in imports}
    found = []
    for ident, one in reading.items():
        if fault := one.exception():
            handled.fail(imports[ident], type(fault).__name__)
        elif submission := one.result():
            found.append(submission)
        else:
            handled.fail(imports[ident], "no such submission")
    return found


def _read(bucket: Bucket, ident: str) -> Submission | None:
    kept = bucket.read(submission_key(ident))
    return Submission.from_bytes(kept) if kept else None
