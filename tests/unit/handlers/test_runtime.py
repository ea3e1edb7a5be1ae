"""All handlers: no text from outside is in an error or a log, and each invocation has its own metrics."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from contact_import.aws.events import QueueMessage, Upload, build_upload_message
from contact_import.errors import EventError, FileError, UnfinishedError
from contact_import.handlers.runtime import (
    UnexpectedError,
    error_boundary,
    log_result,
    metrics_scope,
    process_partial_response,
    record_slowest_response,
)
from tests.unit.fake_endpoint import YES, Endpoint

UPLOAD = Upload("contacts", "incoming/june.csv", "etag", "version", 1)


def _format_log(caplog: pytest.LogCaptureFixture) -> str:
    """Return all that was logged, also the fields beside the messages."""
    return repr([vars(record) for record in caplog.records])


def test_an_unexpected_error_loses_its_text_and_says_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnexpectedError) as raised, error_boundary():
        int("0491 570 006")

    (record,) = map(vars, caplog.records)
    assert (record["message"], record["error"]) == ("unexpected error", "ValueError")
    assert [frame.split(":")[0] for frame in record["where"]] == [
        "error_boundary",
        "test_an_unexpected_error_loses_its_text_and_says_where_it_was",
    ]
    assert (str(raised.value), raised.value.__cause__) == ("ValueError", None)


def test_an_error_of_this_package_passes_as_it_is() -> None:
    with pytest.raises(EventError, match="words for people"), error_boundary():
        raise EventError("words for people")


def test_invocations_side_by_side_count_each_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with metrics_scope() as metrics:
        metrics.add_metric("Events", MetricUnit.Count, 1)
        with metrics_scope() as others:
            others.add_metric("Units", MetricUnit.Count, 1)
        with metrics_scope():
            pass  # nothing to count, and nothing to complain of

    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ("Units" in first, "Events" in first) == (True, False)
    assert ("Units" in second, "Events" in second) == (False, True)


def test_metrics_are_written_also_when_the_invocation_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with metrics_scope() as metrics:
            metrics.add_metric("Events", MetricUnit.Count, 1)
            raise FileError("odd")

    with pytest.raises(FileError):
        fail()

    assert json.loads(capsys.readouterr().out)["Events"] == [1.0]


class PostponingQueue:
    def __init__(self) -> None:
        self.postponed: list[tuple[str, int]] = []

    def postpone(self, messages: Sequence[tuple[str, int]]) -> int:
        self.postponed += messages
        return 0


def _make_message(key: str, receives: int = 1) -> QueueMessage:
    body = build_upload_message(Upload("contacts", f"incoming/{key}", "e", "v", 1))
    return QueueMessage(key, body, f"handle of {key}", receives)


def test_each_message_that_failed_is_counted_and_delivered_again_soon(caplog: pytest.LogCaptureFixture) -> None:
    def handle(upload: Upload) -> None:
        if upload.key.endswith("odd.csv"):
            raise FileError("no list of contacts")
        if upload.key.endswith("bug.csv"):
            raise ValueError("0491 570 006")
        if upload.key.endswith("busy.csv"):
            raise UnfinishedError("another run has it")

    queue: Any = PostponingQueue()
    messages = [
        _make_message("fine.csv"),
        _make_message("odd.csv", 3),
        _make_message("bug.csv"),
        _make_message("busy.csv"),
    ]

    with metrics_scope() as metrics:
        answer = process_partial_response([*messages, QueueMessage("none", "{}")], handle, metrics, queue)
        counted = metrics.metric_set["MessagesFailed"]["Value"]

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["odd.csv", "bug.csv", "busy.csv", "none"]
    assert queue.postponed == [("handle of odd.csv", 180), ("handle of bug.csv", 60), ("handle of busy.csv", 60)]
    assert counted == [3.0]  # another run at work is no failure
    assert "0491" not in _format_log(caplog)


def test_the_slowest_response_is_a_metric_only_where_there_was_one() -> None:
    client = Endpoint(YES).build_client()
    with metrics_scope() as metrics:
        record_slowest_response(client, metrics)
        assert not metrics.metric_set
        client.slowest_seconds = 2.5
        record_slowest_response(client, metrics)
        assert metrics.metric_set["SlowestResponse"]["Value"] == [2.5]


def test_a_result_is_logged_and_returned_without_its_rows(caplog: pytest.LogCaptureFixture) -> None:
    result = {"status": "completed", "rows": {"accepted": 1}, "requests": {"sent": 1}, "reasons": ["private"]}

    summary = log_result(UPLOAD, result)

    assert (summary["status"], summary["rows"]) == ("completed", {"accepted": 1})
    assert "private" not in json.dumps(summary) + _format_log(caplog)
