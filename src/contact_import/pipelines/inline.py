"""Import a whole file in one invocation (the inline path): check, read, validate, split, send, report."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.checks import account, opt_outs
from contact_import.checks.arrival import SentContacts, find_sent_contacts, verify_arrival
from contact_import.checks.canary import CanaryBatch, find_blocking_error
from contact_import.domain.ids import is_api_upload
from contact_import.errors import FileError
from contact_import.ledger.compaction import build_compactor
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger
from contact_import.ledger.local_cache import LocalCache
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.prepare import load_or_create_config, open_batches
from contact_import.pipelines.results import load_result, write_results
from contact_import.pipelines.stop_watch import StopWatch
from contact_import.pipelines.workers import Workers
from contact_import.reports.accepted_csv import build_accepted_formatter
from contact_import.reports.progress import SENDING, WAITING, ProgressReporter
from contact_import.sending.batches import Batch
from contact_import.settings import Settings


def run(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    hand_over: Callable[[Upload], None] | None = None,
    now: Callable[[], datetime],
) -> dict[str, Any] | None:
    """Import an upload and return the content of its result.json, None if it was handed over.

    `hand_over` starts the state machine for an upload that is too large or too slow for this invocation. A second call
    with the same upload continues where an earlier run ended, or returns its result. Faults of Cellcast or the file are
    in the result. Raise AWS's own errors, and EndpointUnavailableError if the opt-out list cannot be read: the event is
    delivered again then. Raise UnfinishedError if another run is importing the upload.
    """
    state = ImportState.from_upload(upload, now(), is_sandbox=client.is_sandbox, page_address=settings.public_url)
    if result := load_result(state.identity, bucket):
        return result
    ledger = Ledger(bucket, upload.import_id, now, cache=LocalCache())
    progress = ProgressReporter(state.identity, state.started_at, bucket, now)
    is_for_state_machine = hand_over is not None and (upload.size > settings.inline_max_bytes or ledger.is_handed_over)
    progress.start_stage(WAITING if is_for_state_machine else SENDING)
    if settings.check_account:
        state.set_account(account.look_up_account(bucket, upload.import_id, client))
    # If the configuration is saved, the opt-out list is saved too: see `prepare.build_import_config`.
    if settings.screen_opt_outs and not (client.stop_reason or ledger.has_begun):
        opt_outs.ensure_opt_outs(bucket, upload.import_id, client, can_retry=hand_over is not None)
    if hand_over and is_for_state_machine:
        if client.is_failure:
            ledger.mark_stopped(client.stop_reason)
        _hand_over(upload, ledger, hand_over)
        return None
    try:
        is_complete = _send_file(
            state, bucket, settings, ledger, client, progress=progress, can_hand_over=hand_over is not None
        )
    except FileError as error:
        state.error, is_complete = str(error), True
    if not is_complete and hand_over and not client.is_failure:
        _hand_over(upload, ledger, hand_over)
        return None
    is_failure = client.is_failure and not ledger.is_stopped_by_user
    state.set_stop_reason(client.stop_reason, is_failure=is_failure)
    return write_results(state, bucket, ledger.read_batch_records(), now, on_result=progress.finish)


def _send_file(
    state: ImportState,
    bucket: Bucket,
    settings: Settings,
    ledger: Ledger,
    client: CellcastClient,
    *,
    progress: ProgressReporter,
    can_hand_over: bool,
) -> bool:
    """Send the contacts of the file. Return whether every batch is settled: none is left to a later run."""
    config = load_or_create_config(state, bucket, settings, ledger)
    if is_api_upload(config.upload.key) and (reason := ledger.stop_reason):  # a person stopped it while it waited
        client.stop(reason, is_failure=True)
    progress.started_at = config.started_at
    if config.blocking_error:
        client.stop(config.blocking_error, is_failure=True)
    workers = Workers(
        ledger,
        client,
        settings.concurrency,
        should_close=lambda: client.is_failure or not can_hand_over,
        is_dry_run=state.identity.is_dry_run,
        on_settled=progress.add_record,
        on_progress=StopWatch(ledger, client, then=progress.update).check,
        compact=build_compactor(build_accepted_formatter(config.layout.columns)),
    )
    with open_batches(config, bucket) as (table, batches):
        tracked = progress.track(batches, table.tell)
        is_complete = _send_canary_first(tracked, workers) if config.canary_contacts else workers.send_batches(tracked)
    state.reading = table.summarize()
    if is_complete and config.import_tag:
        state.set_verification(
            verify_arrival(client, config.import_tag, lambda: _reread_sent_contacts(config, bucket, ledger))
        )
    return is_complete


def _hand_over(upload: Upload, ledger: Ledger, hand_over: Callable[[Upload], None]) -> None:
    ledger.mark_handed_over()  # first: if this run dies here, the next run of the event hands the import over
    hand_over(upload)


def _send_canary_first(batches: Iterator[Batch], workers: Workers) -> bool:
    """Settle the canary batch, then the others unless Cellcast rejects most of the canary. Return as `_send_file`."""
    canary = CanaryBatch(batches)
    if not workers.send_batches(canary.read_first()):
        return False
    blocking_error = find_blocking_error(workers.ledger.read_batch_records(canary.commit_groups))

    def stop_if_rejected() -> Iterator[Batch]:
        # At the next batch with contacts, not before: a file that ends with its canary is not stopped.
        for batch in canary.read_rest():
            if blocking_error and batch.contacts:
                workers.client.stop(blocking_error, is_failure=True)
            yield batch

    return workers.send_batches(stop_if_rejected())


def _reread_sent_contacts(config: ImportConfig, bucket: Bucket, ledger: Ledger) -> SentContacts:
    """Yield the sent contacts. The file is read again beside the ledger's records, so memory does not grow."""
    with open_batches(config, bucket) as (_, batches):
        yield from find_sent_contacts(zip(batches, ledger.read_batch_records(), strict=True))
