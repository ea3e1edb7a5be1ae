"""Send one unit of a large file and, after all units, verify that the contacts arrived."""

from collections.abc import Callable, Iterator
from datetime import datetime

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.checks.arrival import find_sent_contacts, load_verification, save_verification, verify_arrival
from contact_import.checks.canary import find_blocking_error
from contact_import.errors import CanaryRejectedError, EndpointUnavailableError, KeyDeniedError, UnfinishedError
from contact_import.ledger.compaction import build_compactor
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.ledger import Ledger
from contact_import.ledger.local_cache import LocalCache
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.large_file.unit_store import UnitStore
from contact_import.pipelines.stop_watch import StopWatch
from contact_import.pipelines.workers import Workers
from contact_import.reports.accepted_csv import build_accepted_formatter
from contact_import.reports.progress import ProgressReporter
from contact_import.sending.batches import Batch, find_commit_groups
from contact_import.settings import Settings

VERIFICATION_UNIT = 0  # the item of the state `Verify`; the units of a plan are numbered from 1


def send_unit(
    import_id: str,
    unit: int,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    now: Callable[[], datetime],
) -> None:
    """Send the batches of one unit, after the canary unit. With `VERIFICATION_UNIT`, verify the arrival instead.

    Raise KeyDeniedError or CanaryRejectedError if nothing more may be sent for this import, EndpointUnavailableError if
    Cellcast cannot be reached, and UnfinishedError if the time was too short: the state machine retries the unit, which
    then continues with the remaining batches.
    """
    store, ledger = UnitStore(bucket, import_id), Ledger(bucket, import_id, now, cache=LocalCache())
    if unit == VERIFICATION_UNIT:
        _verify_import(store, ledger, bucket, client)
        return
    # The Map may run a unit twice, and runs the remaining units of a stopped import: both end here, without a request.
    if store.is_unit_done(unit) or ledger.stop_reason:
        return
    config = ledger.load_config()
    if config.blocking_error:
        return
    identity = ImportIdentity.from_upload(config.upload)
    progress = ProgressReporter(identity, config.started_at, bucket, now)
    workers = _build_workers(config, ledger, client, settings, progress)
    batches = store.read_unit(unit)
    canary_unit = store.read_canary_unit() if config.canary_contacts else 0
    if canary_unit and canary_unit != unit:
        # Units run in parallel and in no certain order: each tries the canary first, and the ledger lets one send it.
        blocking_error = find_blocking_error(_send_canary_once(store, canary_unit, workers, progress))
        if blocking_error and any(batch.contacts for batch in batches):
            ledger.mark_stopped(blocking_error)
            raise CanaryRejectedError(blocking_error)
    _send_batches(store, unit, batches, workers, progress)


def _build_workers(
    config: ImportConfig, ledger: Ledger, client: CellcastClient, settings: Settings, progress: ProgressReporter
) -> Workers:
    return Workers(
        ledger,
        client,
        settings.concurrency,
        should_close=lambda: False,
        is_dry_run=ImportIdentity.from_upload(config.upload).is_dry_run,
        on_settled=progress.add_record,
        on_progress=StopWatch(ledger, client, then=progress.update).check,
        compact=build_compactor(build_accepted_formatter(config.layout.columns)),
    )


def _send_canary_once(
    store: UnitStore, canary_unit: int, workers: Workers, progress: ProgressReporter
) -> list[BatchRecord]:
    """Send the canary unit unless it is done. Return its records."""
    if (records := store.read_records(canary_unit)) is None:
        _send_batches(store, canary_unit, store.read_unit(canary_unit), workers, progress)
        records = store.read_records(canary_unit)
    return records or []


def _send_batches(
    store: UnitStore, unit: int, batches: list[Batch], workers: Workers, progress: ProgressReporter
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
        raise UnfinishedError("The time ran out.")
    records = list(ledger.read_batch_records(find_commit_groups(batches)))
    store.write_records(unit, records)
    progress.finish_unit(unit, records)


def _verify_import(store: UnitStore, ledger: Ledger, bucket: Bucket, client: CellcastClient) -> None:
    if not ledger.has_begun or ledger.stop_reason:  # the file could not be read, or sending was stopped
        return
    config = ledger.load_config()
    if config.import_tag and not config.blocking_error and not load_verification(bucket, ledger.import_id):
        verification = verify_arrival(
            client, config.import_tag, lambda: find_sent_contacts(_read_batches_with_records(store))
        )
        save_verification(bucket, ledger.import_id, verification)


def _read_batches_with_records(store: UnitStore) -> Iterator[tuple[Batch, BatchRecord]]:
    summary = store.read_summary()
    for unit in range(1, (summary.units if summary else 0) + 1):
        yield from zip(store.read_unit(unit), store.read_records(unit) or (), strict=False)
