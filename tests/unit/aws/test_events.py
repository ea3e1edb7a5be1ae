import json
from pathlib import Path
from typing import Any

import pytest

from contact_import.aws.events import (
    QueueMessage,
    Upload,
    build_upload_message,
    parse_execution_input,
    parse_queue_messages,
    parse_upload_message,
    parse_uploads,
)
from contact_import.errors import EventError

EVENTS = Path(__file__).parents[3] / "events"


def _notification(key: str, version: str | None = "v1") -> dict[str, Any]:
    s3_object = {"key": key, "eTag": '"tag"', "versionId": version, "size": 7}
    return {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "contacts"}, "object": s3_object}}]}


def test_the_key_of_a_notification_is_url_encoded() -> None:
    assert parse_uploads(_notification("incoming/a+b%2B%C3%BC.csv")) == (
        Upload("contacts", "incoming/a b+ü.csv", "tag", "v1", 7),
    )


@pytest.mark.parametrize("version", [None, "null"])
def test_without_a_version_the_etag_identifies_the_content(version: str | None) -> None:
    (upload,) = parse_uploads(_notification("a.csv", version))

    assert (upload.version_id, upload.version) == ("", "tag")


@pytest.mark.parametrize("name", ["upload_s3_notification", "upload_eventbridge"])
def test_the_examples_of_the_repository_are_uploads(name: str) -> None:
    uploads = parse_uploads(json.loads((EVENTS / f"{name}.json").read_text("utf-8")))

    assert uploads
    assert all(upload.key and upload.version and upload.import_id for upload in uploads)


def test_other_content_under_the_key_is_another_import() -> None:
    one, other = (Upload("contacts", "incoming/june.csv", "etag", version) for version in ("v1", "v2"))

    assert one.import_id == Upload("contacts", "incoming/june.csv", "another etag", "v1").import_id
    assert one.import_id != other.import_id


@pytest.mark.parametrize("event", [{}, {"Records": [{}]}, {"Records": None}, {"source": "aws.s3"}, {"detail": 1}])
def test_an_event_of_another_kind_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        parse_uploads(event)


def test_the_test_event_of_s3_has_no_upload() -> None:
    assert parse_uploads({"Event": "s3:TestEvent", "Bucket": "contacts"}) == ()


def test_messages_of_a_queue_are_distinguished_from_other_records() -> None:
    record = {"eventSource": "aws:sqs", "messageId": "1", "body": "text"}
    deployed = record | {"receiptHandle": "handle", "attributes": {"ApproximateReceiveCount": "3"}}

    assert list(parse_queue_messages({"Records": [record, deployed]}) or ()) == [
        QueueMessage("1", "text"),
        QueueMessage("1", "text", "handle", 3),
    ]
    assert parse_queue_messages(_notification("a.csv")) is None
    assert parse_queue_messages({"Records": []}) is None


@pytest.mark.parametrize("body", ["no JSON", "[]", "7", "{}"])
def test_a_message_that_is_not_an_event_is_an_error(body: str) -> None:
    with pytest.raises(EventError):
        parse_upload_message(body)


def test_the_input_of_the_state_machine_is_the_upload() -> None:
    order = {"import_id": "x", "bucket": "contacts", "key": "a", "etag": "e", "version_id": "v", "size": 1}

    assert parse_execution_input(order) == Upload("contacts", "a", "e", "v", 1)
    with pytest.raises(EventError):
        parse_execution_input({"bucket": "contacts"})


@pytest.mark.parametrize(
    "upload",
    [
        Upload("contacts", "incoming/june.csv", "etag", "version", 7),
        Upload("contacts", 'incoming/a b+%2F"ü.csv', "etag", "", 7),
    ],
)
def test_what_the_sweep_puts_into_the_queue_is_the_same_upload(upload: Upload) -> None:
    assert parse_upload_message(build_upload_message(upload)) == (upload,)
