"""QueueFunction: what it needs, and which messages are to be delivered again."""

from typing import Any

import boto3
import pytest

from contact_import.errors import EventError, SettingsError
from contact_import.handlers import dependencies
from contact_import.handlers.webhook_queue import on_queue

MESSAGE = {"messageId": "m-1", "body": "no message of ours", "eventSource": "aws:sqs"}


def test_an_event_that_comes_over_no_queue_is_an_error(context: Any) -> None:
    with pytest.raises(EventError):
        on_queue({"Records": []}, context)


def test_without_its_queue_it_cannot_be_set_up(context: Any) -> None:
    with pytest.raises(SettingsError, match="QUEUE_URL is not set"):
        on_queue({"Records": [MESSAGE]}, context)


def test_a_message_that_it_cannot_read_is_to_be_delivered_again(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    monkeypatch.setenv("QUEUE_URL", boto3.client("sqs").create_queue(QueueName="submissions")["QueueUrl"])
    dependencies.get_settings.cache_clear()

    assert on_queue({"Records": [MESSAGE]}, context) == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
