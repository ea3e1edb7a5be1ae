"""One import in a bucket in memory; test_leases.py has the protocol in every order of events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.columns.detect import Columns
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_group_key
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.errors import LedgerError, UnfinishedError
from contact_import.fields.birthday import DateOrder
from contact_import.files.csv_rows import Dialect
from contact_import.files.table import Layout
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.leases import Claim, Committed, SkipReason
from contact_import.ledger.ledger import LEASE_SECONDS, ActiveClaim, Ledger
from contact_import.ledger.local_cache import LocalCache
from contact_import.ledger.records import BatchRecord, GroupRecord
from contact_import.sending.deliver import BatchResult
from tests.unit.fakes import make_bucket

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CONFIG = ImportConfig(
    Upload("contacts", "incoming/a.csv"), NOW, Labels(), "AU", True, 400, 1000,
    Layout(Dialect(","), Columns(None, (), {}, {}), 0), DateOrder.UNKNOWN,
)  # fmt: skip


@pytest.fixture
def bucket() -> Bucket:
    return make_bucket()


def _open(bucket: Bucket, *, later: float = 0.0, cache: LocalCache | None = None) -> Ledger:
    return Ledger(bucket, "one", lambda: NOW + timedelta(seconds=later), cache=cache)


def _record(number: int, status: Status = Status.ACCEPTED, retry_rows: tuple[int, ...] = ()) -> BatchRecord:
    return BatchRecord(
        number, 1, BatchResult((Outcome(Row(number, ("x",)), status, "why"),), {}, retry_rows=retry_rows)
    )


def _send(*records: BatchRecord) -> Callable[[int, GroupRecord | None], GroupRecord]:
    return lambda _attempts, _previous: records


def test_the_first_configuration_is_obeyed_whoever_comes_later(bucket: Bucket) -> None:
    first, second = _open(bucket), _open(bucket)
    assert first.find_config() is None
    assert not first.has_begun

    assert first.save_config_once(CONFIG) == CONFIG
    assert second.save_config_once(replace(CONFIG, phone_region="NZ")) == CONFIG
    assert second.find_config() == CONFIG
    assert second.has_begun


def test_a_configuration_that_is_not_there_is_an_error(bucket: Bucket) -> None:
    with pytest.raises(LedgerError):
        _open(bucket).load_config()


def test_a_group_that_is_committed_is_not_sent_again(bucket: Bucket) -> None:
    first = _open(bucket).settle(1, _send(_record(1)))

    assert isinstance(first, Committed)
    assert _open(bucket).settle(1, _send(_record(1, Status.UNSENT))) is SkipReason.COMMITTED
    assert list(_open(bucket).read_batch_records()) == [_record(1)]


def test_a_group_that_another_run_owns_is_left_alone_until_its_lease_expires(bucket: Bucket) -> None:
    assert isinstance(_open(bucket).claim(1), ActiveClaim)

    assert _open(bucket, later=LEASE_SECONDS - 1).claim(1) is SkipReason.BUSY
    taken_over = _open(bucket, later=LEASE_SECONDS + 1).claim(1)
    assert isinstance(taken_over, ActiveClaim)
    assert (taken_over.attempts, taken_over.previous) == (2, None)


def test_an_owner_that_comes_back_after_its_lease_commits_nothing(bucket: Bucket) -> None:
    late = _open(bucket).claim(1)
    _open(bucket, later=LEASE_SECONDS + 1).settle(1, _send(_record(1)))

    assert isinstance(late, ActiveClaim)
    assert late.commit((_record(1, Status.UNKNOWN),)) is SkipReason.LEASE_LOST
    assert list(_open(bucket).read_batch_records()) == [_record(1)]


def test_a_later_run_continues_a_partial_commit_with_its_outcomes(bucket: Bucket) -> None:
    partial = _record(1, Status.UNSENT, retry_rows=(1,))
    _open(bucket).settle(1, _send(partial, _record(2)))
    seen: list[tuple[int, GroupRecord | None]] = []

    def send(attempts: int, previous: GroupRecord | None) -> GroupRecord:
        seen.append((attempts, previous))
        return (_record(1), _record(2))

    _open(bucket).settle(1, send)

    assert seen == [(1, (partial, _record(2)))]
    assert list(_open(bucket).read_batch_records()) == [_record(1), _record(2)]


def test_what_is_committed_as_unsent_is_never_sent(bucket: Bucket) -> None:
    _open(bucket).commit_unsent(1, _send(_record(1, Status.UNSENT)))

    assert _open(bucket).settle(1, _send(_record(1))) is SkipReason.COMMITTED
    assert _open(bucket).commit_unsent(1, _send(_record(1))) is SkipReason.COMMITTED


def test_a_group_that_is_not_final_has_no_record(bucket: Bucket) -> None:
    _open(bucket).claim(1)
    _open(bucket).settle(2, _send(_record(2)))

    claim, committed, missing = _open(bucket).read_group_states([1, 2, 3])

    assert isinstance(claim, Claim)
    assert isinstance(committed, Committed)
    assert missing is None
    with pytest.raises(UnfinishedError):
        list(_open(bucket).read_batch_records())


def test_records_come_in_the_order_of_their_numbers(bucket: Bucket) -> None:
    for number in (11, 2, 100, 1):
        _open(bucket).settle(number, _send(_record(number)))

    assert [record.number for record in _open(bucket).read_batch_records()] == [1, 2, 11, 100]
    assert [record.number for record in _open(bucket).read_batch_records([100, 2])] == [100, 2]


def test_with_a_cache_what_this_run_committed_is_read_from_the_disk(bucket: Bucket) -> None:
    ledger = _open(bucket, cache=LocalCache())
    ledger.settle(1, _send(_record(1)))
    ledger.settle(2, _send(_record(2, Status.UNSENT, retry_rows=(2,))))
    bucket.put(make_group_key("one", 1), b"not read")
    _open(bucket).settle(2, _send(_record(2)))  # a partial commit may be replaced, so it is not cached

    assert list(ledger.read_batch_records()) == [_record(1), _record(2)]


def test_marks_are_there_for_every_later_run(bucket: Bucket) -> None:
    ledger = _open(bucket)
    assert (ledger.is_handed_over, ledger.stop_reason, ledger.unavailable_reason) == (False, "", "")

    ledger.mark_handed_over()
    ledger.mark_stopped("the key is denied")
    ledger.mark_unavailable("no answer")

    again = _open(bucket)
    assert (again.is_handed_over, again.stop_reason, again.unavailable_reason) == (
        True,
        "the key is denied",
        "no answer",
    )
