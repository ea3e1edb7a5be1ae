"""What came in over HTTP to its results: many deliveries at once, each of them an import of its own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_outs import OptOuts, explain_failure
from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.domain.outcomes import Outcome, Status
from contact_import.files.table import ReadSummary
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.ledger import LEASE_SECONDS, ActiveClaim, Ledger
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.workers import SENDING_SECONDS
from contact_import.reports.result import ImportState, load_result, write_results
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.deliver import BatchResult
from contact_import.sending.merged import ClaimedBatch, SubmissionBatchRef, group_batches, send_merged
from contact_import.webhooks.submission import Submission
from contact_import.webhooks.submission_contacts import Validator, find_opted_out_rows, validate_submission

_S3_THREADS = 16  # S3 takes its time over each object, and there are some for each delivery
_MIN_SECONDS_LEFT = 2.0

_OPT_OUTS_UNAVAILABLE = "Cellcast's opt-out list could not be read by now"

type GetOptOuts = Callable[[CellcastClient], OptOuts | QueryFailed]


@dataclass(frozen=True, slots=True)
class ProcessedSubmission:
    """What became of an import: its `result`, or None while some of it is left to a later run.

    That makes no sense before `wait` seconds are over; `why` says for people what it waits for. `fault` is what broke
    it off, if anything did.
    """

    result: dict[str, Any] | None = None
    retry_after: float = 0.0
    reason: str = ""
    error: BaseException | None = None


@dataclass(slots=True)
class _OpenSubmission:
    """One import of the window, as far as it has come. `sealed` are the batches that this run sealed for good.

    `opted_out` are the outcomes of people on Cellcast's opt-out list, by the numbers of their rows.
    """

    submission: Submission
    ledger: Ledger
    reading: ReadSummary
    batches: tuple[Batch, ...]
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)
    committed: dict[int, BatchRecord] = field(default_factory=dict)
    retry_after: float = 0.0
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _SubmissionClaim:
    """A piece that this run has claimed."""

    ref: SubmissionBatchRef
    claim: ActiveClaim
    open_submission: _OpenSubmission

    def to_claimed_batch(self) -> ClaimedBatch:
        previous = self.claim.previous
        return ClaimedBatch(
            self.ref, previous.result if previous else None, self.claim.attempts, self.open_submission.opted_out
        )

    def commit(self, result: BatchResult) -> SkipReason | Committed:
        return self.claim.commit(BatchRecord(self.ref.batch.number, self.ref.batch.row_group, result))


class SubmissionBatch:
    """Brings the submissions of a few seconds to Cellcast in few requests, and writes the results of each.

    Nothing is given up: what could not be sent stays open for a later run. `look_up` finds Cellcast's opt-out list;
    without the list nothing is sent, and without `look_up` it is not asked for.
    """

    def __init__(
        self,
        bucket: Bucket,
        client: CellcastClient,
        concurrency: int,
        now: Callable[[], datetime],
        *,
        validate: Validator = validate_submission,
        get_opt_outs: GetOptOuts | None = None,
    ) -> None:
        self._bucket, self._client, self._now, self._validate = bucket, client, now, validate
        self._concurrency, self._get_opt_outs = concurrency, get_opt_outs
        self._messages: tuple[str, ...] = ()
        self._opt_outs_error = ""
        self._open_submissions: dict[str, _OpenSubmission] = {}

    def run(self, submissions: Sequence[Submission]) -> dict[str, ProcessedSubmission]:
        """What became of each, by its import id."""
        with ThreadPoolExecutor(_S3_THREADS) as s3_pool, ThreadPoolExecutor(self._concurrency) as api_pool:
            in_order = sorted(submissions, key=lambda one: (one.received_at, one.import_id))
            opening = {one.import_id: s3_pool.submit(self._open_submission, one) for one in in_order}
            failed = {
                import_id: ProcessedSubmission(error=error)
                for import_id, one in opening.items()
                if (error := one.exception())
            }
            self._open_submissions = {
                import_id: one.result() for import_id, one in opening.items() if import_id not in failed
            }
            refs = [
                SubmissionBatchRef(import_id, batch)
                for import_id, one in self._open_submissions.items()
                for batch in one.batches
            ]
            if self._get_opt_outs and any(ref.batch.contacts for ref in refs):
                self._apply_opt_outs(self._get_opt_outs(self._client))
            max_contacts = min((one.batch_settings.max_contacts for one in submissions), default=1)
            for group, call in [
                (one, api_pool.submit(self._send_group, one, s3_pool)) for one in group_batches(refs, max_contacts)
            ]:
                self._record_error(group, call)
            endings = {
                import_id: s3_pool.submit(self._finish_submission, one)
                for import_id, one in self._open_submissions.items()
            }
        return failed | {import_id: self._build_processed(import_id, ending) for import_id, ending in endings.items()}

    def _record_error(self, group: Sequence[SubmissionBatchRef], call: Future[None]) -> None:
        if error := call.exception():
            for ref in group:
                self._open_submissions[ref.import_id].error = error

    def _apply_opt_outs(self, found: OptOuts | QueryFailed) -> None:
        """Note who gets nothing. The batches stay as they are, so that every run cuts the same ones."""
        if isinstance(found, QueryFailed):
            self._opt_outs_error = explain_failure(found)
            # Without Cellcast's words: this is logged.
            self._client.stop(found.reason if found.is_denied else _OPT_OUTS_UNAVAILABLE, is_failure=found.is_denied)
            return
        self._messages = found.messages
        for opened in self._open_submissions.values():
            if any(one.phone_number in found.numbers for batch in opened.batches for one in batch.contacts):
                opened.opted_out = find_opted_out_rows(opened.submission, found.numbers, self._validate)

    def _open_submission(self, submission: Submission) -> _OpenSubmission:
        reading, validated = self._validate(submission, frozenset())
        limits = submission.batch_settings
        batches = split_batches(validated, max_contacts=limits.max_contacts, max_bytes=limits.max_bytes)
        ledger = Ledger(self._bucket, submission.import_id, self._now)
        return _OpenSubmission(submission, ledger, reading, tuple(batches))

    def _send_group(self, group: Sequence[SubmissionBatchRef], s3_pool: ThreadPoolExecutor) -> None:
        """Claim the pieces of a bundle, send what is in them, and seal what came of it."""
        deadline = self._client.clock() + SENDING_SECONDS
        if self._client.stop_reason or self._client.remaining_seconds <= _MIN_SECONDS_LEFT:
            group = [ref for ref in group if not ref.batch.contacts]
        claimed = self._collect_claims([(ref, s3_pool.submit(self._claim, ref)) for ref in group])
        limits = [self._open_submissions[one.ref.import_id].submission.batch_settings for one in claimed]
        results = send_merged(
            [one.to_claimed_batch() for one in claimed],
            self._client,
            max_contacts=min((one.max_contacts for one in limits), default=1),
            max_bytes=min((one.max_bytes for one in limits), default=1),
            seconds=deadline - self._client.clock(),
        )
        # Of a number that came twice, the later words went out. While nobody knows of it (this run may die), no
        # later run may send the earlier ones: they are sealed first.
        pairs = list(zip(claimed, results, strict=True))
        for is_first in (True, False):
            commits = [
                (one.ref, s3_pool.submit(one.commit, result), result)
                for one, result in pairs
                if _has_duplicates(result) == is_first
            ]
            for ref, commit, result in commits:
                self._record_result(ref, commit, result)

    def _claim(self, ref: SubmissionBatchRef) -> SkipReason | ActiveClaim:
        return self._open_submissions[ref.import_id].ledger.claim(ref.batch.number)

    def _collect_claims(
        self, claims: Sequence[tuple[SubmissionBatchRef, Future[SkipReason | ActiveClaim]]]
    ) -> list[_SubmissionClaim]:
        collected = []
        for ref, claim in claims:
            if error := claim.exception():
                self._open_submissions[ref.import_id].error = error
            elif isinstance(claimed := claim.result(), ActiveClaim):
                collected.append(_SubmissionClaim(ref, claimed, self._open_submissions[ref.import_id]))
            elif claimed is SkipReason.BUSY:
                self._open_submissions[ref.import_id].retry_after = LEASE_SECONDS
        return collected

    def _record_result(
        self, ref: SubmissionBatchRef, commit: Future[SkipReason | Committed], result: BatchResult
    ) -> None:
        opened = self._open_submissions[ref.import_id]
        opened.retry_after = max(opened.retry_after, result.retry_after)
        if error := commit.exception():
            opened.error = error
        elif isinstance(committed := commit.result(), Committed) and not committed.is_partial:
            opened.committed[ref.batch.number] = BatchRecord(ref.batch.number, ref.batch.row_group, result)

    def _finish_submission(self, opened: _OpenSubmission) -> dict[str, Any] | None:
        """Write the results of an import all of whose batches are sealed for good; give what is in them."""
        state = _build_state(opened, self._bucket)
        state.messages.extend(self._messages)
        if len(opened.committed) == len(opened.batches):
            records = [opened.committed[number] for number in sorted(opened.committed)]
        elif existing := load_result(state, self._bucket):
            return existing
        else:
            found = opened.ledger.read_batch_states([batch.number for batch in opened.batches])
            records = [
                record.outcomes
                for record in found
                if isinstance(record, Committed) and not record.is_partial and isinstance(record.outcomes, BatchRecord)
            ]
        if len(records) < len(opened.batches):
            if reason := self._stop_reason:
                opened.ledger.mark_unavailable(reason)
            return None
        if not opened.submission.people:
            self._bucket.put(f"{state.prefix}delivery.json", opened.submission.to_delivery_json())
        return write_results(state, self._bucket, records, self._now)

    def _build_processed(self, import_id: str, future: "Future[dict[str, Any] | None]") -> ProcessedSubmission:
        opened = self._open_submissions[import_id]
        if error := opened.error or future.exception():
            return ProcessedSubmission(error=error)
        result = future.result()
        return ProcessedSubmission(result, opened.retry_after, "" if result else self._stop_reason)

    @property
    def _stop_reason(self) -> str:
        """Why nothing more is sent, for people."""
        return self._opt_outs_error or self._client.stop_reason


def _has_duplicates(result: BatchResult) -> bool:
    return any(outcome.status is Status.DUPLICATE for outcome in result.outcomes)


def _build_state(opened: _OpenSubmission, bucket: Bucket) -> ImportState:
    submission = opened.submission
    return ImportState(
        upload=Upload(bucket.name, submission.source, size=len(submission.request.body)),
        import_id=submission.import_id,
        prefix=make_webhook_prefix(submission.import_id, submission.received_at),
        dry_run=False,
        started_at=submission.received_at,
        labels=submission.labels,
        reading=opened.reading,
        kind="webhook",
        phone_region=submission.batch_settings.phone_region,
    )
