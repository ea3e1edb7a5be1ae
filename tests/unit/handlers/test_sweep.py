"""SweepFunction: what lost its event is queued again."""

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from contact_import.domain.object_keys import make_orphaned_key
from contact_import.errors import SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import UnexpectedError
from contact_import.handlers.sweep import on_sweep
from contact_import.pipelines import recovery

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_without_a_queue_it_cannot_be_set_up(context: Any) -> None:
    with pytest.raises(SettingsError, match="UPLOAD_QUEUE_URL is not set"):
        on_sweep({}, context)


@pytest.fixture
def receive(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Store a submission that is not queued. Return a function that receives the messages of its queue."""
    sqs = boto3.client("sqs")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("uploads", "submissions")]
    monkeypatch.setenv("UPLOAD_QUEUE_URL", urls[0])
    monkeypatch.setenv("QUEUE_URL", urls[1])
    dependencies.get_settings.cache_clear()
    s3.put_object(Bucket="contacts", Key=make_orphaned_key("0" * 24, date(2026, 11, 23)), Body=b"")
    return lambda: sqs.receive_message(QueueUrl=urls[1])["Messages"]


def test_a_submission_that_was_stored_and_not_queued_is_queued(receive: Callable[[], Any], context: Any) -> None:
    assert on_sweep({}, context) == {"orphaned": 1}

    (message,) = receive()
    assert "0" * 24 in json.dumps(message["Body"])


def test_deliveries_are_queued_before_uploads_are_looked_for(
    receive: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, context: Any
) -> None:
    """A million objects may take all of the time."""

    def fail(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(recovery, "find_overdue_uploads", fail)

    with pytest.raises(UnexpectedError):
        on_sweep({}, context)

    assert len(receive()) == 1
