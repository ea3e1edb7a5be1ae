"""Planning of a large file: where it is split into units, one invocation of BatchFunction each.

The batches are those of the inline path, with the same numbers and the same ledger, so that either path continues
what the other began.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.checks.canary import CanaryBatch
from contact_import.errors import FileError
from contact_import.files.table import ReadSummary, Table
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines.import_state import ImportState, get_utc_now
from contact_import.pipelines.large_file.unit_store import PlanSummary, UnitStore
from contact_import.pipelines.prepare import load_or_create_config, open_batches
from contact_import.reports.progress import READING, ProgressReporter
from contact_import.sending.batches import Batch
from contact_import.settings import Settings

UNIT_BATCHES = 50  # 20,000 contacts: some seconds at Cellcast's rate limit, and some megabytes of memory
UNIT_ROWS = 20_000  # a batch without contacts has thousands of rows
_MAX_CANARY_BATCHES = 10_000  # more batches than a canary has: CANARY_CONTACTS is bounded
_TOO_LONG = "The file is too long to be read in one go: split it after line {}, and drop the second part."


def plan_import(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    has_time: Callable[[], bool] = lambda: True,
    now: Callable[[], datetime] = get_utc_now,
) -> str:
    """Split the file into batches, store them in units, and return the key of the manifest that lists the units.

    A file that cannot be read, or not to its end (`has_time` turned False), gives a plan of what could be read. Its
    result has the error.
    """
    state = ImportState.from_upload(upload, now())
    store = UnitStore(bucket, upload.import_id)
    if store.is_planned:
        return store.manifest_key
    units, canary_unit, error = 0, 0, ""
    reading: ReadSummary | None = None
    progress = ProgressReporter(state.identity, state.started_at, bucket, now)
    progress.start_stage(READING)
    try:
        config = load_or_create_config(state, bucket, settings, Ledger(bucket, upload.import_id, now), has_time)
        progress.started_at, has_canary = config.started_at, config.canary_contacts > 0
        with open_batches(config, bucket) as (table, batches):
            in_time = progress.track(_take_until_timeout(batches, table, has_time), table.tell)
            units, first_with_contacts = store.write_units(group_into_units(in_time, has_canary=has_canary))
            canary_unit = first_with_contacts if has_canary else 0
        reading = table.summarize()
    except FileError as problem:
        error = str(problem)
    progress.mark_planned()
    store.write_summary(PlanSummary(units, reading, error, state.labels, canary_unit))
    return store.manifest_key


def _take_until_timeout(batches: Iterator[Batch], table: Table, has_time: Callable[[], bool]) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        if not has_time():
            rows = [*(contact.row for contact in batch.contacts), *(outcome.row for outcome in batch.decided)]
            table.error = _TOO_LONG.format(max(row.number for row in rows))
            return


def group_into_units(batches: Iterator[Batch], *, has_canary: bool) -> Iterator[tuple[Batch, ...]]:
    """Yield units of at most `UNIT_BATCHES` batches. With a canary, the batches of its contacts are one unit.

    A unit ends with the batch that brings it to `UNIT_ROWS` rows, so that it fits into memory whatever its rows are.
    """
    if has_canary:
        canary = CanaryBatch(batches)
        for has_contacts, group in groupby(canary.read_first(), key=lambda batch: bool(batch.contacts)):
            max_batches, max_rows = (_MAX_CANARY_BATCHES, math.inf) if has_contacts else (UNIT_BATCHES, UNIT_ROWS)
            yield from _split_into_units(group, max_batches, max_rows)
        batches = canary.read_rest()
    yield from _split_into_units(batches, UNIT_BATCHES, UNIT_ROWS)


def _split_into_units(batches: Iterable[Batch], max_batches: int, max_rows: float) -> Iterator[tuple[Batch, ...]]:
    unit: list[Batch] = []
    for batch in batches:
        unit.append(batch)
        if len(unit) == max_batches or sum(one.rows for one in unit) >= max_rows:
            yield tuple(unit)
            unit = []
    if unit:
        yield tuple(unit)
