"""The rate limit of all threads, and the back-off between attempts."""

from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.rate_limiter import MAX_BACKOFF_SECONDS, RateLimiter, compute_backoff


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _calls(limiter: RateLimiter, clock: Clock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        limiter.wait()
        times.append(round(clock.now - 100.0, 6))
    return times


def test_calls_go_out_at_even_distances() -> None:
    clock = Clock()

    assert _calls(RateLimiter(10, clock, clock.sleep), clock, 4) == [0.0, 0.1, 0.2, 0.3]


def test_time_that_passed_unused_is_no_credit() -> None:
    clock = Clock()
    limiter = RateLimiter(10, clock, clock.sleep)
    clock.now += 60

    assert _calls(limiter, clock, 3) == [60.0, 60.1, 60.2]


def test_a_hold_holds_everyone_and_the_longest_counts() -> None:
    clock = Clock()
    limiter = RateLimiter(10, clock, clock.sleep)
    limiter.pause(5)
    limiter.pause(2)

    assert _calls(limiter, clock, 2) == [5.0, 5.1]


def test_a_call_that_would_wait_for_too_long_gets_the_wait_and_does_not_sleep() -> None:
    clock = Clock()
    limiter = RateLimiter(10, clock, clock.sleep)
    limiter.pause(5)

    assert (limiter.wait(4), clock.now) == (5.0, 100.0)
    assert (limiter.wait(5), clock.now) == (0.0, 105.0)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_backoff_is_bounded_and_starts_below_half_a_second(attempt: int, chance: float) -> None:
    assert 0 <= compute_backoff(attempt, lambda: chance) <= MAX_BACKOFF_SECONDS
    assert compute_backoff(0, lambda: chance) <= 0.5
    assert compute_backoff(attempt, lambda: 1.0) <= compute_backoff(attempt + 1, lambda: 1.0)
