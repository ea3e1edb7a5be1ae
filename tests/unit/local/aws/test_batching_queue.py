"""The event source mapping of the webhook queue: batches, partial failures, and the last receive."""

import threading
from typing import Any

import pytest

from local.aws import batching_queue
from local.aws.batching_queue import BatchingQueue


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_BATCHING_WINDOW_SECONDS", "_POLL_SECONDS", "_RETRY_DELAY_SECONDS"):
        monkeypatch.setattr(batching_queue, name, 0.01)


def _run(queue: BatchingQueue, stop: threading.Event) -> None:
    for text in ("good", "bad"):
        queue.messages.send(text)
    queue.run_until_stopped(stop)


def test_only_the_messages_that_failed_are_received_again_as_often_as_allowed() -> None:
    stop, failures, batches = threading.Event(), list[str](), list[list[str]]()

    def function(event: Any) -> Any:
        records = event["Records"]
        batches.append([one["body"] for one in records])
        if len(batches) == 5:
            stop.set()
        return {"batchItemFailures": [{"itemIdentifier": m["messageId"]} for m in records if m["body"] == "bad"]}

    _run(BatchingQueue(function, failures.append, max_receives=5), stop)

    assert batches == [["good", "bad"], *[["bad"]] * 4]
    assert failures == ["bad"]


def test_when_the_function_raises_the_whole_batch_is_received_again() -> None:
    stop, batches = threading.Event(), list[list[str]]()

    def function(event: Any) -> Any:
        batches.append(sorted(one["body"] for one in event["Records"]))
        if len(batches) == 1:
            raise OSError
        stop.set()
        return {"batchItemFailures": []}

    _run(BatchingQueue(function, pytest.fail), stop)

    assert batches == [["bad", "good"]] * 2


def test_a_message_that_waits_when_the_stack_stops_gets_one_try() -> None:
    stop, batches = threading.Event(), list[list[str]]()
    stop.set()

    def function(event: Any) -> Any:
        batches.append([one["body"] for one in event["Records"]])
        return {"batchItemFailures": []}

    queue = BatchingQueue(function, pytest.fail)
    queue.messages.send("delayed", 900)
    queue.run_until_stopped(stop)

    assert (batches, len(queue.messages)) == ([["delayed"]], 0)


def test_a_message_is_received_after_the_time_that_it_was_postponed_by() -> None:
    stop, counts = threading.Event(), list[str]()

    def function(event: Any) -> Any:
        (record,) = event["Records"]
        counts.append(record["attributes"]["ApproximateReceiveCount"])
        queue.messages.postpone([(record["receiptHandle"], 900 if len(counts) == 2 else 0)])
        if len(counts) == 2:
            stop.set()
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}

    queue = BatchingQueue(function, pytest.fail)
    queue.messages.send("waits")
    queue.run_until_stopped(stop)

    assert (counts, len(queue.messages)) == (["1", "2", "3"], 1)
