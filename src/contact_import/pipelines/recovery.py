"""Recover orphaned imports: uploads and submissions without a result, whose events no queue delivers again.

EventBridge drops an event after 24 hours of failed deliveries
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html), and a queue can refuse a message
at the moment in which a delivery is stored. The bucket still has the upload or the submission.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import (
    INCOMING,
    ORPHANED,
    SWEEP_CURSOR,
    VALIDATE,
    make_config_key,
    make_webhook_prefix,
    starts_import,
)
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.read_ahead import read_ahead

# The age of an upload that no run has begun with: its event was lost. S3 sends none in the first minutes of a new
# bucket.
_MIN_AGE_UNTOUCHED = timedelta(minutes=10)
# A younger import that a run has begun may still be in its queue, which retries by itself. An upload that is older than
# three days has raised an alarm, and a person has decided about it.
_MIN_AGE = timedelta(hours=1)
_MAX_AGE = timedelta(days=3)
_MAX_AHEAD = 16  # uploads that are looked up in S3 at the same time


def find_overdue_uploads(bucket: Bucket, now: datetime, has_time: Callable[[], bool]) -> Iterator[Upload]:
    """Yield the uploads of the last three days, also replaced versions, that have no result and are overdue.

    An upload is overdue after an hour, or after ten minutes if no run has begun with it. Stop when `has_time` returns
    False; the next call continues with the same key.
    """
    start_after: str = (bucket.read_json(SWEEP_CURSOR) or {}).get("start_after", "")
    previous_key = key = start_after
    uploads = _list_uploads(bucket, start_after)
    for upload, is_overdue in read_ahead(
        lambda one: (one[0], _is_overdue(bucket, *one, now)), uploads, max_ahead=_MAX_AHEAD
    ):
        if upload.key != key:
            previous_key, key = key, upload.key
        if not has_time():
            bucket.put_json(SWEEP_CURSOR, {"start_after": previous_key})
            return
        if is_overdue:
            yield upload
    if start_after:
        bucket.put_json(SWEEP_CURSOR, {})


def _list_uploads(bucket: Bucket, start_after: str) -> Iterator[tuple[Upload, datetime]]:
    for prefix in (INCOMING, VALIDATE):  # in the order of their bytes, as S3 lists them
        if start_after < prefix or start_after.startswith(prefix):
            yield from bucket.list_versions(prefix, start_after if start_after.startswith(prefix) else "")


def _is_overdue(bucket: Bucket, upload: Upload, uploaded_at: datetime, now: datetime) -> bool:
    age = now - uploaded_at
    if not (starts_import(upload.key) and _MIN_AGE_UNTOUCHED <= age <= _MAX_AGE):
        return False
    if bucket.has_object(ImportIdentity.from_upload(upload).result_key):
        return False
    return age >= _MIN_AGE or not bucket.has_object(make_config_key(upload.import_id))


def find_unqueued_submissions(bucket: Bucket) -> Iterator[tuple[str, str]]:
    """Yield the key of the mark and the import id of each submission that was stored while the queue failed."""
    for key in bucket.list_keys(ORPHANED):
        *_, year, month, day, import_id = key.split("/")
        prefix = make_webhook_prefix(import_id, date(int(year), int(month), int(day)))
        if not bucket.has_object(f"{prefix}result.json"):
            yield key, import_id
