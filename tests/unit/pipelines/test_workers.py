"""Several batches at a time: how many may be where at once, and what the lease of each allows."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.transport import ApiResponse, NoResponse
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Status
from contact_import.domain.row import Row
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.workers import SENDING_SECONDS, Workers
from contact_import.sending.batches import Batch
from tests.unit.fake_endpoint import YES, Endpoint, build_batch, build_number

IN_FLIGHT = 4
PATIENCE = 20.0  # only a test that fails waits for so long


class SlowLedger:
    """A bucket that takes so many seconds over the first claim, and none over those after it."""

    def __init__(self, endpoint: Endpoint, seconds: float) -> None:
        self.endpoint, self.seconds = endpoint, seconds
        self.sent: list[int] = []  # requests under each claim

    def settle(self, _number: int, send: Callable[[int, BatchRecord | None], BatchRecord]) -> Committed:
        self.endpoint.now += self.seconds
        self.seconds = 0.0
        before = len(self.endpoint.seen)
        record = send(1, None)
        self.sent.append(len(self.endpoint.seen) - before)
        return Committed("me", record, is_partial=bool(record.result.retry_rows))


@pytest.mark.parametrize(
    ("seconds", "sent"), [(0.0, [1]), (SENDING_SECONDS - 2, [1]), (SENDING_SECONDS, [0, 1]), (300.0, [0, 1])]
)
def test_nobody_sends_when_the_lease_may_be_over_before_the_answer(seconds: float, sent: list[int]) -> None:
    endpoint = Endpoint(YES)
    ledger: Any = SlowLedger(endpoint, seconds)
    workers = Workers(ledger, endpoint.build_client(), 1, should_close=lambda: False)

    assert workers.send_batches([build_batch(3)])
    assert ledger.sent == sent


def test_a_batch_that_another_run_is_at_is_waited_for_and_not_sent() -> None:
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
        self.claimed: Counter[int] = Counter()  # claims of each batch
        self.called = self.in_flight = self.most_in_flight = self.most_ahead = self.committed = 0
        self.before_answer: Callable[[], bool] = lambda: True
        self.before_commit: Callable[[], bool] = lambda: True

    def settle(self, number: int, send: Callable[[int, BatchRecord | None], BatchRecord]) -> Committed:
        with self.changed:
            self.claimed[number] += 1
            self.most_ahead = max(self.most_ahead, self.claimed.total() - self.called)
            self.changed.notify_all()
        record = send(1, None)
        with self.changed:
            assert self.changed.wait_for(self.before_commit, PATIENCE)
            self.committed += 1
            self.changed.notify_all()
        return Committed("me", record, is_partial=bool(record.result.retry_rows))

    def post(self, body: bytes, key: str, seconds: float) -> ApiResponse | NoResponse:
        with self.changed:
            self.called += 1
            self.in_flight += 1
            self.most_in_flight = max(self.in_flight, self.most_in_flight)
            self.changed.notify_all()
            assert self.changed.wait_for(self.before_answer, PATIENCE)
            self.in_flight -= 1
            return self.endpoint.post(body, key, seconds)

    def line(self) -> CellcastClient:
        line = self.endpoint.build_client()
        line.post = self.post
        return line

    def deliver(
        self, batches: Iterable[Batch], line: CellcastClient | None = None, concurrency: int = IN_FLIGHT
    ) -> list[Status]:
        """Return the status of each contact, in the order in which they were settled."""
        ledger: Any = self
        records: list[BatchRecord] = []
        workers = Workers(
            ledger, line or self.line(), concurrency, should_close=lambda: False, on_settled=records.append
        )
        assert workers.send_batches(batches)
        return [outcome.status for record in records for outcome in record.result.outcomes]


def _batches(count: int) -> list[Batch]:
    return [
        Batch(n, n, Labels(), (Contact(Row(n, ("x",)), ("", "", build_number(n), *[""] * 6)),))
        for n in range(1, count + 1)
    ]


def test_as_many_requests_as_may_be_are_in_flight_at_once_and_never_more() -> None:
    meeting = Meeting()
    # Nothing is answered before so many are in flight and others would like to be.
    meeting.before_answer = lambda: (
        meeting.called > 12 - IN_FLIGHT or (meeting.in_flight >= IN_FLIGHT and meeting.most_ahead > 1)
    )

    assert meeting.deliver(_batches(12)) == [Status.ACCEPTED] * 12
    assert meeting.most_in_flight == IN_FLIGHT


def test_the_next_batches_are_claimed_while_the_requests_before_them_are_in_flight() -> None:
    meeting = Meeting()
    meeting.before_answer = lambda: len(meeting.claimed) > IN_FLIGHT

    assert meeting.deliver(_batches(6)) == [Status.ACCEPTED] * 6


def test_no_request_waits_for_the_seal_of_another_one() -> None:
    meeting = Meeting()
    meeting.before_commit = lambda: meeting.called > IN_FLIGHT

    assert meeting.deliver(_batches(6)) == [Status.ACCEPTED] * 6


def test_one_after_the_other_nothing_is_claimed_before_its_turn() -> None:
    meeting = Meeting()
    meeting.before_answer = lambda: len(meeting.claimed) == meeting.committed + 1

    assert meeting.deliver(_batches(6), concurrency=1) == [Status.ACCEPTED] * 6


def test_while_the_pace_holds_the_requests_back_few_batches_are_claimed() -> None:
    meeting = Meeting()
    turns = 0

    class Turns:
        """A pace that lets one request out after the other."""

        def wait(self, _longest: float) -> float:
            nonlocal turns
            time.sleep(0.005)  # in which many would be claimed, if they could
            with meeting.changed:
                assert meeting.changed.wait_for(lambda: turns == meeting.called and len(meeting.claimed) > 1, PATIENCE)
                turns += 1
            return 0.0

    line: Any = meeting.line()
    line.rate_limiter = Turns()

    assert meeting.deliver(_batches(12), line) == [Status.ACCEPTED] * 12
    # Those that wait for their turn, and one that has it and is just going out.
    assert meeting.most_ahead <= IN_FLIGHT // 2 + 1


def test_a_batch_that_finds_no_place_for_long_is_claimed_anew_and_has_all_the_time_again() -> None:
    meeting = Meeting()
    # Each claim takes ten seconds of the lease; the first answers come when the third batch is claimed once more.
    real = meeting.settle

    def settle(number: int, send: Callable[[int, BatchRecord | None], BatchRecord]) -> Committed:
        meeting.endpoint.now += 10
        return real(number, send)

    meeting.settle = settle  # type: ignore[method-assign]
    meeting.before_answer = lambda: meeting.claimed[3] > 1

    assert meeting.deliver(_batches(3), concurrency=2) == [Status.ACCEPTED] * 3
    assert len(meeting.endpoint.seen) == 3


def test_who_waits_for_the_last_batches_tells_meanwhile_how_many_rows_are_settled() -> None:
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
    is_complete = workers.send_batches([build_batch(3), replace(build_batch(2), number=2)])

    assert is_complete
    assert 0 in reported
    assert sum(reported) == 5
