"""Uploads whose import never came to its end, and that no event will bring back by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from contact_import.bucket import Bucket
from contact_import.events import Upload
from contact_import.keys import INCOMING, VALIDATE, starts_import
from contact_import.results import Import

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
