import random
import threading
import time
from collections.abc import Callable
from itertools import count, pairwise

import pytest

from contact_import.aws.server_clock import ServerClock
from contact_import.cellcast.account_rate import RateRecord, decode_rate_record, encode_rate_record
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter
from contact_import.errors import StoreUnavailableError


class Store:
    """The record of all functions, with faults."""

    def __init__(self) -> None:
        self.text, self.version = "", 0
        self.writes = self.conflicts = 0
        self.is_away = False
        self.fail: Callable[[], None] = lambda: None  # called before each answer
        self.lock = threading.Lock()

    def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
        with self.lock:
            self.fail()
            if self.is_away:
                raise StoreUnavailableError("ReadTimeoutError")
            if expected_version != self.version:
                self.conflicts += 1
                return (self.text, self.version), None
            self.writes += 1
            self.text, self.version = text, expected_version + 1
            return None, None


class DatedStore(Store):
    """A store whose answers say the time, in whole seconds."""

    now: Callable[[], float]

    def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
        return super().replace(text, expected_version)[0], float(int(self.now()))


class Machine:
    """A function with its own clock, in simulated time."""

    def __init__(
        self,
        store: Store,
        *,
        is_interactive: bool = False,
        fallback_rate: float = 0.5,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self.now = 1000.0
        self.limiter = SharedRateLimiter(
            store,
            14,
            RateLimiter(fallback_rate, lambda: self.now, self.sleep),
            is_interactive=is_interactive,
            clock=ServerClock(lambda: self.now, lambda: self.now),
            sleep=self.sleep,
            chance=chance,
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

    times = machine.call(4)
    assert all(later - earlier >= 1.9 for earlier, later in pairwise(times))
    assert times[0] < 10
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


def test_a_slow_record_that_others_always_replace_holds_an_interactive_call_up_for_a_second() -> None:
    class Busy(Store):
        def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
            del text
            machine.now += 0.3
            return (encode_rate_record(RateRecord()), expected_version + 1), None

    machine = Machine(Busy(), is_interactive=True, chance=lambda: 0.01)

    assert machine.call(1)[0] < 1.6


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


def _stall(machine: Machine) -> Callable[[], None]:
    """Return what a store does that accepts a request and does not answer it before its client gives up."""

    def stall() -> None:
        machine.now += 0.5  # `handlers.aws_clients`
        raise StoreUnavailableError("ReadTimeoutError")

    return stall


@pytest.mark.parametrize(("is_interactive", "max_seconds"), [(True, 2.1), (False, 7.5)])
def test_a_store_that_stalls_holds_a_call_back_for_some_seconds_and_is_left_alone_for_five(
    is_interactive: bool, max_seconds: float
) -> None:
    store = Store()
    machine = Machine(store, is_interactive=is_interactive, fallback_rate=2, chance=lambda: 0.1)
    store.fail = _stall(machine)

    times = machine.call(10)

    assert times[0] <= max_seconds
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert min(waits) >= 0.49  # the small rate
    assert max(waits) <= max_seconds + 0.5
    assert sum(wait > 0.6 for wait in waits) <= 2
    store.fail = lambda: None
    machine.now += 5
    before = machine.now - 1000.0
    assert machine.call(3)[-1] - before < 1.5


@pytest.mark.parametrize("callers", [30, 40])
@pytest.mark.parametrize("calls", [1, 3])
def test_functions_that_lose_the_store_at_the_same_moment_do_not_call_together(callers: int, calls: int) -> None:
    chance = random.Random(callers)
    times: list[float] = []
    for _ in range(callers):
        store = Store()
        machine = Machine(store, is_interactive=True, fallback_rate=0.25, chance=chance.random)
        store.fail = _stall(machine)
        times += machine.call(calls)

    times.sort()
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[15:], strict=False))
    # `POST /contacts` has 20 seconds for its call (`handlers.http`).
    assert calls > 1 or times[-1] < 12


def test_a_function_holds_few_times_however_many_threads_it_has() -> None:
    """Deliveries and other files take the next ones."""
    ahead = []

    class Watched(Store):
        def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
            ahead.append(decode_rate_record(text).next_call_at - time.time())
            return super().replace(text, expected_version)

    limiter = SharedRateLimiter(Watched(), 14, RateLimiter(1))
    threads = [threading.Thread(target=limiter.wait) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ahead) >= 3
    assert max(ahead) < 0.5


def test_a_thread_whose_turn_does_not_come_in_time_does_not_call() -> None:
    limiter = SharedRateLimiter(Store(), 14, RateLimiter(1))
    limiter.pause(0.5)
    first = threading.Thread(target=limiter.wait)
    first.start()
    while not limiter._turn.locked():
        threading.Event().wait(0.001)

    assert limiter.wait(0.05) > 0
    assert limiter.wait(-1) > 0
    assert first.is_alive()
    first.join()
    assert limiter.wait(1) == 0.0


def test_a_store_that_one_function_loses_for_a_moment_adds_no_calls() -> None:
    """Others have the whole rate meanwhile."""
    store = Store()
    machine = Machine(store, fallback_rate=0.25)
    machine.call(1)
    ends_at = machine.now + 2
    stall = _stall(machine)
    store.fail = lambda: stall() if machine.now < ends_at else None

    machine.call(10)

    assert store.writes >= 10


def test_a_pause_of_a_stalled_store_holds_an_interactive_caller_up_for_a_second_at_most() -> None:
    store = Store()
    machine = Machine(store, is_interactive=True)
    machine.call(1)
    store.fail = _stall(machine)
    before = machine.now

    machine.limiter.pause(3)

    assert machine.now - before <= 1.1
    assert machine.call(1)[0] >= before - 1000.0 + 3


def test_a_store_that_fails_every_other_time_makes_calls_no_faster() -> None:
    store = Store()
    machines = [Machine(store), Machine(store)]
    turns = count()

    def fail_in_turn() -> None:
        if next(turns) % 2:
            raise StoreUnavailableError("InternalServerError")

    store.fail = fail_in_turn

    times = sorted(time for machine in machines for time in machine.call(40))

    assert all(later - earlier >= 0.93 for earlier, later in zip(times, times[13:], strict=False))
    assert len(times) / times[-1] > 5  # one failure is no outage


def test_a_call_that_wakes_up_late_gives_its_turn_up() -> None:
    store = Store()
    late, other = Machine(store), Machine(store)
    late.call(1)
    others: list[float] = []

    def sleep_too_long(seconds: float) -> None:
        if not others:
            others.extend(other.call(5))
            seconds += 0.3
        late.sleep(seconds)

    late.limiter._sleep = sleep_too_long

    times = sorted(late.call(1) + others)

    assert len(times) == 6
    assert all(later - earlier >= 0.0799 for earlier, later in pairwise(times))


def test_a_store_whose_answers_take_long_is_used_none_the_less() -> None:
    store = Store()
    machine = Machine(store)

    def delay() -> None:
        machine.now += 0.2

    store.fail = delay
    times = machine.call(20)

    assert times[-1] - times[1] < 19 * 0.25
    assert store.writes >= 19


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_a_clock_that_is_an_hour_wrong_holds_no_other_function_up(skew: float) -> None:
    """The first write fails, since the version is not known, and its answer corrects the clock."""
    store = DatedStore()
    right = Machine(store)
    store.now = lambda: right.now
    right.call(1)
    wrong = Machine(store)
    wrong.limiter._clock = ServerClock(lambda: right.now, lambda: right.now + skew)
    wrong.limiter._sleep = right.sleep

    assert wrong.limiter.wait() == 0.0

    assert right.now - 1000.0 < 2.5
    assert right.call(3)[-1] < 4
