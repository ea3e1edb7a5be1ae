"""The account's rate against a strict endpoint, in simulated time."""

import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.account_rate import (
    RateRecord,
    decode_rate_record,
    encode_rate_record,
    reserve_calls,
    slow_down,
)
from contact_import.cellcast.shared_rate_limiter import _MAX_CALLS_PER_WRITE, _MAX_LATE_SECONDS

LIMIT = 14.0
CELLCAST_LIMIT = 15  # calls in any second


MAX_NETWORK_SECONDS = 0.06  # by which the time of a request's way varies
MAX_WRITE_SECONDS = 0.02  # of the record


@dataclass
class Caller:
    """A function with so many threads, each of which calls, waits for the response and calls again.

    With `rests`, it calls for `works` seconds and then not for `rests` seconds.
    """

    is_interactive: bool = False
    threads: int = 16
    latency: float = 0.3
    pause: float = 0.0  # between a response and the next call
    starts_at: float = 0.0
    works: float = 1.0
    rests: float = 0.0


@dataclass
class Simulation:
    """The times of the calls of each caller: as reserved, and as the endpoint gets them, and how long a call waited."""

    reserved: list[float]
    arrivals: dict[int, list[float]]
    waits: dict[int, list[float]]


class _Function:
    """A caller at work, as `SharedRateLimiter` has it: the threads of a file take turns, interactive ones do not."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.waiting: list[float] = []  # since when each thread waits
        self.held: list[float] = []
        self.is_turn_taken = False

    def is_ready(self) -> bool:
        return bool(self.waiting) and not (self.is_turn_taken and not self.caller.is_interactive)

    def find_start(self, time: float) -> float:
        """Return the time, or the end of the rest in which it lies."""
        period = self.caller.works + self.caller.rests
        return time if time % period < self.caller.works else time - time % period + period


def _simulate(callers: list[Caller], seconds: float, *, seed: int = 1) -> Simulation:
    chance = random.Random(seed)
    record, order = RateRecord(), count()
    functions = [_Function(caller) for caller in callers]
    result = Simulation([], {number: [] for number in range(len(callers))}, {n: [] for n in range(len(callers))})
    # Each event is a thread that wants to call (-1), or one that leaves, with the time since which it has waited.
    events = [
        (one.starts_at, next(order), number, -1.0) for number, one in enumerate(callers) for _ in range(one.threads)
    ]
    heapq.heapify(events)
    while events and events[0][0] < seconds:
        now, _, number, since = heapq.heappop(events)
        function, one = functions[number], callers[number]
        if since < 0:
            function.waiting.append(now)
        else:
            function.is_turn_taken = False
            result.waits[number].append(now - since)
            result.arrivals[number].append(now + chance.random() * MAX_NETWORK_SECONDS)
            again = function.find_start(now + one.latency + one.pause * (0.5 + chance.random()))
            heapq.heappush(events, (again, next(order), number, -1.0))
        while function.is_ready():
            function.held = [time for time in function.held if time > now - _MAX_LATE_SECONDS]
            if not function.held:
                calls = 1 if one.is_interactive else min(len(function.waiting), _MAX_CALLS_PER_WRITE)
                at = now + chance.random() * MAX_WRITE_SECONDS
                record, function.held = reserve_calls(
                    record, at, calls, calls_per_second=LIMIT, is_interactive=one.is_interactive
                )
                result.reserved.extend(function.held)
            leaves_at = max(now, function.held.pop(0)) + chance.random() * _MAX_LATE_SECONDS  # threads wake up late
            heapq.heappush(events, (leaves_at, next(order), number, function.waiting.pop(0)))
            function.is_turn_taken = True
    return result


def _find_most_in_a_second(calls: Iterable[float]) -> int:
    times = sorted(calls)
    first = most = 0
    for last, time in enumerate(times):
        while times[first] <= time - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _rate(times: list[float], seconds: float) -> float:
    return sum(time < seconds for time in times) / seconds


def _assert_none_is_refused(result: Simulation) -> None:
    assert _find_most_in_a_second(result.reserved) <= LIMIT
    assert _find_most_in_a_second(chain.from_iterable(result.arrivals.values())) <= CELLCAST_LIMIT


@pytest.mark.parametrize("latency", [0.05, 0.3, 1.0])
def test_a_lone_import_has_at_least_twelve_calls_a_second(latency: float) -> None:
    result = _simulate([Caller(latency=latency)], 60)

    assert _rate(result.arrivals[0], 60) >= 12
    _assert_none_is_refused(result)


@pytest.mark.parametrize("imports", [4, 10])
def test_several_imports_share_the_rate_fairly(imports: int) -> None:
    result = _simulate([Caller(starts_at=number / 10) for number in range(imports)], 60)

    rates = [_rate(times, 60) for times in result.arrivals.values()]
    assert sum(rates) >= 12
    assert max(rates) < 1.1 * min(rates)
    _assert_none_is_refused(result)


def test_deliveries_do_not_wait_behind_files() -> None:
    files = [Caller() for _ in range(10)]
    deliveries = Caller(is_interactive=True, threads=1, latency=0.1, pause=0.45)

    result = _simulate([*files, deliveries], 60)

    # One at a time: without a wait it makes a call every 0.55 seconds and the jitter.
    assert _rate(result.arrivals[10], 60) > 1.6
    assert max(result.waits[10][2:]) < 0.35  # after the beginning, only for the interval between two of them
    _assert_none_is_refused(result)


@pytest.mark.parametrize("imports", [1, 4, 10])
@pytest.mark.parametrize("deliveries", [2, 30])
def test_deliveries_that_come_at_once_wait_for_little_more_than_each_other(imports: int, deliveries: int) -> None:
    """A file's function holds few times: the deliveries take the next ones."""
    burst = Caller(is_interactive=True, threads=deliveries, pause=0.0, works=0.01, rests=20)

    result = _simulate([*(Caller() for _ in range(imports)), burst], 100)

    # The files keep taking turns: `imports` calls of theirs between two of the burst, at most.
    assert max(result.waits[imports]) < 0.4 + imports * 0.09 + deliveries * 0.09
    _assert_none_is_refused(result)


def _deliveries(**options: float) -> Caller:
    return Caller(**{"is_interactive": True, "threads": 1, "latency": 0.1} | options)  # type: ignore[arg-type]


MIXTURES = {
    "one import": [Caller()],
    "ten imports": [Caller(starts_at=number / 7) for number in range(10)],
    "two streams": [_deliveries(pause=0.3), _deliveries(pause=1.1)],
    "an import and two streams": [Caller(), _deliveries(pause=0.3), _deliveries(pause=1.1)],
    "four imports and two streams": [*(Caller() for _ in range(4)), _deliveries(pause=0.3), _deliveries(pause=1.1)],
    "ten imports and a stream": [*(Caller() for _ in range(10)), _deliveries(pause=0.5)],
    "four imports and single deliveries": [*(Caller() for _ in range(4)), _deliveries(pause=3)],
    "four imports and bursts": [*(Caller() for _ in range(4)), _deliveries(threads=30, works=0.1, rests=9)],
    "four imports and a stream that stops": [*(Caller() for _ in range(4)), _deliveries(threads=2, works=2, rests=5)],
    "ten imports and a stream that stops": [*(Caller() for _ in range(10)), _deliveries(threads=2, works=2, rests=5)],
    "imports that come and go": [*(Caller(works=2, rests=number) for number in range(4)), _deliveries(pause=0.4)],
    "four imports and more deliveries than fit": [*(Caller() for _ in range(4)), _deliveries(threads=12, pause=1)],
}


@pytest.mark.parametrize("mixture", MIXTURES)
def test_no_call_is_refused_in_ten_minutes(mixture: str) -> None:
    callers = MIXTURES[mixture]

    result = _simulate(callers, 600)

    _assert_none_is_refused(result)
    files = sum(_rate(result.arrivals[number], 600) for number, one in enumerate(callers) if not one.is_interactive)
    assert files > (5 if "more" in mixture else 9 if "import" in mixture else -1)


def test_deliveries_alone_may_use_the_whole_rate() -> None:
    result = _simulate([Caller(is_interactive=True, threads=16, latency=0.2)], 30)

    assert _rate(result.arrivals[0], 30) >= 12
    _assert_none_is_refused(result)


callers = st.builds(
    Caller,
    is_interactive=st.booleans(),
    threads=st.integers(1, 16),
    latency=st.sampled_from([0.03, 0.3, 1.0, 5.0]),
    pause=st.sampled_from([0.0, 0.2, 3.0]),
    starts_at=st.floats(0, 5),
    works=st.sampled_from([0.01, 1.0, 4.0]),
    rests=st.sampled_from([0.0, 0.5, 3.0]),
)


@given(st.lists(callers, min_size=1, max_size=12), st.integers(0, 99))
def test_whoever_calls_the_endpoint_never_has_to_refuse(those: list[Caller], seed: int) -> None:
    _assert_none_is_refused(_simulate(those, 12, seed=seed))


@given(st.lists(callers, min_size=1, max_size=6), st.floats(-3600, 3600))
def test_a_wrong_clock_of_one_function_stops_no_other_for_long(those: list[Caller], skew: float) -> None:
    """Its clock is corrected by the server's; without that it reserves times far ahead, and they are limited."""
    record, _ = reserve_calls(RateRecord(), 1000.0 + skew, 5, calls_per_second=LIMIT, is_interactive=False)

    _, times = reserve_calls(record, 1000.0, 1, calls_per_second=LIMIT, is_interactive=False)

    assert times[0] - 1000.0 <= 901


def test_a_429_slows_all_down_and_the_rate_comes_back() -> None:
    record, _ = reserve_calls(RateRecord(), 100.0, 4, calls_per_second=LIMIT, is_interactive=False)

    slowed = slow_down(record, 100.0, 2.0)
    again = slow_down(slowed, 100.5, 0.0)  # of the same second: the same cause
    _, (bulk, *_) = reserve_calls(slowed, 100.0, 2, calls_per_second=LIMIT, is_interactive=False)
    _, (interactive,) = reserve_calls(slowed, 100.0, 1, calls_per_second=LIMIT, is_interactive=True)

    assert (bulk, interactive) == (102.0, 102.0)
    assert slowed.factor == again.factor == pytest.approx(0.7)
    now = 102.0
    factors = [slowed.factor]
    record = slowed
    for _ in range(40):
        now += 1
        record, _ = reserve_calls(record, now, 1, calls_per_second=LIMIT, is_interactive=False)
        factors.append(record.factor)
    assert factors == sorted(factors)
    assert factors[-1] == 1.0


def test_many_429_leave_a_tenth_of_the_rate() -> None:
    record, now = RateRecord(), 0.0
    for _ in range(50):
        now += 1.5
        record = slow_down(record, now, 0.0)

    assert record.factor == pytest.approx(0.1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"next_call_at": "x"}', '{"other": 1}', "null"])
def test_a_record_of_another_form_is_an_empty_one(text: str) -> None:
    assert decode_rate_record(text) == RateRecord()


def test_a_record_reads_back_as_it_was() -> None:
    record = RateRecord(1764000000.123456, 1764000000.5, 0.7, 1764000000.0)

    assert decode_rate_record(encode_rate_record(record)) == record


def test_times_of_one_reservation_are_evenly_apart() -> None:
    calls: Callable[..., tuple[RateRecord, list[float]]] = reserve_calls
    _, times = calls(RateRecord(), 10.0, 3, calls_per_second=LIMIT, is_interactive=False)

    assert times == pytest.approx([10.0, 10.08, 10.16])
