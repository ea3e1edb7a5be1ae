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
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain import labels
from contact_import.domain.ids import compute_import_id
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import list_mapping_keys
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.roles import Role
from contact_import.files.table import Table, detect_day_first, open_table
from contact_import.ledger.import_config import ImportConfig
from contact_import.sending.batches import Batch, split_batches
from contact_import.settings import Settings

_NO_PHONE_COLUMN = "file: it has no column of phone numbers"


def collect_labels(upload: Upload, metadata: Mapping[str, str], settings: Settings) -> Labels:
    """Those of every contact of the upload."""
    return settings.default_labels + labels.parse_key_labels(upload.key) + labels.parse_metadata_labels(metadata)


def find_mapping(upload: Upload, metadata: Mapping[str, str], bucket: Bucket) -> ColumnMapping | None:
    """What somebody says of the columns: in the upload's own metadata, else in the nearest mapping.json.

    Raise FileError when that is no mapping.
    """
    if from_metadata := metadata.get("mapping", "").strip():
        return user_mapping.parse_mapping(unquote(from_metadata).encode(), "metadata")
    for key in list_mapping_keys(upload.key):
        if (body := bucket.read_up_to(key, user_mapping.MAX_BYTES + 1)) is not None:
            return user_mapping.parse_mapping(body, key)
    return None


def build_import_config(
    upload: Upload,
    bucket: Bucket,
    settings: Settings,
    *,
    import_labels: Labels,
    mapping: ColumnMapping | None,
    started_at: datetime,
) -> ImportConfig:
    """Raise FileError when the upload cannot be a list of contacts."""
    reopen = partial(bucket.open, upload.key, upload.version_id, upload.etag)
    with reopen() as stream:
        layout = open_table(stream, region=settings.phone_region, mapping=mapping).layout
    has_birthdays = Role.BIRTHDAY in layout.columns.role_indexes
    ident = compute_import_id(upload.bucket, upload.key, upload.version)
    opt_out_list = opt_outs.load_opt_outs(bucket, ident) if settings.screen_opt_outs else OptOuts()
    return ImportConfig(
        upload=upload,
        started_at=started_at,
        labels=import_labels,
        phone_region=settings.phone_region,
        mobile_only=settings.mobile_only,
        batch_max_contacts=settings.batch_max_contacts,
        batch_max_bytes=settings.batch_max_bytes,
        layout=layout,
        day_first=detect_day_first(reopen, region=settings.phone_region, layout=layout) if has_birthdays else None,
        mapping_source=mapping.source if mapping else "",
        canary_contacts=settings.canary_contacts,
        has_opt_out_list=settings.screen_opt_outs and not opt_out_list.blocking_error,
        blocking_error=opt_out_list.blocking_error,
        messages=opt_out_list.messages,
    )


@contextmanager
def open_batches(config: ImportConfig, bucket: Bucket) -> Iterator[tuple[Table, Iterator[Batch]]]:
    """The table of an upload and its batches, which are cut while they are taken."""
    upload = config.upload
    with bucket.open(upload.key, upload.version_id, upload.etag) as stream:
        table = open_table(stream, region=config.phone_region, layout=config.layout)
        table.tell = stream.tell
        yield (
            table,
            split_batches(
                validate_table(config, table, _load_opted_out(config, bucket)),
                max_contacts=config.batch_max_contacts,
                max_bytes=config.batch_max_bytes,
                canary_contacts=config.canary_contacts,
            ),
        )


def _load_opted_out(config: ImportConfig, bucket: Bucket) -> frozenset[str]:
    if not config.has_opt_out_list:
        return frozenset()
    upload = config.upload
    return opt_outs.load_opt_out_numbers(bucket, compute_import_id(upload.bucket, upload.key, upload.version))


def validate_table(
    config: ImportConfig, table: Table, opted_out: frozenset[str] = frozenset()
) -> Iterator[Contact | Outcome]:
    """One contact or one outcome for each row of the table. `opted_out` are numbers that Cellcast's list has."""
    if Role.PHONE not in table.columns.role_indexes:
        return (Outcome(row, Status.INVALID, _NO_PHONE_COLUMN) for row in table.rows)
    rules = ValidationRules(
        config.started_at.date(),
        config.phone_region,
        config.mobile_only,
        config.labels,
        config.day_first,
        opted_out,
    )
    return validate_rows(table.rows, table.columns, rules)
