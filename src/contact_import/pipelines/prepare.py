"""Prepare the import of a file: its configuration, decided once, and its batches, which are the same in every run."""

import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import BinaryIO
from urllib.parse import unquote

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.checks import opt_outs
from contact_import.checks.arrival import build_import_tag
from contact_import.checks.opt_outs import OptOuts
from contact_import.columns import user_mapping
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.first_pass import FirstPass
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.row_reasons import NO_PHONE_COLUMN
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain import labels
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import list_mapping_keys
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.roles import Role
from contact_import.files.table import Table, detect_date_order, open_table
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines.first_pass import load_first_pass, save_first_pass
from contact_import.pipelines.import_state import ImportState
from contact_import.sending.batches import COMMIT_GROUP_BATCHES, MAX_GROUP_CHARS, Batch, SplitPosition, split_batches
from contact_import.settings import Settings

_KEPT_BYTES = 4 * 1024 * 1024  # read several times from memory; larger files are streamed from S3 each time
_TOO_MANY_LABELS = RowWarning("file", "duplicates with too many different tags and lists; not all of them were added")


def load_or_create_config(
    state: ImportState,
    bucket: Bucket,
    settings: Settings,
    ledger: Ledger,
    has_time: Callable[[], bool] | None = None,
) -> ImportConfig:
    """Return the configuration that the first run of the import saved, or save one now. Apply it to the state.

    Raise FileError if the file cannot be a list of contacts; `state.labels` are set nevertheless, for the result. Raise
    UnfinishedError when `has_time` returns False; the next call continues.
    """
    config = ledger.find_config()
    if config is None:
        upload = state.identity.upload
        metadata = bucket.read_metadata(upload.key, upload.version_id, upload.etag)
        import_tag = build_import_tag(upload.import_id) if settings.verify and not state.identity.is_dry_run else ""
        state.labels = collect_labels(upload, metadata, settings)
        if import_tag:
            state.labels += Labels(tags=(import_tag,))
        new_config = build_import_config(
            upload,
            bucket,
            settings,
            import_labels=state.labels,
            mapping=find_mapping(upload, metadata, bucket),
            started_at=state.started_at,
            import_tag=import_tag,
            has_time=has_time,
        )
        started_by = unquote(metadata.get("started-by", ""))
        config = ledger.save_config_once(replace(new_config, started_by=started_by))
    state.apply_config(config)
    return config


def collect_labels(upload: Upload, metadata: Mapping[str, str], settings: Settings) -> Labels:
    """Return the labels of every contact of the upload: from the settings, the key and the metadata."""
    return settings.default_labels + labels.parse_key_labels(upload.key) + labels.parse_metadata_labels(metadata)


def find_mapping(upload: Upload, metadata: Mapping[str, str], bucket: Bucket) -> ColumnMapping | None:
    """Return the user's column mapping: from the metadata of the upload, else from the nearest mapping.json.

    Raise FileError if it is not a mapping.
    """
    if from_metadata := metadata.get("mapping", "").strip():
        return user_mapping.parse_mapping(unquote(from_metadata).encode(), user_mapping.METADATA_SOURCE)
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
    import_tag: str = "",
    has_time: Callable[[], bool] | None = None,
) -> ImportConfig:
    """Read the beginning of the upload and decide how it is imported. Read all of it if rows may decide about others.

    Raise FileError if the upload cannot be a list of contacts, and UnfinishedError if `has_time` returns False before
    the end: the next call continues.
    """
    reopen = _keep_small(upload, partial(bucket.open, upload.key, upload.version_id, upload.etag))
    with reopen() as stream:
        table = open_table(stream, region=settings.phone_region, mapping=mapping)
        layout = table.layout
        table.close()
    opt_out_list = opt_outs.load_opt_outs(bucket, upload.import_id) if settings.screen_opt_outs else OptOuts()
    rules = ValidationRules(started_at.date(), settings.phone_region, settings.mobile_only)
    first_pass = save_first_pass(bucket, upload.import_id, reopen, layout, rules, has_time=has_time)
    return ImportConfig(
        upload=upload,
        started_at=started_at,
        labels=import_labels,
        phone_region=settings.phone_region,
        mobile_only=settings.mobile_only,
        batch_max_contacts=settings.batch_max_contacts,
        batch_max_bytes=settings.batch_max_bytes,
        layout=layout,
        date_order=detect_date_order(reopen, region=settings.phone_region, layout=layout),
        mapping_source=mapping.source if mapping else "",
        canary_contacts=settings.canary_contacts,
        batches_per_commit=COMMIT_GROUP_BATCHES,
        max_group_chars=MAX_GROUP_CHARS,
        has_opt_out_list=settings.screen_opt_outs and not opt_out_list.blocking_error,
        blocking_error=opt_out_list.blocking_error,
        messages=opt_out_list.messages,
        import_tag=import_tag,
        require_consent=settings.require_consent,
        consent=first_pass.tally if first_pass else None,
    )


def _keep_small(upload: Upload, reopen: Callable[[], BinaryIO]) -> Callable[[], BinaryIO]:
    """Return a function that opens an upload several times. A small upload is fetched once and kept in memory."""
    if upload.size > _KEPT_BYTES:
        return reopen
    with reopen() as stream:
        return partial(io.BytesIO, stream.read())


@contextmanager
def open_batches(
    config: ImportConfig,
    bucket: Bucket,
    *,
    start: SplitPosition | None = None,
    seen: Seen | None = None,
    on_row_group: Callable[[SplitPosition], None] = lambda _: None,
) -> Iterator[tuple[Table, Iterator[Batch]]]:
    """Open the upload as a context. Yield its table, and an iterator of its batches, which reads and validates rows.

    With `start`, the rows before it are only parsed, and `seen` has their numbers (see `split_batches`).
    """
    upload = config.upload
    with bucket.open(upload.key, upload.version_id, upload.etag) as stream:
        table = open_table(stream, region=config.phone_region, layout=config.layout)
        if not table.layout.sheet:  # a workbook is read from the disk, and knows its own position
            table.tell = stream.tell
        if start:
            # Parsed, and not skipped as bytes: the parser then has the same state, whatever quotes, records of several
            # lines and archives are before. It costs a thirteenth of planning a row.
            deque(islice(table.rows, start.rows), maxlen=0)
        opted_out = (
            opt_outs.load_opt_out_numbers(bucket, upload.import_id) if config.has_opt_out_list else frozenset[str]()
        )
        first_pass = load_first_pass(bucket, upload.import_id) if config.consent else None
        yield (
            table,
            split_batches(
                validate_table(config, table, opted_out, first_pass, seen),
                max_contacts=config.batch_max_contacts,
                max_bytes=config.batch_max_bytes,
                canary_contacts=config.canary_contacts,
                batches_per_commit=config.batches_per_commit,
                max_group_chars=config.max_group_chars,
                start=start,
                on_row_group=on_row_group,
            ),
        )


def validate_table(
    config: ImportConfig,
    table: Table,
    opted_out: frozenset[str] = frozenset(),
    first_pass: FirstPass | None = None,
    seen: Seen | None = None,
) -> Iterator[Contact | Outcome]:
    """Yield one contact or one outcome for each row.

    A row becomes an outcome if its number is in `opted_out` (E.164) or in `seen`, or if the `first_pass` holds it back.
    """
    if not table.columns.has_phones:
        return (Outcome(row, Status.INVALID, NO_PHONE_COLUMN) for row in table.rows)
    # The day on which the import started, not today: every run of the import validates birthdays in the same way.
    rules = ValidationRules(
        config.started_at.date(),
        config.phone_region,
        config.mobile_only,
        config.labels,
        config.date_order,
        opted_out,
        first_pass.held_numbers if first_pass else None,
        config.require_consent,
        # Without a first pass, no byte of the file hints at a refusal. A file without a phone column had none.
        may_refuse=first_pass.has_refusals if first_pass else Role.PHONE not in table.columns.role_indexes,
    )
    if first_pass and not first_pass.more_labels.is_complete:
        table.add_warning(_TOO_MANY_LABELS)
    return validate_rows(table.rows, table.columns, rules, first_pass.more_labels if first_pass else None, seen)
