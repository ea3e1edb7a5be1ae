"""What all handlers share: no foreign text leaves them, and each invocation has its own metrics."""

import json

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from contact_import.aws.events import Upload, build_upload_message
from contact_import.errors import EventError, FileError
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


def test_each_message_that_failed_is_to_be_delivered_again(caplog: pytest.LogCaptureFixture) -> None:
    def handle(upload: Upload) -> None:
        if upload.key.endswith("odd.csv"):
            raise FileError("no list of contacts")
        if upload.key.endswith("bug.csv"):
            raise ValueError("0491 570 006")

    keys = ("fine.csv", "odd.csv", "bug.csv")
    messages = [(key, build_upload_message(Upload("contacts", f"incoming/{key}", "e", "v", 1))) for key in keys]

    answer = process_partial_response(iter([*messages, ("none", "{}")]), handle)

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["odd.csv", "bug.csv", "none"]
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
