"""A file too large for one invocation: the three states of the state machine.

The batches are those that `importer` cuts, and each goes through the same ledger, so that either road continues
what the other began.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.checks.account import load_account
from contact_import.checks.arrival import (
    INTERRUPTED_REASON,
    VerificationResult,
    find_sent_contacts,
    load_verification,
    save_verification,
    verify_arrival,
)
from contact_import.checks.canary import find_blocking_error
from contact_import.errors import (
    CanaryRejectedError,
    EndpointUnavailableError,
    FileError,
    KeyDeniedError,
    UnfinishedError,
)
from contact_import.files.table import ReadSummary, Table
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger, read_ahead
from contact_import.ledger.local_cache import LocalCache
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.inline import get_utc_now, load_or_create_config
from contact_import.pipelines.large_file_plan import Plan, PlanSummary
from contact_import.pipelines.prepare import open_batches
from contact_import.pipelines.workers import Workers
from contact_import.reports.accepted_csv import build_compactor
from contact_import.reports.progress import READING, WRITING, ProgressReporter
from contact_import.reports.result import ImportState, load_result, write_results
from contact_import.sending.batches import Batch
from contact_import.settings import Settings

VERIFICATION_UNIT = 0  # units are counted from 1

_INTERRUPTED = "the import broke off before this contact was sent"
_NOT_PLANNED = "The file could not be read to its end; drop it again."
_TOO_LONG = "The file is too long to be read in one go: split it after line {}, and drop the second part."


def plan_import(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    has_time: Callable[[], bool] = lambda: True,
    now: Callable[[], datetime] = get_utc_now,
) -> str:
    """Cut the file into units of batches and store them. Give the key of the manifest, which lists the units.

    A file that cannot be read, or not to its end, gives a plan of what could be read; its result will say so.
    """
    state = ImportState.from_upload(upload, now())
    unit_plan = Plan(bucket, state.import_id)
    if unit_plan.is_written:
        return unit_plan.manifest
    units, canary_unit, error = 0, 0, ""
    reading: ReadSummary | None = None
    progress = ProgressReporter(state, bucket, now)
    progress.start_stage(READING)
    try:
        config = load_or_create_config(state, bucket, settings, Ledger(bucket, state.import_id, now))
        with open_batches(config, bucket) as (table, batches):
            in_time = progress.track(_take_until_timeout(batches, table, has_time), table.tell)
            units, canary_unit = unit_plan.write_units(in_time, has_canary=config.canary_contacts > 0)
        reading = table.summarize()
    except FileError as problem:
        error = str(problem)
    progress.mark_planned()
    unit_plan.write_summary(PlanSummary(units, reading, error, state.labels, canary_unit))
    return unit_plan.manifest


def _take_until_timeout(batches: Iterator[Batch], table: Table, has_time: Callable[[], bool]) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        if not has_time():
            rows = [*(contact.row for contact in batch.contacts), *(outcome.row for outcome in batch.decided)]
            table.error = _TOO_LONG.format(max(row.number for row in rows))
            return


def send_unit(
    import_id: str,
    unit: int,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    now: Callable[[], datetime] = get_utc_now,
) -> None:
    """Send the batches of one unit of the plan, but before them those that are to be heard of first.

    The unit `VERIFICATION`, which is asked for after all others, looks up who is there.

    Raise KeyDeniedError or CanaryRejectedError when nothing more may be sent for this import,
    EndpointUnavailableError when
    nobody answers, and UnfinishedError when the time was too short: what is left goes on from there when the unit
    is tried again.
    """
    unit_plan, ledger = Plan(bucket, import_id), Ledger(bucket, import_id, now, cache=LocalCache())
    if unit == VERIFICATION_UNIT:
        _run_verification(unit_plan, ledger, bucket, client)
        return
    if unit_plan.is_unit_done(unit) or ledger.stop_reason:
        return
    config = ImportConfig.from_bytes(ledger.load_config())
    if config.blocking_error:
        return
    state = ImportState.from_upload(config.upload, config.started_at)
    progress = ProgressReporter(state, bucket, now)
    header = config.layout.columns.header
    workers = _build_workers(ledger, client, settings, progress, header=header, is_dry_run=state.dry_run)
    batches = unit_plan.read_unit(unit)
    canary_unit = unit_plan.read_canary_unit() if config.canary_contacts else 0
    if canary_unit and canary_unit != unit:
        # Units run side by side and in no certain order: whoever comes first sends the sip.
        blocking_error = find_blocking_error(_send_canary_once(unit_plan, canary_unit, workers, progress))
        if blocking_error and any(batch.contacts for batch in batches):
            ledger.mark_stopped(blocking_error)
            raise CanaryRejectedError(blocking_error)
    _send_batches(unit_plan, unit, batches, workers, progress)


def _build_workers(
    ledger: Ledger,
    client: CellcastClient,
    settings: Settings,
    progress: ProgressReporter,
    *,
    header: Sequence[str],
    is_dry_run: bool,
) -> Workers:
    return Workers(
        ledger,
        client,
        settings.concurrency,
        should_close=lambda: False,
        is_dry_run=is_dry_run,
        on_settled=progress.add_record,
        on_progress=progress.update,
        compact=build_compactor(header),
    )


def _send_canary_once(
    unit_plan: Plan, canary_unit: int, workers: Workers, progress: ProgressReporter
) -> list[BatchRecord]:
    """What became of the first contacts; they are sent when nobody has done so yet."""
    if (records := unit_plan.read_records(canary_unit)) is None:
        _send_batches(unit_plan, canary_unit, unit_plan.read_unit(canary_unit), workers, progress)
        records = unit_plan.read_records(canary_unit)
    return records or []


def _send_batches(
    unit_plan: Plan, unit: int, batches: list[Batch], workers: Workers, progress: ProgressReporter
) -> None:
    ledger, client = workers.ledger, workers.client
    progress.start_unit(unit)
    is_complete = workers.send_batches(batches)
    if client.is_failure:
        ledger.mark_stopped(client.stop_reason)
        raise KeyDeniedError(client.stop_reason)
    if not is_complete and (reason := client.stop_reason or client.unavailable_reason):
        ledger.mark_unavailable(reason)
        raise EndpointUnavailableError(reason)
    if not is_complete:
        raise UnfinishedError("The time was up.")
    records = list(ledger.read_batch_records([batch.number for batch in batches]))
    unit_plan.write_records(unit, records)
    progress.finish_unit(unit, records)


def _run_verification(unit_plan: Plan, ledger: Ledger, bucket: Bucket, client: CellcastClient) -> None:
    if not ledger.has_begun or ledger.stop_reason:  # the file could not be read, or nothing was sent
        return
    config = ImportConfig.from_bytes(ledger.load_config())
    if config.import_tag and not config.blocking_error and not load_verification(bucket, ledger.import_id):
        save_verification(
            bucket,
            ledger.import_id,
            verify_arrival(
                client, config.import_tag, lambda: find_sent_contacts(_read_batches_with_records(unit_plan))
            ),
        )


def _read_batches_with_records(unit_plan: Plan) -> Iterator[tuple[Batch, BatchRecord]]:
    summary = unit_plan.read_summary()
    for unit in range(1, (summary.units if summary else 0) + 1):
        yield from zip(unit_plan.read_unit(unit), unit_plan.read_records(unit) or (), strict=False)


def finish_import(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    has_failed: bool = False,
    now: Callable[[], datetime] = get_utc_now,
) -> dict[str, Any]:
    """Count what the ledger holds and write the results, whatever became of the other states.

    `has_failed`: one of them did not come to its end. What no unit has sent is sealed, so that it stays `unsent`.
    Raise UnfinishedError while a unit is still being sent.
    """
    state = ImportState.from_upload(upload, now())
    if result := load_result(state, bucket):
        return result
    unit_plan, ledger, progress = (
        Plan(bucket, state.import_id),
        Ledger(bucket, state.import_id, now),
        ProgressReporter(state, bucket, now),
    )
    progress.load_unit_counts()
    progress.start_stage(WRITING)
    summary = unit_plan.read_summary() or PlanSummary(0, None, _NOT_PLANNED)
    blocking_error = ""
    if not summary.error:
        config = load_or_create_config(state, bucket, settings, ledger)
        blocking_error = config.blocking_error
        if config.import_tag:
            state.set_verification(
                load_verification(bucket, state.import_id) or VerificationResult(error=INTERRUPTED_REASON)
            )
    else:
        state.labels = summary.labels
    state.reading, state.error = summary.reading, summary.error
    if settings.check_account:
        state.set_account(load_account(bucket, state.import_id))
    stop_reason = ledger.stop_reason or blocking_error
    client.stop(stop_reason or ledger.unavailable_reason or _INTERRUPTED, is_failure=bool(stop_reason))
    if has_failed or stop_reason:
        state.set_stop_reason(client.stop_reason, is_failure=client.is_failure)
    workers = Workers(ledger, client, settings.concurrency, should_close=lambda: True, is_dry_run=state.dry_run)
    return write_results(
        state, bucket, _collect_records(unit_plan, ledger, summary.units, workers), now, on_result=progress.finish
    )


def _collect_records(unit_plan: Plan, ledger: Ledger, units: int, workers: Workers) -> Iterator[BatchRecord]:
    numbers = range(1, units + 1)
    for unit, records in zip(numbers, read_ahead(unit_plan.read_records, numbers, max_ahead=1), strict=True):
        yield from _close_unreported_unit(unit_plan, ledger, unit, workers) if records is None else records


def _close_unreported_unit(unit_plan: Plan, ledger: Ledger, unit: int, workers: Workers) -> Iterator[BatchRecord]:
    """The outcomes of a unit that never reported."""
    batches = unit_plan.read_unit(unit)
    if not workers.send_batches(batches):
        raise UnfinishedError("A unit is still being sent.")
    return ledger.read_batch_records([batch.number for batch in batches])
