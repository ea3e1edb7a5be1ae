"""Plan the import of a large file: split it into units, which one invocation of BatchFunction each sends.

The batches are those of the inline path, with the same numbers and the same ledger, so that either path continues an
import that the other began. A file that takes longer than one invocation is planned by several, one after the other:

    call 1   rows 1 … 21 million   units 1 … 1,200      no time left: position.bin, return ""
    call 2   parse up to there, then rows 21 … 30 million, units 1,201 … 1,670, manifest.json

However many calls there are, the units are the same.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.errors import FileError, UnfinishedError
from contact_import.files.table import ReadSummary
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.large_file.plan_position import load_position, save_position
from contact_import.pipelines.large_file.unit_store import PlanSummary, UnitStore
from contact_import.pipelines.prepare import load_or_create_config, open_batches
from contact_import.reports.progress import READING, ProgressReporter
from contact_import.sending.batches import Batch, SplitPosition
from contact_import.settings import Settings

UNIT_GROUPS = 3  # 45 batches or 18,000 contacts: four seconds at Cellcast's rate limit, and some megabytes of memory
UNIT_ROWS = 18_000  # a batch without contacts may have thousands of rows


def plan_import(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    has_time: Callable[[], bool] = lambda: True,
    now: Callable[[], datetime],
) -> str:
    """Split the file into batches, store them in units, and return the key of the manifest that lists the units.

    Return "" if `has_time` returns False before the end of the file: the next call continues. Each call stores at least
    one unit. A file that cannot be read to its end gives a plan of its readable rows, and a result with the error.
    """
    state = ImportState.from_upload(upload, now())
    store = UnitStore(bucket, upload.import_id)
    if store.is_planned:
        return store.manifest_key
    units, canary_unit, error = 0, 0, ""
    reading: ReadSummary | None = None
    progress = ProgressReporter(state.identity, state.started_at, bucket, now)
    progress.continue_stage(READING)
    try:
        config = load_or_create_config(state, bucket, settings, Ledger(bucket, upload.import_id, now), has_time)
        progress.started_at = config.started_at
        planning = _Planning(config, bucket, store, progress)
        if not planning.plan_units(has_time):
            return ""
        units, canary_unit = planning.position.units, planning.position.canary_unit if config.canary_contacts else 0
        reading = planning.reading
    except UnfinishedError:
        return ""
    except FileError as problem:
        error = str(problem)
    # Also for a file that could not be opened: its plan has no unit, and the state machine goes straight to Finish.
    progress.mark_planned()
    store.write_summary(PlanSummary(units, reading, error, state.labels, canary_unit))
    return store.manifest_key


class _Planning:
    """The planning of one file, which begins where an earlier invocation stopped.

    `reading` is set at the end of the file.
    """

    def __init__(self, config: ImportConfig, bucket: Bucket, store: UnitStore, progress: ProgressReporter) -> None:
        self._config, self._bucket, self._store, self._progress = config, bucket, store, progress
        self.position, self._seen = load_position(bucket, config.upload.import_id)
        self._row_groups: deque[SplitPosition] = deque()
        self._is_stopped = False
        self.reading: ReadSummary | None = None

    def plan_units(self, has_time: Callable[[], bool]) -> bool:
        """Store units up to the end of the file, and return True. Without time, save the position and return False."""
        first_unit, start = self.position.units + 1, self.position.split
        with open_batches(
            self._config, self._bucket, start=start, seen=self._seen, on_row_group=self._row_groups.append
        ) as (table, batches):
            tracked = self._progress.track(self._skip_stored(batches), table.tell, self.position.rows)
            self._store.write_units(self._take_units(tracked, has_time), first_unit)
        if self._is_stopped:
            save_position(self._bucket, self._config.upload.import_id, self.position, self._seen)
        else:
            self.reading = table.summarize()
        return not self._is_stopped

    def _skip_stored(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        # Planning begins again at the row group of the last unit, whose first batches may be stored already.
        stored = self.position.batches
        return (batch for batch in batches if batch.number > stored)

    def _take_units(self, batches: Iterator[Batch], has_time: Callable[[], bool]) -> Iterator[tuple[Batch, ...]]:
        has_canary = self._config.canary_contacts > 0 and not self.position.canary_unit
        for unit in group_into_units(batches, has_canary=has_canary):
            self.position = self.position.add_unit(unit, self._find_row_group(unit[-1].number))
            yield unit
            if not has_time():
                self._is_stopped = True
                return

    def _find_row_group(self, last_batch: int) -> SplitPosition:
        """Return the position before the row group of the batch after `last_batch`, from which the rest is planned."""
        # Positions of earlier row groups are dropped, so the queue stays short.
        while len(self._row_groups) > 1 and self._row_groups[1].numbers.number <= last_batch:
            self._row_groups.popleft()
        return self._row_groups[0]


def group_into_units(batches: Iterator[Batch], *, has_canary: bool) -> Iterator[tuple[Batch, ...]]:
    """Yield units of at most `UNIT_GROUPS` commit groups. With a canary, the batches of its contacts are one unit.

    A unit ends with the group that brings it to `UNIT_ROWS` rows, so that it always fits into memory.
    """
    if not has_canary:
        yield from _join_groups(batches)
        return
    for is_canary, some in groupby(_mark_canary(batches), key=itemgetter(0)):
        parts = (batch for _, batch in some)
        yield from (tuple(parts),) if is_canary else _join_groups(parts)


def _mark_canary(batches: Iterable[Batch]) -> Iterator[tuple[bool, Batch]]:
    """Yield each batch with True if it has contacts of the first row group that has any, else with False."""
    canary_group: int | None = None
    for batch in batches:
        if batch.contacts and canary_group is None:
            canary_group = batch.row_group
        yield bool(batch.contacts) and batch.row_group == canary_group, batch


def _join_groups(batches: Iterable[Batch]) -> Iterator[tuple[Batch, ...]]:
    # Whole groups: two units that share one would both claim it, and each knows only its part of the batches.
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
