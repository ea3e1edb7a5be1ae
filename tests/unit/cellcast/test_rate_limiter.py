from contact_import.cellcast.rate_limiter import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _calls(pace: RateLimiter, clock: Clock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        pace.wait()
        times.append(round(clock.now - 100.0, 6))
    return times


def test_calls_go_out_at_even_distances() -> None:
    clock = Clock()

    assert _calls(RateLimiter(10, clock, clock.sleep), clock, 4) == [0.0, 0.1, 0.2, 0.3]


def test_time_that_passed_unused_is_no_credit() -> None:
    clock = Clock()
    pace = RateLimiter(10, clock, clock.sleep)
    clock.now += 60

    assert _calls(pace, clock, 3) == [60.0, 60.1, 60.2]


def test_a_hold_holds_everybody_and_the_longest_counts() -> None:
    clock = Clock()
    pace = RateLimiter(10, clock, clock.sleep)
    pace.pause(5)
    pace.pause(2)

    assert _calls(pace, clock, 2) == [5.0, 5.1]
