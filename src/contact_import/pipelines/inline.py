"""A whole file in one invocation: read, judge, cut, deliver, collect."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import Line
from contact_import.checks import account, opt_out_screening
from contact_import.checks.arrival import Sent, sent, tag_of, verify
from contact_import.checks.canary import Sip, objection
from contact_import.domain.labels import Labels
from contact_import.errors import FileError
from contact_import.ledger.import_config import Decisions
from contact_import.ledger.ledger import Ledger
from contact_import.ledger.local_cache import Spool
from contact_import.pipelines.prepare import decide, labels_of, mapping_of, opened
from contact_import.pipelines.workers import Workers
from contact_import.reports.csv_files import abridging
from contact_import.reports.progress import SENDING, WAITING, Progress
from contact_import.reports.result import Import, kept_result, write_results
from contact_import.sending.batches import Batch
from contact_import.settings import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def run(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    line: Line,
    hand_over: Callable[[Upload], None] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, Any] | None:
    """Import an upload and give the content of its result.json; None when it was handed over.

    The same upload again continues where an earlier run ended, or finds its result. What Cellcast or the file
    does wrong is in the result. AWS's own faults are raised, for the event to come again, and UnfinishedError
    when another run is at it. `hand_over` takes what is too large or too slow for this run.
    """
    this = Import.of(upload, now())
    if result := kept_result(this, bucket):
        return result
    ledger, progress = Ledger(bucket, this.ident, now, spool=Spool()), Progress(this, bucket, now)
    is_for_later = hand_over is not None and (upload.size > settings.inline_max_bytes or ledger.is_handed_over)
    progress.begin(WAITING if is_for_later else SENDING)
    if settings.check_account:
        this.note_account(account.account(bucket, this.ident, line))
    if settings.screen_opt_outs and not (line.stopped or ledger.has_begun):
        opt_out_screening.prepare(bucket, this.ident, line, can_wait=hand_over is not None)
    if hand_over and is_for_later:
        if line.is_failure:
            ledger.stop(line.stopped)
        ledger.mark_handed_over()
        hand_over(upload)
        return None
    try:
        is_whole = _import(this, bucket, settings, ledger, line, progress=progress, can_wait=hand_over is not None)
    except FileError as error:
        this.error, is_whole = str(error), True
    if not is_whole and hand_over and not line.is_failure:
        ledger.mark_handed_over()
        hand_over(upload)
        return None
    this.note_stop(line.stopped, is_failure=line.is_failure)
    return write_results(this, bucket, ledger.parts(), now, ending=progress.end)


def _import(
    this: Import,
    bucket: Bucket,
    settings: Settings,
    ledger: Ledger,
    line: Line,
    *,
    progress: Progress,
    can_wait: bool,
) -> bool:
    """Give whether no batch is left to a later run."""
    decisions = begin(this, bucket, settings, ledger)
    if decisions.objection:
        line.stop(decisions.objection, is_failure=True)
    workers = Workers(
        ledger,
        line,
        settings.concurrency,
        closes=lambda: line.is_failure or not can_wait,
        is_rehearsal=this.dry_run,
        note=progress.note,
        tick=progress.tick,
        abridge=abridging(decisions.layout.columns.header),
    )
    with opened(decisions, bucket) as (table, batches):
        watched = progress.watch(batches, table.at)
        is_whole = _deliver_after_sip(watched, workers) if decisions.first_sip else workers.deliver(watched)
    this.reading = table.reading()
    if is_whole and decisions.own_tag:

        def contacts() -> Sent:
            with opened(decisions, bucket) as (_, again):
                yield from sent(zip(again, ledger.parts(), strict=True))

        this.note_verified(verify(line, decisions.own_tag, contacts))
    return is_whole


def _deliver_after_sip(batches: Iterator[Batch], workers: Workers) -> bool:
    """Settle the first contacts, and only then the others. Give whether no batch is left to a later run."""
    sip = Sip(batches)
    if not workers.deliver(sip.first()):
        return False
    objects = objection(workers.ledger.parts(sip.numbers))

    def unless_refused() -> Iterator[Batch]:
        for batch in sip.rest():
            if objects and batch.contacts:
                workers.line.stop(objects, is_failure=True)
            yield batch

    return workers.deliver(unless_refused())


def begin(this: Import, bucket: Bucket, settings: Settings, ledger: Ledger) -> Decisions:
    """What the first run decided, or decide it now. Raise FileError when the file cannot be a list of contacts."""

    def decided() -> bytes:
        upload = this.upload
        metadata = bucket.metadata(upload.key, upload.version_id, upload.etag)
        this.labels = labels_of(upload, metadata, settings)
        own_tag = tag_of(this.ident) if settings.verify and not this.dry_run else ""
        if own_tag:
            this.labels += Labels(tags=(own_tag,))
        told = mapping_of(upload, metadata, bucket)
        decisions = decide(upload, bucket, settings, own=this.labels, told=told, started_at=this.started_at)
        return replace(decisions, own_tag=own_tag).to_bytes()

    decisions = Decisions.from_bytes(ledger.freeze(decided))
    this.labels, this.started_at, this.mapping = decisions.labels, decisions.started_at, decisions.mapping
    this.phone_region = decisions.phone_region
    this.remarks.extend(decisions.remarks)
    return decisions
