"""The account's rate against a strict endpoint, in simulated time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

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
from contact_import.cellcast.shared_rate_limiter import _MAX_LATE_SECONDS

LIMIT = 14.0
CELLCAST_LIMIT = 15  # calls in any second


@dataclass
class Caller:
    """A function with so many threads, each of which calls, waits for the response and calls again."""

    is_interactive: bool = False
    threads: int = 16
    latency: float = 0.3
    pause: float = 0.0  # between a response and the next call
    skew: float = 0.0  # of its clock
    starts_at: float = 0.0
    most_together: int = 4  # times in one reservation


def _simulate(callers: list[Caller], seconds: float, *, seed: int = 1) -> dict[int, list[float]]:
    """Return the times at which the endpoint gets the calls of each caller."""
    chance = random.Random(seed)
    record = RateRecord()
    arrivals: dict[int, list[float]] = {number: [] for number in range(len(callers))}
    # Each event is a moment at which so many threads of a caller want to call.
    events = [(one.starts_at, number, one.threads) for number, one in enumerate(callers)]
    heapq.heapify(events)
    while events and events[0][0] < seconds:
        now, number, waiting = heapq.heappop(events)
        one = callers[number]
        count = 1 if one.is_interactive else min(waiting, one.most_together)
        record, times = reserve_calls(
            record, now + one.skew, count, calls_per_second=LIMIT, is_interactive=one.is_interactive
        )
        for time in times:
            sent_at = max(now, time - one.skew) + chance.random() * _MAX_LATE_SECONDS  # threads wake up late
            arrivals[number].append(sent_at)
            heapq.heappush(events, (sent_at + one.latency + one.pause, number, 1))
        if waiting > count:
            heapq.heappush(events, (now + 0.008, number, waiting - count))
    return arrivals


def _find_most_in_a_second(arrivals: dict[int, list[float]]) -> int:
    times = sorted(time for some in arrivals.values() for time in some)
    first = most = 0
    for last, time in enumerate(times):
        while times[first] <= time - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _rate(times: list[float], seconds: float) -> float:
    return sum(time < seconds for time in times) / seconds


@pytest.mark.parametrize("latency", [0.05, 0.3, 1.0])
def test_a_lone_import_has_at_least_twelve_calls_a_second(latency: float) -> None:
    arrivals = _simulate([Caller(latency=latency)], 60)

    assert _rate(arrivals[0], 60) >= 12
    assert _find_most_in_a_second(arrivals) <= LIMIT


def test_several_imports_share_the_rate_fairly() -> None:
    arrivals = _simulate([Caller(starts_at=number / 10) for number in range(4)], 60)

    rates = [_rate(times, 60) for times in arrivals.values()]
    assert sum(rates) >= 12
    assert max(rates) < 1.25 * min(rates)
    assert _find_most_in_a_second(arrivals) <= LIMIT


def test_deliveries_do_not_wait_behind_files() -> None:
    files = [Caller() for _ in range(10)]
    deliveries = Caller(is_interactive=True, threads=1, latency=0.1, pause=0.45)

    arrivals = _simulate([*files, deliveries], 60)

    # One at a time: without a wait it makes a call every 0.55 seconds and the jitter.
    assert _rate(arrivals[10], 60) > 1.6
    assert _find_most_in_a_second(arrivals) <= CELLCAST_LIMIT


@pytest.mark.parametrize("files", [0, 1, 4])
def test_no_call_is_refused_in_ten_minutes(files: int) -> None:
    deliveries = [Caller(is_interactive=True, threads=1, latency=0.3, pause=pause) for pause in (0.3, 1.1)]

    arrivals = _simulate([*(Caller() for _ in range(files)), *deliveries], 600)

    assert sum(_rate(times, 600) for times in arrivals.values()) <= LIMIT
    assert sum(_rate(arrivals[file], 600) for file in range(files)) > (9 if files else -1)
    assert _find_most_in_a_second(arrivals) <= CELLCAST_LIMIT


def test_deliveries_alone_may_use_the_whole_rate() -> None:
    arrivals = _simulate([Caller(is_interactive=True, threads=16, latency=0.2)], 30)

    assert _rate(arrivals[0], 30) >= 12
    assert _find_most_in_a_second(arrivals) <= CELLCAST_LIMIT


callers = st.builds(
    Caller,
    is_interactive=st.booleans(),
    threads=st.integers(1, 16),
    latency=st.sampled_from([0.03, 0.3, 1.0, 5.0]),
    pause=st.sampled_from([0.0, 0.2, 3.0]),
    starts_at=st.floats(0, 5),
)


@given(st.lists(callers, min_size=1, max_size=12), st.integers(0, 99))
def test_whoever_calls_the_endpoint_never_has_to_refuse(those: list[Caller], seed: int) -> None:
    assert _find_most_in_a_second(_simulate(those, 12, seed=seed)) <= CELLCAST_LIMIT


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
