"""A file too large for one invocation: the three states of the state machine.

The batches are those that `importer` cuts, and each goes through the same ledger, so that either road continues
what the other began.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import Line
from contact_import.checks.account import kept_account
from contact_import.checks.arrival import BROKE_OFF, Verified, keep, kept, sent, verify
from contact_import.checks.canary import objection
from contact_import.errors import EndpointAwayError, FileError, KeyDeniedError, SipRefusedError, UnfinishedError
from contact_import.files.table import Reading, Table
from contact_import.ledger.import_config import Decisions
from contact_import.ledger.ledger import Ledger, read_ahead
from contact_import.ledger.local_cache import Spool
from contact_import.ledger.records import Part
from contact_import.pipelines.inline import begin, utc_now
from contact_import.pipelines.large_file_plan import Plan, Planned
from contact_import.pipelines.prepare import opened
from contact_import.pipelines.workers import Workers
from contact_import.reports.csv_files import abridging
from contact_import.reports.progress import READING, WRITING, Progress
from contact_import.reports.result import Import, kept_result, write_results
from contact_import.sending.batches import Batch
from contact_import.settings import Settings

VERIFICATION = 0  # units are counted from 1

_BROKE_OFF = "the import broke off before this contact was sent"
_NOT_PLANNED = "The file could not be read to its end; drop it again."
_TOO_LONG = "The file is too long to be read in one go: split it after line {}, and drop the second part."


def plan(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    has_time: Callable[[], bool] = lambda: True,
    now: Callable[[], datetime] = utc_now,
) -> str:
    """Cut the file into units of batches and store them. Give the key of the manifest, which lists the units.

    A file that cannot be read, or not to its end, gives a plan of what could be read; its result will say so.
    """
    this = Import.of(upload, now())
    made = Plan(bucket, this.ident)
    if made.is_made:
        return made.manifest
    units, sip, error = 0, 0, ""
    reading: Reading | None = None
    progress = Progress(this, bucket, now)
    progress.begin(READING)
    try:
        decisions = begin(this, bucket, settings, Ledger(bucket, this.ident, now))
        with opened(decisions, bucket) as (table, batches):
            in_time = progress.watch(_in_time(batches, table, has_time), table.at)
            units, sip = made.write_units(in_time, has_sip=decisions.first_sip > 0)
        reading = table.reading()
    except FileError as problem:
        error = str(problem)
    progress.planned()
    made.finish(Planned(units, reading, error, this.labels, sip))
    return made.manifest


def _in_time(batches: Iterator[Batch], table: Table, has_time: Callable[[], bool]) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        if not has_time():
            rows = [*(contact.row for contact in batch.contacts), *(outcome.row for outcome in batch.decided)]
            table.error = _TOO_LONG.format(max(row.number for row in rows))
            return


def deliver(
    import_id: str,
    unit: int,
    *,
    bucket: Bucket,
    settings: Settings,
    line: Line,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Send the batches of one unit of the plan, but before them those that are to be heard of first.

    The unit `VERIFICATION`, which is asked for after all others, looks up who is there.

    Raise KeyDeniedError or SipRefusedError when nothing more may be sent for this import, EndpointAwayError when
    nobody answers, and UnfinishedError when the time was too short: what is left goes on from there when the unit
    is tried again.
    """
    made, ledger = Plan(bucket, import_id), Ledger(bucket, import_id, now, spool=Spool())
    if unit == VERIFICATION:
        _look_up(made, ledger, bucket, line)
        return
    if made.is_done(unit) or ledger.stopped:
        return
    decisions = Decisions.from_bytes(ledger.frozen())
    if decisions.objection:
        return
    this = Import.of(decisions.upload, decisions.started_at)
    progress = Progress(this, bucket, now)
    header = decisions.layout.columns.header
    workers = _workers(ledger, line, settings, progress, header=header, is_rehearsal=this.dry_run)
    batches = made.unit(unit)
    sip = made.sip() if decisions.first_sip else 0
    if sip and sip != unit:
        # Units run side by side and in no certain order: whoever comes first sends the sip.
        objects = objection(_sip_of(made, sip, workers, progress))
        if objects and any(batch.contacts for batch in batches):
            ledger.stop(objects)
            raise SipRefusedError(objects)
    _settle(made, unit, batches, workers, progress)


def _workers(
    ledger: Ledger, line: Line, settings: Settings, progress: Progress, *, header: Sequence[str], is_rehearsal: bool
) -> Workers:
    return Workers(
        ledger,
        line,
        settings.concurrency,
        closes=lambda: False,
        is_rehearsal=is_rehearsal,
        note=progress.note,
        tick=progress.tick,
        abridge=abridging(header),
    )


def _sip_of(made: Plan, sip: int, workers: Workers, progress: Progress) -> list[Part]:
    """What became of the first contacts; they are sent when nobody has done so yet."""
    if (parts := made.parts(sip)) is None:
        _settle(made, sip, made.unit(sip), workers, progress)
        parts = made.parts(sip)
    return parts or []


def _settle(made: Plan, unit: int, batches: list[Batch], workers: Workers, progress: Progress) -> None:
    ledger, line = workers.ledger, workers.line
    progress.follow(unit)
    is_whole = workers.deliver(batches)
    if line.is_failure:
        ledger.stop(line.stopped)
        raise KeyDeniedError(line.stopped)
    if not is_whole and (why := line.stopped or line.away):
        ledger.note_away(why)
        raise EndpointAwayError(why)
    if not is_whole:
        raise UnfinishedError("The time was up.")
    parts = list(ledger.parts([batch.number for batch in batches]))
    made.write_parts(unit, parts)
    progress.add_unit(unit, parts)


def _look_up(made: Plan, ledger: Ledger, bucket: Bucket, line: Line) -> None:
    if not ledger.has_begun or ledger.stopped:  # the file could not be read, or nothing was sent
        return
    decisions = Decisions.from_bytes(ledger.frozen())
    if decisions.own_tag and not decisions.objection and not kept(bucket, ledger.import_id):
        keep(bucket, ledger.import_id, verify(line, decisions.own_tag, lambda: sent(_pairs(made))))


def _pairs(made: Plan) -> Iterator[tuple[Batch, Part]]:
    planned = made.planned()
    for unit in range(1, (planned.units if planned else 0) + 1):
        yield from zip(made.unit(unit), made.parts(unit) or (), strict=False)


def finish(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    line: Line,
    has_failed: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, Any]:
    """Count what the ledger holds and write the results, whatever became of the other states.

    `has_failed`: one of them did not come to its end. What no unit has sent is sealed, so that it stays `unsent`.
    Raise UnfinishedError while a unit is still being sent.
    """
    this = Import.of(upload, now())
    if result := kept_result(this, bucket):
        return result
    made, ledger, progress = Plan(bucket, this.ident), Ledger(bucket, this.ident, now), Progress(this, bucket, now)
    progress.resume()
    progress.begin(WRITING)
    planned = made.planned() or Planned(0, None, _NOT_PLANNED)
    objects = ""
    if not planned.error:
        decisions = begin(this, bucket, settings, ledger)
        objects = decisions.objection
        if decisions.own_tag:
            this.note_verified(kept(bucket, this.ident) or Verified(error=BROKE_OFF))
    else:
        this.labels = planned.labels
    this.reading, this.error = planned.reading, planned.error
    if settings.check_account:
        this.note_account(kept_account(bucket, this.ident))
    denied = ledger.stopped or objects
    line.stop(denied or ledger.away or _BROKE_OFF, is_failure=bool(denied))
    if has_failed or denied:
        this.note_stop(line.stopped, is_failure=line.is_failure)
    workers = Workers(ledger, line, settings.concurrency, closes=lambda: True, is_rehearsal=this.dry_run)
    return write_results(this, bucket, _collected(made, ledger, planned.units, workers), now, ending=progress.end)


def _collected(made: Plan, ledger: Ledger, units: int, workers: Workers) -> Iterator[Part]:
    numbers = range(1, units + 1)
    for unit, parts in zip(numbers, read_ahead(made.parts, numbers, ahead=1), strict=True):
        yield from _made_up(made, ledger, unit, workers) if parts is None else parts


def _made_up(made: Plan, ledger: Ledger, unit: int, workers: Workers) -> Iterator[Part]:
    """The outcomes of a unit that never reported."""
    batches = made.unit(unit)
    if not workers.deliver(batches):
        raise UnfinishedError("A unit is still being sent.")
    return ledger.parts([batch.number for batch in batches])
