"""An upload to its batches: decided once, and cut the same ever after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from contact_import import labels
from contact_import.batches import Batch, cut
from contact_import.bucket import Bucket
from contact_import.contacts import Contact, judge
from contact_import.decisions import Decisions
from contact_import.events import Upload
from contact_import.fillings import Rules
from contact_import.labels import Labels
from contact_import.outcomes import Outcome, Status
from contact_import.settings import Settings
from contact_import.spellings import Role
from contact_import.tables import Table, day_first, open_table

_NO_PHONES = "file: it has no column of phone numbers"


def labels_of(upload: Upload, bucket: Bucket, settings: Settings) -> Labels:
    """Those of every contact of the upload. Raise SourceGoneError when it is not there any more."""
    metadata = bucket.metadata(upload.key, upload.version_id, upload.etag)
    return settings.default_labels + labels.from_key(upload.key) + labels.from_metadata(metadata)


def decide(upload: Upload, bucket: Bucket, settings: Settings, own: Labels, started_at: datetime) -> Decisions:
    """Raise FileError when the upload cannot be a list of contacts."""
    reopen = partial(bucket.open, upload.key, upload.version_id, upload.etag)
    with reopen() as stream:
        layout = open_table(stream, region=settings.phone_region).layout
    has_birthdays = Role.BIRTHDAY in layout.columns.places
    return Decisions(
        upload=upload,
        started_at=started_at,
        labels=own,
        phone_region=settings.phone_region,
        mobile_only=settings.mobile_only,
        batch_max_contacts=settings.batch_max_contacts,
        batch_max_bytes=settings.batch_max_bytes,
        layout=layout,
        day_first=day_first(reopen, region=settings.phone_region) if has_birthdays else None,
    )


@contextmanager
def opened(decisions: Decisions, bucket: Bucket) -> Iterator[tuple[Table, Iterator[Batch]]]:
    """The table of an upload and its batches, which are cut while they are taken."""
    upload = decisions.upload
    with bucket.open(upload.key, upload.version_id, upload.etag) as stream:
        table = open_table(stream, region=decisions.phone_region, layout=decisions.layout)
        contacts = judged(decisions, table)
        yield table, cut(contacts, max_contacts=decisions.batch_max_contacts, max_bytes=decisions.batch_max_bytes)


def judged(decisions: Decisions, table: Table) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row of the table."""
    if Role.PHONE not in table.columns.places:
        return (Outcome(row, Status.INVALID, _NO_PHONES) for row in table.rows)
    rules = Rules(
        decisions.started_at.date(),
        decisions.phone_region,
        decisions.mobile_only,
        decisions.labels,
        decisions.day_first,
    )
    return judge(table.rows, table.columns, rules)
