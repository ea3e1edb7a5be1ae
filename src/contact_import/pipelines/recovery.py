"""What was left behind: uploads and deliveries without a result, that no event will bring back by itself."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import INCOMING, LEFT_BEHIND, VALIDATE, starts_import, webhook_prefix
from contact_import.reports.result import Import

# Before that, the queue's own tries go on; after that, nobody waits for it any more, and an alarm has told.
_YOUNGEST = timedelta(hours=1)
_OLDEST = timedelta(days=3)


def overdue(bucket: Bucket, now: datetime) -> Iterator[Upload]:
    """Those that were dropped between three days and an hour ago and have no result."""
    for prefix in (INCOMING, VALIDATE):
        for upload, dropped_at in bucket.versions(prefix):
            is_due = _YOUNGEST <= now - dropped_at <= _OLDEST
            if is_due and starts_import(upload.key) and not bucket.has(Import.of(upload, now).result_key):
                yield upload


def never_queued(bucket: Bucket) -> Iterator[str]:
    """The import ids of deliveries that were kept while the queue did not take their messages."""
    for key in bucket.keys(LEFT_BEHIND):
        *_, year, month, day, import_id = key.split("/")
        results = webhook_prefix(import_id, date(int(year), int(month), int(day)))
        if not bucket.has(f"{results}result.json"):
            yield import_id
