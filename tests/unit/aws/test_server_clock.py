from hypothesis import given
from hypothesis import strategies as st

from contact_import.aws.server_clock import ServerClock


@given(st.floats(-3600, 3600), st.lists(st.tuples(st.floats(0, 5), st.floats(0.001, 0.5)), min_size=1, max_size=20))
def test_a_wrong_clock_is_within_a_second_after_one_response(skew: float, steps: list[tuple[float, float]]) -> None:
    now = 0.0
    epoch = 1_764_000_000.25
    clock = ServerClock(lambda: now, lambda: epoch + now + skew)

    for pause, latency in steps:
        now += pause
        sent_at = clock.read_monotonic()
        now += latency
        clock.observe(float(int(epoch + now - latency / 2)), sent_at, clock.read_monotonic())

        assert abs(clock.now() - (epoch + now)) <= 1 + latency


def test_a_right_clock_stays_as_exact_as_it_is() -> None:
    now = 0.0
    clock = ServerClock(lambda: now, lambda: 1_764_000_000.75 + now)
    for _ in range(20):
        now += 0.37
        clock.observe(float(int(1_764_000_000.75 + now)), now - 0.02, now)

    assert clock.now() == 1_764_000_000.75 + now


def test_a_server_whose_clock_is_set_is_followed() -> None:
    now = 0.0
    clock = ServerClock(lambda: now, lambda: 1000.0 + now)
    clock.observe(1000.0, 0.0, 0.1)

    clock.observe(2000.0, 0.0, 0.1)

    assert 1999 <= clock.now() <= 2001
