"""Parse the events that invoke the functions, and build those that one function sends to another."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from contact_import.domain.ids import compute_import_id
from contact_import.errors import EventError


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that was put into the bucket. `key` is unquoted, as S3 lists it; `size` is in bytes, 0 if unknown.

    `version_id` is "" in a bucket without versioning; `etag` then identifies the content.
    """

    bucket: str
    key: str
    etag: str = ""
    version_id: str = ""
    size: int = 0

    @property
    def version(self) -> str:
        """Return the version id or, without one, the ETag: either identifies the content under the key."""
        return self.version_id or self.etag

    @property
    def import_id(self) -> str:
        """Return the id of the upload's import, the same for a repeated event and another one for other content."""
        return compute_import_id(self.bucket, self.key, self.version)


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message as SQS delivers it to a function. `receive_count` is 1 for the first delivery."""

    message_id: str
    body: str
    receipt_handle: str = ""
    receive_count: int = 1


def parse_uploads(event: Mapping[str, Any]) -> tuple[Upload, ...]:
    """Parse an S3 notification (keys URL-encoded) or an EventBridge "Object Created" (key not encoded).

    Raise EventError for any other event, so that a misconfigured rule shows up in the alarms. Sources:
    docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and ev-events.html.
    """
    try:
        if event.get("Event") == "s3:TestEvent":  # S3 sends one when a notification is set up
            return ()
        if "Records" in event:
            return tuple(_parse_notification(record["s3"]) for record in event["Records"])
        if event.get("source") == "aws.s3" and event.get("detail-type") == "Object Created":
            return (_parse_eventbridge_detail(event["detail"]),)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise EventError(f"The event does not have the format of S3: {type(error).__name__}.") from error
    raise EventError("The event is neither an S3 notification nor an EventBridge Object Created.")


def parse_queue_messages(event: Mapping[str, Any]) -> Iterator[QueueMessage] | None:
    """Return the messages of an SQS event, None for any other event."""
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return (_parse_queue_message(record) for record in records)
    return None


def _parse_queue_message(record: Mapping[str, Any]) -> QueueMessage:
    receive_count = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    return QueueMessage(record["messageId"], record["body"], record.get("receiptHandle", ""), receive_count)


def parse_upload_message(body: str) -> tuple[Upload, ...]:
    """Parse the event in the body of a queue message. Raise EventError for anything else."""
    try:
        event = json.loads(body)
    except ValueError as error:
        raise EventError("The message is not JSON.") from error
    if not isinstance(event, dict):
        raise EventError("The message is not an event.")
    return parse_uploads(event)


def build_upload_message(upload: Upload) -> str:
    """Return the body of a queue message for an upload: the event that EventBridge would have sent."""
    s3_object = {"key": upload.key, "size": upload.size, "etag": upload.etag}
    if upload.version_id:
        s3_object["version-id"] = upload.version_id
    detail = {"bucket": {"name": upload.bucket}, "object": s3_object}
    return json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})


def parse_execution_input(payload: Mapping[str, Any]) -> Upload:
    """Return the upload in the input of the state machine, which `Executions.start` writes. Raise EventError if none.

    Step Functions passes the input through unchanged, so anything else was started by hand.
    """
    try:
        return Upload(**{name: payload[name] for name in ("bucket", "key", "etag", "version_id", "size")})
    except (KeyError, TypeError) as error:
        raise EventError("The input is not an upload.") from error


def _parse_notification(s3: Mapping[str, Any]) -> Upload:
    s3_object = s3["object"]
    return Upload(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(s3_object["key"]),
        etag=s3_object.get("eTag", "").strip('"'),
        version_id=_parse_version_id(s3_object.get("versionId")),
        size=int(s3_object.get("size", 0)),
    )


def _parse_eventbridge_detail(detail: Mapping[str, Any]) -> Upload:
    s3_object = detail["object"]
    return Upload(
        bucket=detail["bucket"]["name"],
        key=s3_object["key"],
        etag=(s3_object.get("etag") or s3_object.get("eTag", "")).strip('"'),  # moto writes eTag here too
        version_id=_parse_version_id(s3_object.get("version-id")),
        size=int(s3_object.get("size", 0)),
    )


def _parse_version_id(text: str | None) -> str:
    # "null" is the version id of an object that was put while versioning was off.
    return "" if text in (None, "null") else str(text)
