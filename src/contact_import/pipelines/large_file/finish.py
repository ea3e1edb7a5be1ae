"""Finish the import of a large file: commit the batches that no unit has sent, and write the results."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.checks.account import load_account
from contact_import.checks.arrival import INTERRUPTED_REASON, VerificationResult, load_verification
from contact_import.errors import UnfinishedError
from contact_import.ledger.ledger import Ledger
from contact_import.ledger.read_ahead import read_ahead
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.large_file.unit_store import PlanSummary, UnitStore
from contact_import.pipelines.prepare import load_or_create_config
from contact_import.pipelines.results import load_result, write_results
from contact_import.pipelines.workers import Workers
from contact_import.reports.progress import WRITING, ProgressReporter
from contact_import.sending.batches import find_commit_groups
from contact_import.settings import Settings

_INTERRUPTED = "the import stopped before this contact was sent"
_NOT_PLANNED = "The file could not be read to its end; upload it again."


def finish_import(
    upload: Upload,
    *,
    bucket: Bucket,
    settings: Settings,
    client: CellcastClient,
    has_failed: bool = False,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Write the results from the ledger, whatever happened in the other states, and return result.json's content.

    `has_failed` means that another state failed. Batches that no unit has sent are committed as unsent, so that a unit
    that still runs cannot send them after the report. Raise UnfinishedError if another run owns a batch.
    """
    state = ImportState.from_upload(upload, now(), is_sandbox=client.is_sandbox, page_address=settings.public_url)
    if result := load_result(state.identity, bucket):
        return result
    store, ledger = UnitStore(bucket, upload.import_id), Ledger(bucket, upload.import_id, now)
    progress = ProgressReporter(state.identity, state.started_at, bucket, now)
    progress.load_unit_counts()
    progress.start_stage(WRITING)
    # Finish also runs after a failed plan: the result then says that the file was not read.
    summary = store.read_summary() or PlanSummary(0, None, _NOT_PLANNED)
    blocking_error = _load_decisions(state, summary, bucket, settings, ledger)
    progress.started_at = state.started_at
    if settings.check_account:
        state.set_account(load_account(bucket, upload.import_id))
    # The client is stopped and sends nothing here. Its stop reason becomes the reason of contacts that are unsent.
    stop_reason = ledger.stop_reason or blocking_error
    client.stop(stop_reason or ledger.unavailable_reason or _INTERRUPTED, is_failure=bool(stop_reason))
    if has_failed or stop_reason:
        state.set_stop_reason(client.stop_reason, is_failure=client.is_failure and not ledger.is_stopped_by_user)
    workers = Workers(
        ledger, client, settings.concurrency, should_close=lambda: True, is_dry_run=state.identity.is_dry_run
    )
    records = _collect_records(store, ledger, summary.units, workers)
    return write_results(state, bucket, records, now, on_result=progress.finish)


def _load_decisions(
    state: ImportState, summary: PlanSummary, bucket: Bucket, settings: Settings, ledger: Ledger
) -> str:
    """Complete the state with the saved decisions and findings. Return why nothing was sent, "" if contacts were."""
    state.reading, state.error = summary.reading, summary.error
    if summary.error:
        state.labels = summary.labels
        return ""
    config = load_or_create_config(state, bucket, settings, ledger)
    if config.import_tag:
        verification = load_verification(bucket, ledger.import_id)
        state.set_verification(verification or VerificationResult(error=INTERRUPTED_REASON))
    return config.blocking_error


def _collect_records(store: UnitStore, ledger: Ledger, units: int, workers: Workers) -> Iterator[BatchRecord]:
    numbers = range(1, units + 1)
    # One ahead only: a unit has up to 18,000 rows and their lines.
    for unit, records in zip(numbers, read_ahead(store.read_records, numbers, max_ahead=1), strict=True):
        yield from _close_unit(store, ledger, unit, workers) if records is None else records


def _close_unit(store: UnitStore, ledger: Ledger, unit: int, workers: Workers) -> Iterator[BatchRecord]:
    """Commit the batches of a unit that did not finish, and return the records of all its batches."""
    # With a stopped client and `should_close`, the workers commit as unsent whatever is not committed.
    batches = store.read_unit(unit)
    if not workers.send_batches(batches):
        raise UnfinishedError("A unit is still being sent.")
    return ledger.read_batch_records(find_commit_groups(batches))
