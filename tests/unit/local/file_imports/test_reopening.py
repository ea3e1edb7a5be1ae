"""The ledger of an import that ended early, as the next process finds it."""

from pathlib import Path

import pytest

from contact_import.domain.object_keys import make_group_key, make_stop_key
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.leases import Claim, Committed
from contact_import.ledger.records import BatchRecord, GroupRecord, decode_ledger_record, encode_ledger_record
from contact_import.sending.deliver import INTERRUPTED, BatchResult
from local.aws.disk_bucket import DiskBucket
from local.file_imports.reopening import reopen_import

KEY, PREFIX = make_group_key("1", 1), "results/june.csv/1/"


def _reopen(folder: Path, record: Claim | Committed) -> Claim | Committed:
    bucket = DiskBucket(folder, "contacts")
    bucket.put(KEY, encode_ledger_record(record))
    for _ in range(2):  # a process that dies in the middle is followed by one that does it again
        bucket.put(make_stop_key("1"), b"{}")
        bucket.put(f"{PREFIX}result.json", b"{}")
        reopen_import(bucket, "1", PREFIX)
    assert not bucket.has_object(make_stop_key("1"))
    assert not bucket.has_object(f"{PREFIX}result.json")
    return decode_ledger_record(bucket.read(KEY) or b"")


def _committed(*outcomes: tuple[Status, str], accepted: AcceptedLines = AcceptedLines()) -> Committed:
    rows = tuple(Outcome(Row(number, ("x",)), status, reason) for number, (status, reason) in enumerate(outcomes, 2))
    return Committed("a", (BatchRecord(1, 1, BatchResult(rows, {}), accepted),))


def _records(committed: Committed) -> GroupRecord:
    assert isinstance(committed.outcomes, tuple)
    return committed.outcomes


def test_a_claim_of_a_dead_process_is_free_and_still_ambiguous(tmp_path: Path) -> None:
    assert _reopen(tmp_path, Claim("a", 9e9, 2)) == Claim("a", 0.0, 2)


def test_unsent_rows_may_be_sent_and_every_other_outcome_stays(tmp_path: Path) -> None:
    committed = _committed((Status.ACCEPTED, ""), (Status.UNSENT, "stopped"), (Status.REFUSED, "no"))

    reopened = _reopen(tmp_path, committed)

    assert isinstance(reopened, Committed)
    (record,) = _records(reopened)
    assert reopened.is_partial
    assert record.result.retry_rows == (3,)
    assert [outcome.status for outcome in record.result.outcomes] == ["accepted", "unsent", "refused"]


@pytest.mark.parametrize(
    ("reason", "is_partial"), [(INTERRUPTED, True), ("the answer made no sense; the contact may be in Cellcast", False)]
)
def test_of_unknown_rows_only_those_whose_run_broke_off_are_decided_again(
    tmp_path: Path, reason: str, is_partial: bool
) -> None:
    reopened = _reopen(tmp_path, _committed((Status.UNKNOWN, reason)))

    assert isinstance(reopened, Committed)
    assert reopened.is_partial is is_partial


def test_a_complete_batch_stays_as_it_is(tmp_path: Path) -> None:
    committed = _committed((Status.INVALID, "too short"), accepted=AcceptedLines((3,), ("line\r\n",)))

    reopened = _reopen(tmp_path, committed)

    assert isinstance(reopened, Committed)
    assert not reopened.is_partial
