"""Prepare the ledger of an interrupted import for the process that continues it.

The journal's lock says that no other process is at the import. So a claim has no living owner, whatever its lease
says, and what an earlier run reported as unsent may be sent: the report that said so is replaced.
"""

from dataclasses import replace

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import (
    make_groups_prefix,
    make_handed_over_key,
    make_stop_key,
    make_unavailable_key,
)
from contact_import.domain.outcomes import Outcome, Status
from contact_import.ledger.leases import Claim, Committed
from contact_import.ledger.records import BatchRecord, GroupRecord, decode_ledger_record, encode_ledger_record
from contact_import.sending.deliver import INTERRUPTED

_REPORT_FILES = ("result.json", "progress.json", "report.html")


def reopen_import(bucket: Bucket, import_id: str, results_prefix: str) -> None:
    """Prepare the ledger for a run that continues. Doing it twice, or half of it and then all, does no harm.

    A group that a dead process had claimed stays one that it may have sent. result.json is removed last: until then
    the next process does all of this again.
    """
    for key in bucket.list_keys(make_groups_prefix(import_id)):
        body = bucket.read(key)
        assert body  # noqa: S101  the journal is locked
        record = decode_ledger_record(body)
        reopened = _release(record) if isinstance(record, Claim) else _reopen(record)
        if reopened is not record:
            bucket.put(key, encode_ledger_record(reopened))
    for key in (make_stop_key(import_id), make_unavailable_key(import_id), make_handed_over_key(import_id)):
        bucket.delete(key)
    for name in reversed(_REPORT_FILES):
        bucket.delete(results_prefix + name)


def release_claims(bucket: Bucket, import_id: str) -> None:
    """Make the groups that a dead process had claimed claimable now, not when the leases end."""
    for key in bucket.list_keys(make_groups_prefix(import_id)):
        body = bucket.read(key)
        record = decode_ledger_record(body) if body else None
        if isinstance(record, Claim):
            bucket.put(key, encode_ledger_record(_release(record)))


def _release(claim: Claim) -> Claim:
    return claim._replace(lease_expires_at=0.0) if claim.lease_expires_at else claim


def _reopen(committed: Committed) -> Committed:
    if committed.is_partial:
        return committed
    assert isinstance(committed.outcomes, tuple)  # noqa: S101  the ledger commits nothing else
    records: GroupRecord = committed.outcomes
    reopened = tuple(_reopen_batch(record) for record in records)
    return committed if reopened == records else committed._replace(outcomes=reopened, is_partial=True)


def _reopen_batch(record: BatchRecord) -> BatchRecord:
    # A record with lines of accepted.csv was complete when it was committed: see `workers.Workers`.
    if record.accepted.row_numbers:
        return record
    retry_rows = tuple(outcome.row.number for outcome in record.result.outcomes if _may_be_sent(outcome))
    return replace(record, result=replace(record.result, retry_rows=retry_rows))


def _may_be_sent(outcome: Outcome) -> bool:
    """Return whether a later run decides about a row: it is unsent, or its run broke off and ON_AMBIGUOUS decides."""
    return outcome.status is Status.UNSENT or (outcome.status is Status.UNKNOWN and outcome.reason == INTERRUPTED)
