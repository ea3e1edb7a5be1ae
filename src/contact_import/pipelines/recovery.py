"""Recovery of orphaned imports: uploads and submissions without a result, whose events no queue delivers again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import INCOMING, ORPHANED, VALIDATE, make_webhook_prefix, starts_import
from contact_import.ledger.import_identity import ImportIdentity

# A younger upload may still be with its queue, which retries by itself. An older one has raised an alarm, and a person
# has decided about it.
_MIN_AGE = timedelta(hours=1)
_MAX_AGE = timedelta(days=3)


def find_overdue_uploads(bucket: Bucket, now: datetime) -> Iterator[Upload]:
    """Yield the uploads, replaced versions too, that are between an hour and three days old and have no result."""
    for prefix in (INCOMING, VALIDATE):
        for upload, uploaded_at in bucket.list_versions(prefix):
            is_due = _MIN_AGE <= now - uploaded_at <= _MAX_AGE
            if (
                is_due
                and starts_import(upload.key)
                and not bucket.has_object(ImportIdentity.from_upload(upload).result_key)
            ):
                yield upload


def find_unqueued_submissions(bucket: Bucket) -> Iterator[str]:
    """Yield the import ids of submissions that were stored while the queue accepted no message."""
    for key in bucket.list_keys(ORPHANED):
        *_, year, month, day, import_id = key.split("/")
        prefix = make_webhook_prefix(import_id, date(int(year), int(month), int(day)))
        if not bucket.has_object(f"{prefix}result.json"):
            yield import_id
