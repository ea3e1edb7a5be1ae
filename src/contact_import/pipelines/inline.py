"""A whole file in one invocation: read, judge, cut, deliver, collect."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.checks import account, opt_outs
from contact_import.checks.arrival import SentContacts, build_import_tag, find_sent_contacts, verify_arrival
from contact_import.checks.canary import CanaryBatch, find_blocking_error
from contact_import.domain.labels import Labels
from contact_import.errors import FileError
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.ledger import Ledger
from contact_import.ledger.local_cache import LocalCache
from contact_import.pipelines.prepare import build_import_config, collect_labels, find_mapping, open_batches
from contact_import.pipelines.workers import Workers
from contact_import.reports.accepted_csv import build_compactor
from contact_import.reports.progress import SENDING, WAITING, ProgressReporter
from contact_import.reports.result import ImportState, load_result, write_results
from contact_import.sending.batches import Batch
from contact_import.settings import Settings


def get_utc_now() -> datetime:
    return datetime.now(UTC)


def run(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    hand_over: Callable[[Upload], None] | None = None,
    now: Callable[[], datetime] = get_utc_now,
) -> dict[str, Any] | None:
    """Import an upload and give the content of its result.json; None when it was handed over.

    The same upload again continues where an earlier run ended, or finds its result. What Cellcast or the file
    does wrong is in the result. AWS's own faults are raised, for the event to come again, and UnfinishedError
    when another run is at it. `hand_over` takes what is too large or too slow for this run.
    """
    state = ImportState.from_upload(upload, now())
    if result := load_result(state, bucket):
        return result
    ledger, progress = Ledger(bucket, state.import_id, now, cache=LocalCache()), ProgressReporter(state, bucket, now)
    is_for_state_machine = hand_over is not None and (upload.size > settings.inline_max_bytes or ledger.is_handed_over)
    progress.start_stage(WAITING if is_for_state_machine else SENDING)
    if settings.check_account:
        state.set_account(account.look_up_account(bucket, state.import_id, client))
    if settings.screen_opt_outs and not (client.stop_reason or ledger.has_begun):
        opt_outs.ensure_opt_outs(bucket, state.import_id, client, can_retry=hand_over is not None)
    if hand_over and is_for_state_machine:
        if client.is_failure:
            ledger.mark_stopped(client.stop_reason)
        ledger.mark_handed_over()
        hand_over(upload)
        return None
    try:
        is_complete = _import_file(
            state, bucket, settings, ledger, client, progress=progress, can_wait=hand_over is not None
        )
    except FileError as error:
        state.error, is_complete = str(error), True
    if not is_complete and hand_over and not client.is_failure:
        ledger.mark_handed_over()
        hand_over(upload)
        return None
    state.set_stop_reason(client.stop_reason, is_failure=client.is_failure)
    return write_results(state, bucket, ledger.read_batch_records(), now, on_result=progress.finish)


def _import_file(
    state: ImportState,
    bucket: Bucket,
    settings: Settings,
    ledger: Ledger,
    client: CellcastClient,
    *,
    progress: ProgressReporter,
    can_wait: bool,
) -> bool:
    """Give whether no batch is left to a later run."""
    config = load_or_create_config(state, bucket, settings, ledger)
    if config.blocking_error:
        client.stop(config.blocking_error, is_failure=True)
    workers = Workers(
        ledger,
        client,
        settings.concurrency,
        should_close=lambda: client.is_failure or not can_wait,
        is_dry_run=state.dry_run,
        on_settled=progress.add_record,
        on_progress=progress.update,
        compact=build_compactor(config.layout.columns.header),
    )
    with open_batches(config, bucket) as (table, batches):
        tracked = progress.track(batches, table.tell)
        is_complete = _send_canary_first(tracked, workers) if config.canary_contacts else workers.send_batches(tracked)
    state.reading = table.summarize()
    if is_complete and config.import_tag:

        def read_sent_contacts() -> SentContacts:
            with open_batches(config, bucket) as (_, reread):
                yield from find_sent_contacts(zip(reread, ledger.read_batch_records(), strict=True))

        state.set_verification(verify_arrival(client, config.import_tag, read_sent_contacts))
    return is_complete


def _send_canary_first(batches: Iterator[Batch], workers: Workers) -> bool:
    """Settle the first contacts, and only then the others. Give whether no batch is left to a later run."""
    canary = CanaryBatch(batches)
    if not workers.send_batches(canary.read_first()):
        return False
    blocking_error = find_blocking_error(workers.ledger.read_batch_records(canary.batch_numbers))

    def stop_if_rejected() -> Iterator[Batch]:
        for batch in canary.read_rest():
            if blocking_error and batch.contacts:
                workers.client.stop(blocking_error, is_failure=True)
            yield batch

    return workers.send_batches(stop_if_rejected())


def load_or_create_config(state: ImportState, bucket: Bucket, settings: Settings, ledger: Ledger) -> ImportConfig:
    """What the first run decided, or decide it now. Raise FileError when the file cannot be a list of contacts."""

    def create_config() -> bytes:
        upload = state.upload
        metadata = bucket.read_metadata(upload.key, upload.version_id, upload.etag)
        state.labels = collect_labels(upload, metadata, settings)
        import_tag = build_import_tag(state.import_id) if settings.verify and not state.dry_run else ""
        if import_tag:
            state.labels += Labels(tags=(import_tag,))
        mapping = find_mapping(upload, metadata, bucket)
        config = build_import_config(
            upload, bucket, settings, import_labels=state.labels, mapping=mapping, started_at=state.started_at
        )
        return replace(config, import_tag=import_tag).to_bytes()

    config = ImportConfig.from_bytes(ledger.save_config_once(create_config))
    state.labels, state.started_at, state.mapping = config.labels, config.started_at, config.mapping_source
    state.phone_region = config.phone_region
    state.messages.extend(config.messages)
    return config
