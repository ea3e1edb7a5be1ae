"""Open, claim, commit and finish one submission of a batch, with its own ledger and results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.columns.detect import Columns
from contact_import.contacts.first_pass import FirstPass
from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.domain.outcomes import Outcome
from contact_import.errors import LedgerError
from contact_import.files.table import ReadSummary
from contact_import.ledger.group_store import GroupStore
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.ledger import ActiveClaim, Ledger
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.results import load_result, write_left_out_file, write_results
from contact_import.reports.result import format_timestamp
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.deliver import BatchResult
from contact_import.sending.merged import ClaimedBatch, SubmissionBatchRef
from contact_import.webhooks.submission import Submission
from contact_import.webhooks.submission_contacts import Validator, scan_submission, validate_submission

type GetTable = Callable[[str], GroupStore]


@dataclass(frozen=True, slots=True)
class ProcessedSubmission:
    """The outcome of a submission: its `result`, or None if some of it is left to a later run.

    A later run is useless before `retry_after` seconds have passed; `reason` is a sentence for people that says why it
    waits. `error` is the exception that interrupted the submission, None if there was none.
    """

    result: dict[str, Any] | None = None
    retry_after: float = 0.0
    reason: str = ""
    error: BaseException | None = None


@dataclass(slots=True)
class OpenSubmission:
    """A submission that this run works on.

    - `opted_out` has the outcomes of people who are on Cellcast's opt-out list or whom another submission opts out, by
      row number.
    - `first_pass` has the statements of the submission's people about each other's numbers.
    - `committed` has the final records that this run wrote, by batch number.
    """

    submission: Submission
    ledger: Ledger
    reading: ReadSummary
    batches: tuple[Batch, ...]
    columns: Columns
    first_pass: FirstPass
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)
    committed: dict[int, BatchRecord] = field(default_factory=dict)
    retry_after: float = 0.0
    error: BaseException | None = None

    def read_final_records(self) -> list[BatchRecord]:
        """Return the records that this or another run has finally committed, in the order of the batches."""
        return [
            record
            for state in self.ledger.read_group_states([batch.commit_group for batch in self.batches])
            if isinstance(state, Committed) and not state.is_partial and isinstance(state.outcomes, tuple)
            for record in state.outcomes
        ]


@dataclass(frozen=True, slots=True)
class SubmissionClaim:
    """A batch of a submission that this run has claimed."""

    ref: SubmissionBatchRef
    claim: ActiveClaim
    opened: OpenSubmission

    def to_claimed_batch(self) -> ClaimedBatch:
        """Return the claim in the form that `send_merged` takes."""
        previous = self.claim.previous
        return ClaimedBatch(
            self.ref, previous[0].result if previous else None, self.claim.attempts, self.opened.opted_out
        )

    def commit(self, result: BatchResult) -> SkipReason | Committed:
        """Commit the outcomes of the batch in its ledger."""
        return self.claim.commit((BatchRecord(self.ref.batch.number, self.ref.batch.row_group, result),))


def refuse_table(name: str) -> GroupStore:
    """Raise LedgerError: a process without the table must not claim its submissions elsewhere."""
    raise LedgerError(f"The claims of a delivery are in the table {name}, and this process has none.")


def open_submission(
    submission: Submission, bucket: Bucket, now: Callable[[], datetime], validate: Validator, group_store: GroupStore
) -> OpenSubmission:
    """Validate the people of a submission and split them into batches, the same ones in every run.

    `group_store` has the claims and commits of the submission: the bucket, or its `delivery_table`.
    """
    reading, validated = validate(submission, frozenset())
    limits = submission.batch_settings
    # One batch for each commit group: `send_merged` sends the batches of a submission with those of others.
    batches = split_batches(validated, max_contacts=limits.max_contacts, max_bytes=limits.max_bytes)
    ledger = Ledger(bucket, submission.import_id, now, group_store=group_store)
    return OpenSubmission(submission, ledger, reading, tuple(batches), *scan_submission(submission))


def finish_submission(
    opened: OpenSubmission,
    bucket: Bucket,
    now: Callable[[], datetime],
    *,
    messages: Sequence[str],
    stop_reason: str,
    is_sandbox: bool = False,
) -> dict[str, Any] | None:
    """Write the results of a submission if all its batches are finally committed, and return result.json's content.

    Otherwise return None, and save `stop_reason` for programs that query the import.
    """
    state = _build_state(opened, bucket)
    state.messages.extend(messages)
    state.is_sandbox = is_sandbox
    # Nearly always this run committed all batches. Otherwise another run may have, or has finished the submission.
    if len(opened.committed) == len(opened.batches):
        records = [opened.committed[number] for number in sorted(opened.committed)]
    elif existing := load_result(state.identity, bucket):
        return existing
    else:
        records = opened.read_final_records()
    if len(records) < len(opened.batches):
        if stop_reason:
            opened.ledger.mark_unavailable(stop_reason)
        return None
    if not opened.submission.people:  # then only the request can show why
        bucket.put(f"{state.identity.results_prefix}delivery.json", opened.submission.to_delivery_json())
    return write_results(state, bucket, records, now)


def add_left_out_file(
    submission: Submission, result: Mapping[str, Any], name: str, bucket: Bucket, now: Callable[[], datetime]
) -> bool:
    """Write a file that the results of a finished submission do without. Return whether it is one of those."""
    opened = open_submission(submission, bucket, now, validate_submission, bucket)  # it is finished: no claim is read
    return write_left_out_file(_build_state(opened, bucket), result, bucket, name)


def _build_state(opened: OpenSubmission, bucket: Bucket) -> ImportState:
    submission = opened.submission
    return ImportState(
        ImportIdentity(
            upload=Upload(bucket.name, submission.source, size=len(submission.request.body)),
            import_id=submission.import_id,
            results_prefix=make_webhook_prefix(submission.import_id, submission.received_at),
            is_dry_run=submission.is_dry_run,
            source_kind="webhook",
        ),
        submission.received_at,
        labels=submission.labels,
        reading=opened.reading,
        phone_region=submission.batch_settings.phone_region,
        mobile_only=submission.batch_settings.mobile_only,
        columns=opened.columns,
        consent=opened.first_pass.tally,
        is_consent_required=submission.batch_settings.require_consent,
        started_by=submission.started_by,
        consent_origin=f"{submission.source}, {format_timestamp(submission.received_at)}",
    )
