"""Each message of the webhook queue is done, waits, or failed; the last two are delivered again later."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.aws.events import QueueMessage
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_submission_key
from contact_import.pipelines.webhook.queue import ProcessedMessages, compute_wait, process_messages
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission
from tests.make_submissions import make_person, make_submission

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ONE, TWO = make_submission("one", make_person("+61491570006")), make_submission("two", make_person("+61491570156"))
DONE = ProcessedSubmission({"status": "completed"})


def _handle(
    s3: "S3Client", ended: Mapping[str, ProcessedSubmission], *bodies: str, receives: int = 1
) -> ProcessedMessages:
    for one in (ONE, TWO):
        s3.put_object(Bucket="contacts", Key=make_submission_key(one.import_id), Body=one.to_bytes())

    def run(found: Sequence[Submission]) -> Mapping[str, ProcessedSubmission]:
        return {one.import_id: ended[one.import_id] for one in found}

    messages = [QueueMessage(f"m{number}", body, "handle", receives) for number, body in enumerate(bodies)]
    return process_messages(messages, bucket=Bucket(s3, "contacts"), import_submissions=run, chance=lambda: 1.0)


def _retries(processed: ProcessedMessages) -> list[tuple[str, int]]:
    return [(message.message_id, delay) for message, delay in processed.retries]


def test_what_is_over_is_over(s3: "S3Client") -> None:
    assert _handle(s3, {ONE.import_id: DONE}, Message(ONE.import_id).to_text()).retries == []


def test_what_is_not_over_comes_again_later_each_time_and_is_no_failure(s3: "S3Client") -> None:
    text, delays = Message(ONE.import_id).to_text(), []
    for receives in range(1, 60):
        handled = _handle(s3, {ONE.import_id: ProcessedSubmission()}, text, receives=receives)
        ((name, delay),) = _retries(handled)
        delays.append(delay)
        assert (name, handled.waiting_count, handled.error_names) == ("m0", 1, [])

    assert delays == sorted(delays)
    assert (delays[0], delays[10], delays[-1]) == (10, 900, 3600)


def test_a_wait_that_was_asked_for_is_kept(s3: "S3Client") -> None:
    handled = _handle(s3, {ONE.import_id: ProcessedSubmission(retry_after=300.0)}, Message(ONE.import_id).to_text())

    assert _retries(handled) == [("m0", 300)]


@given(receives=st.integers(1, 1000), jitter=st.floats(0, 1), minimum=st.floats(0, 50_000))
def test_a_wait_grows_and_stays_within_what_sqs_allows(receives: int, jitter: float, minimum: float) -> None:
    delay = compute_wait(receives, jitter, minimum)

    assert round(min(minimum, 900)) <= delay <= 3600
    assert compute_wait(receives + 1, jitter, minimum) >= delay


@pytest.mark.parametrize(
    "poison",
    ["", "no json", "[]", "null", "{}", '{"import_id": 7}', '{"import_id": "../../x"}', Message("0" * 24).to_text()],
)
def test_poison_is_left_to_the_queue_and_the_others_are_done(s3: "S3Client", poison: str) -> None:
    handled = _handle(s3, {ONE.import_id: DONE}, poison, Message(ONE.import_id).to_text())

    assert _retries(handled) == [("m0", 60)]
    assert len(handled.error_names) == 1
    assert handled.submissions == {ONE.import_id: DONE}


def test_what_broke_off_comes_again_by_the_queue_itself(s3: "S3Client") -> None:
    ended = {ONE.import_id: ProcessedSubmission(error=OSError("0491 570 006")), TWO.import_id: DONE}
    handled = _handle(s3, ended, Message(ONE.import_id).to_text(), Message(TWO.import_id).to_text())

    assert (_retries(handled), handled.error_names, handled.waiting_count) == ([("m0", 60)], ["OSError"], 0)


def test_two_messages_for_one_import_are_one(s3: "S3Client") -> None:
    text = Message(ONE.import_id).to_text()

    handled = _handle(s3, {ONE.import_id: ProcessedSubmission()}, text, text)

    assert _retries(handled) == [("m0", 10)]
