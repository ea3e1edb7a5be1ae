"""Several batches at a time: how many may be where at once, and what the lease of a commit group allows."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from contact_import.cellcast.transport import ApiResponse, NoResponse
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.records import BatchRecord, GroupRecord
from contact_import.pipelines.workers import SENDING_SECONDS, Workers
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult
from tests.unit.fake_endpoint import YES, Endpoint, build_batch, build_number

IN_FLIGHT = 4
PATIENCE = 20.0  # only a test that fails waits for so long


class SlowLedger:
    """A bucket that takes so many seconds over the first claim, and none over those after it."""

    def __init__(self, endpoint: Endpoint, seconds: float) -> None:
        self.endpoint, self.seconds = endpoint, seconds
        self.sent: list[int] = []  # requests under each claim

    def settle(self, _group: int, send: Callable[[int, GroupRecord | None], GroupRecord]) -> Committed:
        self.endpoint.now += self.seconds
        self.seconds = 0.0
        before = len(self.endpoint.seen)
        records = send(1, None)
        self.sent.append(len(self.endpoint.seen) - before)
        return _commit(records)


def _commit(records: GroupRecord) -> Committed:
    return Committed("me", records, is_partial=any(record.result.retry_rows for record in records))


@pytest.mark.parametrize(
    ("seconds", "sent"), [(0.0, [1]), (20.0, [1]), (SENDING_SECONDS - 29, [0, 1]), (300.0, [0, 1])]
)
def test_no_request_starts_when_the_lease_may_be_over_before_the_answer(seconds: float, sent: list[int]) -> None:
    endpoint = Endpoint(YES)
    ledger: Any = SlowLedger(endpoint, seconds)
    workers = Workers(ledger, endpoint.build_client(), 1, should_close=lambda: False)

    assert workers.send_batches([build_batch(3)])
    assert ledger.sent == sent


def test_a_group_that_another_run_owns_is_waited_for_and_not_sent() -> None:
    endpoint = Endpoint(YES)
    answers = [SkipReason.BUSY, SkipReason.BUSY, SkipReason.COMMITTED]
    ledger: Any = SlowLedger(endpoint, 0.0)
    ledger.settle = lambda _number, _send: answers.pop(0)
    began = endpoint.now

    assert Workers(ledger, endpoint.build_client(), 1, should_close=lambda: False).send_batches([build_batch(3)])
    assert endpoint.now - began == 2.0
    assert endpoint.seen == []


class Meeting:
    """A ledger and an endpoint that let each other wait until both are where the test wants them."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(YES)
        self.changed = threading.Condition()
        self.claimed: Counter[int] = Counter()  # claims of each group
        self.previous: dict[int, GroupRecord] = {}
        self.open = self.most_open = 0
        self.called = self.in_flight = self.most_in_flight = self.committed = 0
        self.before_answer: Callable[[], bool] = lambda: True
        self.before_commit: Callable[[], bool] = lambda: True

    def settle(self, group: int, send: Callable[[int, GroupRecord | None], GroupRecord]) -> Committed:
        with self.changed:
            self.claimed[group] += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            self.changed.notify_all()
        records = self.previous[group] = send(1, self.previous.get(group))
        with self.changed:
            assert self.changed.wait_for(self.before_commit, PATIENCE)
            self.committed += 1
            self.open -= 1
            self.changed.notify_all()
        return _commit(records)

    def post(self, body: bytes, key: str, seconds: float) -> ApiResponse | NoResponse:
        with self.changed:
            self.called += 1
            self.in_flight += 1
            self.most_in_flight = max(self.in_flight, self.most_in_flight)
            self.changed.notify_all()
            assert self.changed.wait_for(self.before_answer, PATIENCE)
            self.in_flight -= 1
            return self.endpoint.post(body, key, seconds)

    def deliver(self, batches: Iterable[Batch], concurrency: int = IN_FLIGHT) -> list[Status]:
        """Return the status of each contact, in the order in which they were settled."""
        ledger: Any = self
        client = self.endpoint.build_client()
        client.post = self.post
        records: list[BatchRecord] = []
        workers = Workers(ledger, client, concurrency, should_close=lambda: False, on_settled=records.append)
        assert workers.send_batches(batches)
        return [outcome.status for record in records for outcome in record.result.outcomes]


def _batches(count: int, together: int = 3) -> list[Batch]:
    return [
        Batch(
            n,
            n,
            Labels(),
            (Contact(Row(n, ("x",)), ("", "", build_number(n), *[""] * 6)),),
            commit_group=(n - 1) // together + 1,
        )
        for n in range(1, count + 1)
    ]


def test_as_many_requests_as_may_be_are_in_flight_at_once_and_never_more() -> None:
    meeting = Meeting()
    # No response comes before so many are in flight.
    meeting.before_answer = lambda: meeting.called > 12 - IN_FLIGHT or meeting.in_flight >= IN_FLIGHT

    assert meeting.deliver(_batches(12, together=6)) == [Status.ACCEPTED] * 12
    assert meeting.most_in_flight == IN_FLIGHT


def test_a_group_is_claimed_and_committed_once() -> None:
    meeting = Meeting()

    assert meeting.deliver(_batches(12)) == [Status.ACCEPTED] * 12
    assert meeting.claimed == {1: 1, 2: 1, 3: 1, 4: 1}
    assert meeting.committed == 4


def test_the_next_group_is_claimed_while_the_requests_of_the_one_before_are_in_flight() -> None:
    meeting = Meeting()
    meeting.before_answer = lambda: len(meeting.claimed) > 1

    assert meeting.deliver(_batches(6)) == [Status.ACCEPTED] * 6


def test_no_request_waits_for_the_commit_of_another_group() -> None:
    meeting = Meeting()
    meeting.before_commit = lambda: meeting.called > 3

    assert meeting.deliver(_batches(6)) == [Status.ACCEPTED] * 6


def test_no_more_than_two_groups_are_in_doubt_after_a_crash() -> None:
    meeting = Meeting()
    meeting.before_answer = lambda: meeting.open == 2 or meeting.called > 24

    assert meeting.deliver(_batches(30), concurrency=20) == [Status.ACCEPTED] * 30
    assert meeting.most_open == 2


def test_one_after_the_other_nothing_is_claimed_before_its_turn() -> None:
    meeting = Meeting()
    meeting.before_answer = lambda: len(meeting.claimed) == meeting.committed + 1

    assert meeting.deliver(_batches(6), concurrency=1) == [Status.ACCEPTED] * 6


class PartialLedger:
    """A ledger whose group has the records of a partial commit before."""

    def __init__(self, *previous: BatchRecord) -> None:
        self.previous: GroupRecord | None = previous
        self.committed: GroupRecord = ()

    def settle(self, _group: int, send: Callable[[int, GroupRecord | None], GroupRecord]) -> Committed:
        self.committed = send(2, self.previous)
        return _commit(self.committed)

    def commit_unsent(self, _group: int, close: Callable[[int, GroupRecord | None], GroupRecord]) -> Committed:
        self.committed = close(2, self.previous)
        return _commit(self.committed)


def _record(number: int, status: Status, *, is_partial: bool) -> BatchRecord:
    outcomes = (Outcome(Row(number, ("x",)), status, "why"),)
    return BatchRecord(number, number, BatchResult(outcomes, {}, retry_rows=(number,) if is_partial else ()))


@pytest.mark.parametrize("is_closing", [False, True])
def test_a_batch_that_a_partial_commit_settled_stays_as_it_is(is_closing: bool) -> None:
    endpoint = Endpoint(YES)
    settled, left = _record(1, Status.REFUSED, is_partial=False), _record(2, Status.UNSENT, is_partial=True)
    ledger: Any = PartialLedger(settled, left)
    client = endpoint.build_client()
    if is_closing:
        client.stop("it is over", is_failure=True)

    assert Workers(ledger, client, 2, should_close=lambda: True).send_batches(_batches(2))

    first, second = ledger.committed
    assert first == settled
    assert [one.status for one in second.result.outcomes] == [Status.UNKNOWN if is_closing else Status.ACCEPTED]
    assert [numbers for numbers, _ in endpoint.seen] == ([] if is_closing else [{build_number(2)}])


def test_a_batch_that_finds_no_thread_for_long_is_left_to_the_next_claim() -> None:
    meeting = Meeting()

    def post(body: bytes, key: str, seconds: float) -> ApiResponse | NoResponse:
        meeting.endpoint.now += 30  # after two of them a third one may no longer end within the lease
        return meeting.endpoint.post(body, key, seconds)

    meeting.post = post  # type: ignore[method-assign]

    assert meeting.deliver(_batches(3), concurrency=1) == [Status.ACCEPTED] * 3
    assert meeting.claimed == {1: 2}
    assert len(meeting.endpoint.seen) == 3


def test_who_waits_for_the_last_group_reports_meanwhile_how_many_rows_are_settled() -> None:
    endpoint, reported, has_reported = Endpoint(YES), list[int](), threading.Event()
    ledger: Any = SlowLedger(endpoint, 0.0)
    ledger.settle = lambda number, _send: (
        SkipReason.COMMITTED if number == 1 or has_reported.wait(20) else SkipReason.LEASE_LOST
    )

    def report(rows: int) -> None:
        reported.append(rows)
        if 0 in reported:
            has_reported.set()

    workers = Workers(ledger, endpoint.build_client(), 1, should_close=lambda: False, on_progress=report)
    is_complete = workers.send_batches([build_batch(3), replace(build_batch(2), number=2, commit_group=2)])

    assert is_complete
    assert 0 in reported
    assert sum(reported) == 5
