"""Planning of a large file: where it is split into units, one invocation of BatchFunction each.

The batches are those of the inline path, with the same numbers and the same ledger, so that either path continues
what the other began.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter

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

UNIT_GROUPS = 4  # 48 batches or 19,200 contacts: seconds at Cellcast's rate limit, and some megabytes of memory
UNIT_ROWS = 19_200  # a batch without contacts has thousands of rows
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
    """Yield units of at most `UNIT_GROUPS` commit groups. With a canary, the batches of its contacts are one unit.

    A unit ends with the group that brings it to `UNIT_ROWS` rows, so that it fits into memory whatever its rows are.
    """
    if has_canary:
        canary = CanaryBatch(batches)
        for has_contacts, some in groupby(canary.read_first(), key=lambda batch: bool(batch.contacts)):
            batches_alike = tuple(some)
            yield from (batches_alike,) if has_contacts else _join_groups(batches_alike)
        batches = canary.read_rest()
    yield from _join_groups(batches)


def _join_groups(batches: Iterable[Batch]) -> Iterator[tuple[Batch, ...]]:
    # Whole groups: two units that shared one would send its batches twice.
    unit: list[Batch] = []
    groups = 0
    for _, group in groupby(batches, key=attrgetter("commit_group")):
        unit += group
        groups += 1
        if groups == UNIT_GROUPS or sum(batch.rows for batch in unit) >= UNIT_ROWS:
            yield tuple(unit)
            unit, groups = [], 0
    if unit:
        yield tuple(unit)
