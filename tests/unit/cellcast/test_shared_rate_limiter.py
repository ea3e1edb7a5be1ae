import threading
from itertools import pairwise

import pytest

from contact_import.aws.server_clock import ServerClock
from contact_import.cellcast.account_rate import RateRecord, encode_rate_record
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter
from contact_import.errors import StoreUnavailableError


class Store:
    """The record of all functions, with faults."""

    def __init__(self) -> None:
        self.text, self.version = "", 0
        self.writes = self.conflicts = 0
        self.is_away = False
        self.lock = threading.Lock()

    def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
        with self.lock:
            if self.is_away:
                raise StoreUnavailableError("ReadTimeoutError")
            if expected_version != self.version:
                self.conflicts += 1
                return (self.text, self.version), None
            self.writes += 1
            self.text, self.version = text, expected_version + 1
            return None, None


class Machine:
    """A function with its own clock, in simulated time."""

    def __init__(self, store: Store, *, is_interactive: bool = False, fallback_rate: float = 0.5) -> None:
        self.now = 1000.0
        self.limiter = SharedRateLimiter(
            store,
            14,
            RateLimiter(fallback_rate, lambda: self.now, self.sleep),
            is_interactive=is_interactive,
            clock=ServerClock(lambda: self.now, lambda: self.now),
            sleep=self.sleep,
            chance=lambda: 0.5,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(self, count: int) -> list[float]:
        times = []
        for _ in range(count):
            assert self.limiter.wait() == 0.0
            times.append(round(self.now - 1000.0, 3))
        return times


def test_two_functions_take_turns() -> None:
    store = Store()
    first, second = Machine(store), Machine(store)

    times = sorted(first.call(1) + second.call(1) + first.call(1) + second.call(1))

    assert all(later - earlier >= 0.0799 for earlier, later in pairwise(times))


def test_one_write_serves_the_calls_of_all_threads_that_wait() -> None:
    store = Store()
    limiter = SharedRateLimiter(store, 14, RateLimiter(1))
    threads = [threading.Thread(target=limiter.wait) for _ in range(8)]
    limiter._lock.acquire()
    for thread in threads:
        thread.start()
    while limiter._waiting < len(threads):
        threading.Event().wait(0.001)
    limiter._lock.release()
    for thread in threads:
        thread.join()

    assert store.writes <= 5


def test_while_the_store_is_away_the_calls_are_slower_and_it_is_tried_again_later() -> None:
    store = Store()
    machine = Machine(store)
    store.is_away = True

    assert machine.call(4) == [0.0, 2.0, 4.0, 6.0]
    store.is_away = False
    machine.now += 5
    before = machine.now - 1000.0
    assert machine.call(3)[-1] - before < 0.5


def test_a_record_that_is_always_replaced_by_others_is_given_up() -> None:
    class Busy(Store):
        def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
            del text
            return (encode_rate_record(RateRecord(next_call_at=1000.0)), expected_version + 1), None

    machine = Machine(Busy())

    assert len(machine.call(2)) == 2


def test_a_429_counts_for_every_function_and_for_times_that_were_reserved() -> None:
    store = Store()
    first, second = Machine(store), Machine(store)
    first.call(1)
    second.call(1)

    first.limiter.pause(5)

    assert second.call(1)[0] >= 5 or store.conflicts  # it learns of the pause with its next reservation
    assert first.call(1)[0] >= 5


def test_a_call_that_would_wait_for_too_long_gets_the_wait_and_does_not_sleep() -> None:
    machine = Machine(Store())
    machine.limiter.pause(5)
    before = machine.now

    assert machine.limiter.wait(4) == pytest.approx(5, abs=0.1)
    assert machine.now == before
    assert machine.limiter.wait(6) == 0.0


def test_reserved_times_that_have_passed_are_not_made_up_for() -> None:
    store = Store()
    machine = Machine(store)
    machine.limiter._times.extend([1000.0, 1000.1, 1000.2])
    machine.now += 60

    assert machine.call(2) == [60.0, 60.08]
