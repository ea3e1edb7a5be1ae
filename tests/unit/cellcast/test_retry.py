"""The retry loop: what is retried, how long it waits, which key it takes, and when it ends."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.responses import (
    Accepted,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    FinalResponse,
    Inconsistent,
    RetryableResponse,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)
from contact_import.cellcast.retry import MAX_CALL_SECONDS, OutOfTime, call_with_retry
from contact_import.errors import SecretError
from tests.unit.fake_endpoint import YES, Endpoint

FINAL: list[FinalResponse] = [
    Accepted(),
    AllRejected({}, "no"),
    TooLarge(),
    Denied("no"),
    WrongEndpoint("HTTP 404"),
    Inconsistent("odd"),
]
RETRYABLE: list[RetryableResponse] = [Ambiguous("lost"), Unavailable("down"), Throttled()]


class Calls:
    """Plays classified responses in turn and repeats the last one. Each call takes a tenth of a second."""

    def __init__(self, *answers: ClassifiedResponse, keys: Iterable[str] = ("key",), seconds: float = 600) -> None:
        self.answers = list(answers)
        self.endpoint = Endpoint(YES)  # only for its clock
        self.client: CellcastClient = self.endpoint.build_client(keys=keys, seconds=seconds)
        self.made: list[tuple[str, float]] = []  # the key and the seconds of each call
        self.times: list[float] = []

    def call_once(self, api_key: str, timeout: float) -> ClassifiedResponse:
        self.made.append((api_key, timeout))
        self.times.append(round(self.endpoint.now - 1000, 6))
        self.endpoint.now += 0.1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def run(
        self,
        may_retry: Callable[[RetryableResponse, float], bool] = lambda _answer, _delay: True,
        seconds: float = 600,
    ) -> ClassifiedResponse | OutOfTime:
        return call_with_retry(self.client, self.call_once, deadline=1000 + seconds, may_retry=may_retry)


@pytest.mark.parametrize("answer", FINAL)
def test_a_final_response_ends_the_loop(answer: FinalResponse) -> None:
    calls = Calls(answer)

    assert calls.run() == answer
    assert len(calls.made) == 1


@pytest.mark.parametrize("answer", RETRYABLE)
def test_a_retryable_response_is_retried_until_the_caller_refuses(answer: RetryableResponse) -> None:
    retried, refused = Calls(answer, answer, Accepted()), Calls(answer)

    assert retried.run() == Accepted()
    assert refused.run(may_retry=lambda _answer, _delay: False) == answer
    assert (len(retried.made), len(refused.made)) == (3, 1)


def test_the_delay_grows_and_is_never_shorter_than_cellcast_asks_for() -> None:
    delays: list[float] = []

    def may_retry(_answer: RetryableResponse, delay: float) -> bool:
        delays.append(delay)
        return True

    Calls(*[Ambiguous("lost")] * 3, Unavailable("down", retry_after=7), Accepted()).run(may_retry)

    assert delays == [0.25, 0.5, 1.0, 7.0]


def test_a_429_pauses_every_thread_of_the_client_and_a_503_only_this_one() -> None:
    throttled, unavailable = Calls(Throttled(60), Accepted()), Calls(Unavailable("down", 60), Accepted())

    for calls in (throttled, unavailable):
        calls.client.sleep = lambda _seconds: None  # another thread would not have slept either
        calls.run()

    assert throttled.times[1] >= 60
    assert unavailable.times[1] < 1


def test_a_pause_beyond_the_end_of_the_run_does_not_hold_other_calls() -> None:
    calls = Calls(Throttled(86_400))

    assert calls.run() == OutOfTime(86_400)
    assert calls.client.rate_limiter.wait(1.0) == 0


def test_no_attempt_begins_that_does_not_fit_before_the_deadline() -> None:
    request, run = Calls(Unavailable("down", 50)), Calls(Unavailable("down", 50), seconds=40)

    assert request.run(seconds=40) == run.run() == OutOfTime(50)
    assert Calls(Accepted()).run(seconds=0.5) == Calls(Accepted(), seconds=0.5).run() == OutOfTime()


def test_a_call_never_outlasts_the_deadline_or_the_last_second_of_the_run() -> None:
    alone, request, run = Calls(Accepted()), Calls(Accepted()), Calls(Accepted(), seconds=10)

    alone.run()
    request.run(seconds=10)
    run.run()

    assert [calls.made[0][1] for calls in (alone, request, run)] == [MAX_CALL_SECONDS, 10, 9]


def test_a_stopped_client_makes_no_call() -> None:
    calls = Calls(Accepted())
    calls.client.stop("denied", is_failure=True)

    assert (calls.run(), calls.made) == (OutOfTime(), [])


def test_a_denied_key_is_replaced_once_within_the_rate_limit() -> None:
    calls = Calls(Denied("old"), Accepted(), keys=("old", "new"))

    assert calls.run() == Accepted()
    assert [key for key, _ in calls.made] == ["old", "new"]
    assert calls.times == [0.0, 0.1]


@pytest.mark.parametrize("keys", [("old",), ("old", "new", "newer")])
def test_a_key_without_a_working_replacement_is_denied(keys: tuple[str, ...]) -> None:
    calls = Calls(Denied("no"), keys=keys)

    assert calls.run() == Denied("no")
    assert len(calls.made) == min(2, len(keys))


def test_a_new_key_is_not_tried_without_time_or_after_a_stop() -> None:
    late, stopped = (Calls(Denied("old"), Accepted(), keys=("old", "new"), seconds=1.05) for _ in range(2))
    call_once = stopped.call_once

    def stop_during_call(api_key: str, timeout: float) -> ClassifiedResponse:
        stopped.client.stop("another thread", is_failure=False)
        return call_once(api_key, timeout)

    stopped.call_once = stop_during_call  # type: ignore[method-assign]

    assert (late.run(), stopped.run()) == (OutOfTime(), Denied("old"))
    assert [len(calls.made) for calls in (late, stopped)] == [1, 1]


def test_a_secret_that_cannot_be_read_is_the_callers_to_explain() -> None:
    calls = Calls(Accepted())

    def fetch(_fresh: bool) -> str:
        raise SecretError("empty")

    calls.client.api_key = ApiKey(fetch)

    with pytest.raises(SecretError):
        calls.run()


@given(st.lists(st.sampled_from([*RETRYABLE, *FINAL]), min_size=1, max_size=20), st.floats(0, 60))
def test_it_always_ends_and_makes_no_call_after_the_deadline(answers: list[ClassifiedResponse], seconds: float) -> None:
    calls = Calls(*answers)

    result = calls.run(seconds=seconds)

    assert isinstance(result, OutOfTime) or result in FINAL
    assert all(time <= seconds - 1 for time in calls.times)
