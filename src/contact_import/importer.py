"""One whole run over one source: read, judge, cut, deliver, collect."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from typing import Any

from contact_import import keys, labels
from contact_import.batches import Batch, cut
from contact_import.bucket import Bucket
from contact_import.contacts import Contact, Rules, judge
from contact_import.deliveries import Delivery, deliver, hold_back, rehearse
from contact_import.errors import FileError
from contact_import.events import Upload
from contact_import.ledger import Ledger, Part
from contact_import.line import Line
from contact_import.outcomes import Outcome, Status
from contact_import.results import Import, write_results
from contact_import.settings import Settings
from contact_import.spellings import Role
from contact_import.tables import Table, day_first, open_table

_BATCHES_WAITING = 2  # for each thread: enough that none waits, few enough that memory stays flat


def run(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    line: Line,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, Any]:
    """Import an upload and give the content of its result.json.

    The same upload again continues where an earlier run ended, or finds its result. What Cellcast or the file
    does wrong is in the result; only AWS's own faults are raised, for the event to come again.
    """
    ident = keys.import_id(upload.bucket, upload.key, upload.version)
    prefix = keys.results_prefix(upload.key, ident)
    if kept := bucket.read(f"{prefix}result.json"):
        result: dict[str, Any] = json.loads(kept)
        return result
    this = Import(upload, ident, prefix, keys.is_dry_run(upload.key), now())
    ledger = Ledger(bucket, ident)
    try:
        _import(this, bucket, settings, ledger, line)
    except FileError as error:
        this.error = str(error)
    if line.is_failure:
        this.error = this.error or line.stopped
    this.gave_up = line.stopped
    return write_results(this, bucket, ledger, now)


def _import(this: Import, bucket: Bucket, settings: Settings, ledger: Ledger, line: Line) -> None:
    upload = this.upload
    metadata = bucket.metadata(upload.key, upload.version_id, upload.etag)
    this.labels = settings.default_labels + labels.from_key(upload.key) + labels.from_metadata(metadata)
    with bucket.open(upload.key, upload.version_id, upload.etag) as stream:
        this.table = table = open_table(stream, region=settings.phone_region)
        batches = cut(
            _judged(this, table, bucket, settings),
            max_contacts=settings.batch_max_contacts,
            max_bytes=settings.batch_max_bytes,
        )
        _deliver_all(batches, _way(this, line), ledger, settings.concurrency)
    this.error = table.error


def _judged(this: Import, table: Table, bucket: Bucket, settings: Settings) -> Iterator[Contact | Outcome]:
    if Role.PHONE not in table.columns.places:
        reason = "file: it has no column of phone numbers"
        return (Outcome(row, Status.INVALID, reason) for row in table.rows)
    upload = this.upload
    order = None
    if Role.BIRTHDAY in table.columns.places:
        reopen = partial(bucket.open, upload.key, upload.version_id, upload.etag)
        order = day_first(reopen, region=settings.phone_region)
    rules = Rules(this.started_at.date(), settings.phone_region, settings.mobile_only, this.labels, order)
    return judge(table.rows, table.columns, rules)


def _way(this: Import, line: Line) -> Callable[[Batch], Delivery]:
    def send(batch: Batch) -> Delivery:
        return hold_back(batch, line.stopped) if line.stopped else deliver(batch, line)

    return rehearse if this.dry_run else send


def _deliver_all(batches: Iterable[Batch], way: Callable[[Batch], Delivery], ledger: Ledger, concurrency: int) -> None:
    """Each batch that has no outcomes yet, several at a time, its outcomes written down as they come."""
    done = ledger.done()

    def settle(batch: Batch) -> None:
        ledger.put(Part(batch.number, batch.window, way(batch)))

    waiting: set[Future[None]] = set()
    with ThreadPoolExecutor(concurrency) as pool:
        for batch in batches:
            if batch.number in done:
                continue
            waiting.add(pool.submit(settle, batch))
            if len(waiting) >= concurrency * _BATCHES_WAITING:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                _raise_first(finished)
        _raise_first(waiting)


def _raise_first(finished: Iterable[Future[None]]) -> None:
    for future in finished:
        future.result()
