"""Process several webhook submissions together: each is an import with its own results, and they share requests.

    open every submission (validate, batches)  ─►  hold back opted-out people  ─►  group batches by labels and number
    ─►  each group: claim, send, commit  ─►  write the results of each submission

With one person a request, the account's rate would be 12 deliveries a second; together, hundreds share a request.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_outs import OptOuts, explain_failure
from contact_import.domain.outcomes import Outcome, Status
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.ledger import LEASE_SECONDS, ActiveClaim
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.webhook.submission import (
    GetTable,
    OpenSubmission,
    ProcessedSubmission,
    SubmissionClaim,
    finish_submission,
    open_submission,
    refuse_table,
)
from contact_import.pipelines.workers import SENDING_SECONDS
from contact_import.sending.deliver import BatchResult, dry_run
from contact_import.sending.merged import SubmissionBatchRef, group_batches, send_merged
from contact_import.webhooks.submission import Submission
from contact_import.webhooks.submission_contacts import Validator, find_opted_out_rows, validate_submission

_S3_THREADS = 16  # a submission has some objects, and S3 takes tens of milliseconds for each
_MIN_SECONDS_LEFT = 2.0

_HELD_BY_OTHER = "consent: another delivery of the same minute opts out the same number"
_OPT_OUTS_UNAVAILABLE = "Cellcast's opt-out list could not be read yet"

type GetOptOuts = Callable[[CellcastClient], OptOuts | QueryFailed]


class SubmissionBatch:
    """A sender of the submissions of a few seconds in few requests, which writes the results of each.

    A submission that could not be sent completely is left to a later run. `get_opt_outs` returns Cellcast's opt-out
    list, without which nothing is sent; None means that the list is not used. `get_table` returns the store of those
    submissions whose claims are in a DynamoDB table, by its name. One object serves one call of `run`.
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
        get_table: GetTable = refuse_table,
    ) -> None:
        self._bucket, self._client, self._now, self._validate = bucket, client, now, validate
        self._concurrency, self._get_opt_outs, self._get_table = concurrency, get_opt_outs, get_table
        self._messages: tuple[str, ...] = ()
        self._opt_outs_error = ""
        self._open_submissions: dict[str, OpenSubmission] = {}

    def run(self, submissions: Sequence[Submission]) -> dict[str, ProcessedSubmission]:
        """Import the submissions. Return the outcome of each by its import id. An error of one affects no other."""
        with ThreadPoolExecutor(_S3_THREADS) as s3_pool, ThreadPoolExecutor(self._concurrency) as api_pool:
            failed = self._open_all(submissions, s3_pool)
            refs = [
                SubmissionBatchRef(import_id, batch)
                for import_id, opened in self._open_submissions.items()
                for batch in opened.batches
            ]
            self._apply_held_numbers()
            if self._get_opt_outs and any(ref.batch.contacts for ref in refs):
                self._apply_opt_outs(self._get_opt_outs(self._client))
            max_contacts = min((one.batch_settings.max_contacts for one in submissions), default=1)
            # A dry run shares no request: its contacts must not be merged into those that are sent.
            sent_refs = [ref for ref in refs if not self._is_dry_run(ref)]
            groups = [*group_batches(sent_refs, max_contacts), *((ref,) for ref in refs if self._is_dry_run(ref))]
            calls = [(group, api_pool.submit(self._send_group, group, s3_pool)) for group in groups]
            for group, call in calls:
                self._record_error(group, call)
            finishing = {
                import_id: s3_pool.submit(
                    finish_submission,
                    opened,
                    self._bucket,
                    self._now,
                    messages=self._messages,
                    stop_reason=self._stop_reason,
                    is_sandbox=self._client.is_sandbox,
                )
                for import_id, opened in self._open_submissions.items()
            }
        return failed | {import_id: self._build_processed(import_id, future) for import_id, future in finishing.items()}

    def _open_all(
        self, submissions: Sequence[Submission], s3_pool: ThreadPoolExecutor
    ) -> dict[str, ProcessedSubmission]:
        """Open the submissions in the order of their arrival: of one number, the values of the last one count.

        Return those that failed.
        """
        in_order = sorted(submissions, key=lambda one: (one.received_at, one.import_id))
        # In this thread: boto3 cannot create clients in several at the same time.
        tables = {one.delivery_table for one in in_order}
        stores = {name: self._get_table(name) if name else self._bucket for name in tables}
        opening = {
            one.import_id: s3_pool.submit(
                open_submission, one, self._bucket, self._now, self._validate, stores[one.delivery_table]
            )
            for one in in_order
        }
        failed = {
            import_id: ProcessedSubmission(error=error)
            for import_id, future in opening.items()
            if (error := future.exception())
        }
        self._open_submissions = {
            import_id: future.result() for import_id, future in opening.items() if import_id not in failed
        }
        return failed

    def _apply_opt_outs(self, found: OptOuts | QueryFailed) -> None:
        """Hold back people on the opt-out list. Without the list, stop before anything is sent.

        The batches are not changed, so every run has the same ones: `send_merged` leaves these people out.
        """
        if isinstance(found, QueryFailed):
            self._opt_outs_error = explain_failure(found)
            # Without Cellcast's words, because the stop reason is logged.
            self._client.stop(found.reason if found.is_denied else _OPT_OUTS_UNAVAILABLE, is_failure=found.is_denied)
            return
        self._messages = found.messages
        for opened in self._open_submissions.values():
            if any(contact.phone_number in found.numbers for batch in opened.batches for contact in batch.contacts):
                opted_out = find_opted_out_rows(opened.submission, found.numbers, self._validate)
                opened.opted_out = {**opted_out, **opened.opted_out}

    def _apply_held_numbers(self) -> None:
        """Hold back people whose number another submission of this run opts out, whichever came first.

        As with the opt-out list, the batches are not changed. A dry run holds no other back, and is not held back.
        """
        submissions = [one for one in self._open_submissions.values() if not one.submission.is_dry_run]
        saying_no = [one for one in submissions if one.first_pass.held_numbers]
        for opened in submissions:
            contacts = [contact for batch in opened.batches for contact in batch.contacts]
            numbers = [contact.phone_number for contact in contacts]
            for other in saying_no:
                held = other.first_pass.held_numbers.find(numbers) if other is not opened else {}
                rows = [contacts[index].row for index in held]
                outcomes = {row.number: Outcome(row, Status.OPTED_OUT, _HELD_BY_OTHER) for row in rows}
                opened.opted_out = {**outcomes, **opened.opted_out}

    def _send_group(self, group: Sequence[SubmissionBatchRef], s3_pool: ThreadPoolExecutor) -> None:
        """Claim the batches of a group, send their contacts together, and commit the outcomes."""
        # Without Cellcast, only batches are claimed that need no request: the others stay free for a later run.
        deadline = self._client.clock() + SENDING_SECONDS
        if self._client.stop_reason or self._client.remaining_seconds <= _MIN_SECONDS_LEFT:
            group = [ref for ref in group if self._needs_no_request(ref)]
        claimed = self._collect_claims([(ref, s3_pool.submit(self._claim, ref)) for ref in group])
        if any(self._is_dry_run(ref) for ref in group):
            results = [dry_run(one.ref.batch, one.opened.opted_out) for one in claimed]
        else:
            results = self._send_claimed(claimed, deadline - self._client.clock())
        # If two submissions have a number, the newer values were sent, and the row of the older one is a duplicate. The
        # older one is committed first: if this run dies between the commits, no later run sends the older values over
        # the newer ones.
        pairs = list(zip(claimed, results, strict=True))
        for is_first in (True, False):
            commits = [
                (one.ref, s3_pool.submit(one.commit, result), result)
                for one, result in pairs
                if _has_duplicates(result) == is_first
            ]
            for ref, commit, result in commits:
                self._record_result(ref, commit, result)

    def _send_claimed(self, claimed: Sequence[SubmissionClaim], seconds: float) -> list[BatchResult]:
        limits = [one.opened.submission.batch_settings for one in claimed]
        return send_merged(
            [one.to_claimed_batch() for one in claimed],
            self._client,
            max_contacts=min((one.max_contacts for one in limits), default=1),
            max_bytes=min((one.max_bytes for one in limits), default=1),
            seconds=seconds,
        )

    def _is_dry_run(self, ref: SubmissionBatchRef) -> bool:
        return self._open_submissions[ref.import_id].submission.is_dry_run

    def _needs_no_request(self, ref: SubmissionBatchRef) -> bool:
        """Return whether a batch has outcomes without Cellcast: it has no contacts, or is a checked dry run."""
        return not ref.batch.contacts or (self._is_dry_run(ref) and not self._opt_outs_error)

    def _claim(self, ref: SubmissionBatchRef) -> SkipReason | ActiveClaim:
        return self._open_submissions[ref.import_id].ledger.claim(ref.batch.commit_group)

    def _collect_claims(
        self, claims: Sequence[tuple[SubmissionBatchRef, Future[SkipReason | ActiveClaim]]]
    ) -> list[SubmissionClaim]:
        collected = []
        for ref, claim in claims:
            opened = self._open_submissions[ref.import_id]
            if error := claim.exception():
                opened.error = error
            elif isinstance(claimed := claim.result(), ActiveClaim):
                collected.append(SubmissionClaim(ref, claimed, opened))
            elif claimed is SkipReason.BUSY:
                opened.retry_after = LEASE_SECONDS
        return collected

    def _record_error(self, group: Sequence[SubmissionBatchRef], call: Future[None]) -> None:
        if error := call.exception():
            for ref in group:
                self._open_submissions[ref.import_id].error = error

    def _record_result(
        self, ref: SubmissionBatchRef, commit: Future[SkipReason | Committed], result: BatchResult
    ) -> None:
        opened = self._open_submissions[ref.import_id]
        opened.retry_after = max(opened.retry_after, result.retry_after)
        if error := commit.exception():
            opened.error = error
        elif isinstance(committed := commit.result(), Committed) and not committed.is_partial:
            opened.committed[ref.batch.number] = BatchRecord(ref.batch.number, ref.batch.row_group, result)

    def _build_processed(self, import_id: str, finishing: "Future[dict[str, Any] | None]") -> ProcessedSubmission:
        opened = self._open_submissions[import_id]
        if error := opened.error or finishing.exception():
            return ProcessedSubmission(error=error)
        result = finishing.result()
        return ProcessedSubmission(result, opened.retry_after, "" if result else self._stop_reason)

    @property
    def _stop_reason(self) -> str:
        """Return a sentence for people that says why nothing more is sent, "" while contacts are sent."""
        return self._opt_outs_error or self._client.stop_reason


def _has_duplicates(result: BatchResult) -> bool:
    return any(outcome.status is Status.DUPLICATE for outcome in result.outcomes)
