"""An upload to its batches: decided once, and cut the same ever after."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from urllib.parse import unquote

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.checks import opt_outs
from contact_import.checks.opt_outs import OptOuts
from contact_import.columns import user_mapping
from contact_import.columns.header_names import Role
from contact_import.columns.user_mapping import Told
from contact_import.contacts.normalize import Rules
from contact_import.contacts.validate import Contact, judge
from contact_import.domain import labels
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import import_id, mapping_keys
from contact_import.domain.outcomes import Outcome, Status
from contact_import.files.table import Table, day_first, open_table
from contact_import.ledger.import_config import Decisions
from contact_import.sending.batches import Batch, cut
from contact_import.settings import Settings

_NO_PHONES = "file: it has no column of phone numbers"


def labels_of(upload: Upload, metadata: Mapping[str, str], settings: Settings) -> Labels:
    """Those of every contact of the upload."""
    return settings.default_labels + labels.from_key(upload.key) + labels.from_metadata(metadata)


def mapping_of(upload: Upload, metadata: Mapping[str, str], bucket: Bucket) -> Told | None:
    """What somebody says of the columns: in the upload's own metadata, else in the nearest mapping.json.

    Raise FileError when that is no mapping.
    """
    if mine := metadata.get("mapping", "").strip():
        return user_mapping.parse(unquote(mine).encode(), "metadata")
    for key in mapping_keys(upload.key):
        if (body := bucket.read_up_to(key, user_mapping.MAX_BYTES + 1)) is not None:
            return user_mapping.parse(body, key)
    return None


def decide(
    upload: Upload, bucket: Bucket, settings: Settings, *, own: Labels, told: Told | None, started_at: datetime
) -> Decisions:
    """Raise FileError when the upload cannot be a list of contacts."""
    reopen = partial(bucket.open, upload.key, upload.version_id, upload.etag)
    with reopen() as stream:
        layout = open_table(stream, region=settings.phone_region, told=told).layout
    has_birthdays = Role.BIRTHDAY in layout.columns.places
    ident = import_id(upload.bucket, upload.key, upload.version)
    screening = opt_outs.kept(bucket, ident) if settings.screen_opt_outs else OptOuts()
    return Decisions(
        upload=upload,
        started_at=started_at,
        labels=own,
        phone_region=settings.phone_region,
        mobile_only=settings.mobile_only,
        batch_max_contacts=settings.batch_max_contacts,
        batch_max_bytes=settings.batch_max_bytes,
        layout=layout,
        day_first=day_first(reopen, region=settings.phone_region, layout=layout) if has_birthdays else None,
        mapping=told.source if told else "",
        first_sip=settings.first_sip,
        is_screened=settings.screen_opt_outs and not screening.objection,
        objection=screening.objection,
        remarks=screening.remarks,
    )


@contextmanager
def opened(decisions: Decisions, bucket: Bucket) -> Iterator[tuple[Table, Iterator[Batch]]]:
    """The table of an upload and its batches, which are cut while they are taken."""
    upload = decisions.upload
    with bucket.open(upload.key, upload.version_id, upload.etag) as stream:
        table = open_table(stream, region=decisions.phone_region, layout=decisions.layout)
        table.at = stream.tell
        yield (
            table,
            cut(
                judged(decisions, table, _opted_out(decisions, bucket)),
                max_contacts=decisions.batch_max_contacts,
                max_bytes=decisions.batch_max_bytes,
                first=decisions.first_sip,
            ),
        )


def _opted_out(decisions: Decisions, bucket: Bucket) -> frozenset[str]:
    if not decisions.is_screened:
        return frozenset()
    upload = decisions.upload
    return opt_outs.numbers(bucket, import_id(upload.bucket, upload.key, upload.version))


def judged(decisions: Decisions, table: Table, opted_out: frozenset[str] = frozenset()) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row of the table. `opted_out` are numbers that Cellcast's list has."""
    if Role.PHONE not in table.columns.places:
        return (Outcome(row, Status.INVALID, _NO_PHONES) for row in table.rows)
    rules = Rules(
        decisions.started_at.date(),
        decisions.phone_region,
        decisions.mobile_only,
        decisions.labels,
        decisions.day_first,
        opted_out,
    )
    return judge(table.rows, table.columns, rules)
