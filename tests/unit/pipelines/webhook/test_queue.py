"""Each message of the webhook queue is done, queued again with a delay, or left to SQS."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_submission_key
from contact_import.errors import EventError
from contact_import.pipelines.webhook.queue import ProcessedMessages, process_messages
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission
from tests.make_submissions import make_person, make_submission

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ONE, TWO = make_submission("one", make_person("+61491570006")), make_submission("two", make_person("+61491570156"))
DONE = ProcessedSubmission({"status": "completed"})


class Post:
    """A queue that takes what it is given, or does not."""

    def __init__(self) -> None:
        self.put: list[tuple[Message, int]] = []
        self.takes = True

    def send_all(self, messages: Sequence[tuple[str, int]]) -> Iterator[bool]:
        self.put.extend((Message.from_text(text), delay) for text, delay in messages)
        return iter([self.takes] * len(messages))


@pytest.fixture
def queue() -> Post:
    return Post()


def _handle(s3: "S3Client", queue: Any, ended: Mapping[str, ProcessedSubmission], *bodies: str) -> ProcessedMessages:
    for one in (ONE, TWO):
        s3.put_object(Bucket="contacts", Key=make_submission_key(one.import_id), Body=one.to_bytes())

    def run(found: Sequence[Submission]) -> Mapping[str, ProcessedSubmission]:
        return {one.import_id: ended[one.import_id] for one in found}

    messages = [(f"m{number}", body) for number, body in enumerate(bodies)]
    return process_messages(
        messages, bucket=Bucket(s3, "contacts"), queue=queue, import_submissions=run, chance=lambda: 1.0
    )


def test_what_is_over_is_over(s3: "S3Client", queue: Post) -> None:
    handled = _handle(s3, queue, {ONE.import_id: DONE}, Message(ONE.import_id).to_text())

    assert (handled.failed_ids, queue.put) == ([], [])


def test_what_is_not_over_comes_again_later_each_time_and_never_counts_as_a_failure(
    s3: "S3Client", queue: Post
) -> None:
    delays = []
    for attempt in range(12):
        handled = _handle(s3, queue, {ONE.import_id: ProcessedSubmission()}, Message(ONE.import_id, attempt).to_text())
        message, delay = queue.put[-1]
        delays.append(delay)
        assert (handled.failed_ids, message) == ([], Message(ONE.import_id, attempt + 1))

    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (10, 900)


def test_a_wait_that_was_asked_for_is_kept(s3: "S3Client", queue: Post) -> None:
    _handle(s3, queue, {ONE.import_id: ProcessedSubmission(retry_after=300.0)}, Message(ONE.import_id).to_text())

    assert queue.put[0][1] == 300


@pytest.mark.parametrize(
    "poison",
    ["", "no json", "[]", "null", "{}", '{"import_id": 7}', '{"import_id": "../../x"}', Message("0" * 24).to_text()],
)
def test_poison_is_left_to_the_queue_and_the_others_are_done(s3: "S3Client", queue: Post, poison: str) -> None:
    handled = _handle(s3, queue, {ONE.import_id: DONE}, poison, Message(ONE.import_id).to_text())

    assert handled.failed_ids == ["m0"]
    assert handled.submissions == {ONE.import_id: DONE}


def test_what_broke_off_comes_again_by_the_queue_itself(s3: "S3Client", queue: Post) -> None:
    ended = {ONE.import_id: ProcessedSubmission(error=OSError("0491 570 006")), TWO.import_id: DONE}
    handled = _handle(s3, queue, ended, Message(ONE.import_id).to_text(), Message(TWO.import_id).to_text())

    assert (handled.failed_ids, handled.error_names) == (["m0"], ["OSError"])


def test_a_message_that_could_not_be_put_back_is_not_lost(s3: "S3Client", queue: Post) -> None:
    queue.takes = False

    handled = _handle(s3, queue, {ONE.import_id: ProcessedSubmission()}, Message(ONE.import_id).to_text())

    assert handled.failed_ids == ["m0"]


def test_two_messages_for_one_import_are_one(s3: "S3Client", queue: Post) -> None:
    text = Message(ONE.import_id).to_text()

    handled = _handle(s3, queue, {ONE.import_id: ProcessedSubmission()}, text, text)

    assert (handled.failed_ids, len(queue.put)) == ([], 1)


def test_a_message_is_what_it_says() -> None:
    assert json.loads(Message("0" * 24, 3).to_text()) == {"import_id": "0" * 24, "attempt": 3}
    with pytest.raises(EventError):
        Message.from_text(json.dumps({"import_id": "0" * 24, "attempt": -1}))
