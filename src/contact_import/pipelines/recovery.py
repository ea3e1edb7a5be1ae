"""What was left behind: uploads and deliveries without a result, that no event will bring back by itself."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import INCOMING, ORPHANED, VALIDATE, make_webhook_prefix, starts_import
from contact_import.reports.result import ImportState

# Before that, the queue's own tries go on; after that, nobody waits for it any more, and an alarm has told.
_MIN_AGE = timedelta(hours=1)
_MAX_AGE = timedelta(days=3)


def find_overdue_uploads(bucket: Bucket, now: datetime) -> Iterator[Upload]:
    """Those that were dropped between three days and an hour ago and have no result."""
    for prefix in (INCOMING, VALIDATE):
        for upload, dropped_at in bucket.list_versions(prefix):
            is_due = _MIN_AGE <= now - dropped_at <= _MAX_AGE
            if (
                is_due
                and starts_import(upload.key)
                and not bucket.has_object(ImportState.from_upload(upload, now).result_key)
            ):
                yield upload


def find_unqueued_submissions(bucket: Bucket) -> Iterator[str]:
    """The import ids of deliveries that were kept while the queue did not take their messages."""
    for key in bucket.list_keys(ORPHANED):
        *_, year, month, day, import_id = key.split("/")
        prefix = make_webhook_prefix(import_id, date(int(year), int(month), int(day)))
        if not bucket.has_object(f"{prefix}result.json"):
            yield import_id
