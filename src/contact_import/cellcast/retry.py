"""Retry calls to Cellcast, POST and GET, in one loop: rate limit, API key, back-off and deadline.

`rate_limiter` paces an attempt, `credentials` has its key, `transport` sends it and `classification` interprets the
response. Callers differ in two functions that they pass.
"""

from collections.abc import Callable
from typing import NamedTuple

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.rate_limiter import compute_backoff
from contact_import.cellcast.responses import (
    Ambiguous,
    ClassifiedResponse,
    Denied,
    RetryableResponse,
    Throttled,
    Unavailable,
)

MAX_CALL_SECONDS = 30.0
MIN_CALL_SECONDS = 1.0  # a call that is given less is not made: it would end as ambiguous


class OutOfTime(NamedTuple):
    """No further attempt was made: the client has stopped, or none fits before the deadline.

    `retry_after` is the number of seconds that the next attempt would have to wait.
    """

    retry_after: float = 0.0


def call_with_retry(
    client: CellcastClient,
    call_once: Callable[[str, float], ClassifiedResponse],
    *,
    deadline: float,
    may_retry: Callable[[RetryableResponse, float], bool],
) -> ClassifiedResponse | OutOfTime:
    """Call until a response is final or `may_retry` returns False, and return it. Return OutOfTime at the deadline.

    `call_once` makes one call with an API key, in at most the given seconds. `may_retry` gets each retryable response
    and the seconds until the next attempt. `deadline` is a time of the client's clock. Raise SecretError if the API key
    cannot be read.
    """
    attempt = 0
    while True:
        if out_of_time := _wait_for_turn(client, deadline):
            return out_of_time
        answer = _call_with_current_key(client, call_once, deadline)
        if not isinstance(answer, Throttled | Unavailable | Ambiguous):
            return answer
        delay = _compute_delay(answer, attempt, client.jitter)
        if not may_retry(answer, delay):
            return answer
        if isinstance(answer, Throttled) and delay < client.remaining_seconds - MIN_CALL_SECONDS:
            client.rate_limiter.pause(delay)  # Cellcast limits the account: every thread has to wait
        if delay >= _get_remaining_seconds(client, deadline) - MIN_CALL_SECONDS:
            return OutOfTime(delay)
        client.sleep(delay)
        attempt += 1


def _wait_for_turn(client: CellcastClient, deadline: float) -> OutOfTime | None:
    """Wait until the rate limit allows a call. Return OutOfTime if no call may be made any more."""
    if client.stop_reason:
        return OutOfTime()
    delay = client.rate_limiter.wait(_get_remaining_seconds(client, deadline) - MIN_CALL_SECONDS)
    # Another thread may have stopped the client during the wait.
    if delay or client.stop_reason or _get_remaining_seconds(client, deadline) <= MIN_CALL_SECONDS:
        return OutOfTime(delay)
    return None


def _call_with_current_key(
    client: CellcastClient, call_once: Callable[[str, float], ClassifiedResponse], deadline: float
) -> ClassifiedResponse | OutOfTime:
    """Make one call, and a second one if Cellcast denied the cached key and the secret has a new one."""
    api_key = client.api_key.get()
    answer = call_once(api_key, _compute_timeout(client, deadline))
    if not isinstance(answer, Denied):
        return answer
    new_key = client.api_key.get_replacement(api_key)
    if not new_key or client.stop_reason:
        return answer
    return _wait_for_turn(client, deadline) or call_once(new_key, _compute_timeout(client, deadline))


def _compute_delay(answer: RetryableResponse, attempt: int, jitter: Callable[[], float]) -> float:
    # Cellcast's own Retry-After is a minimum; the back-off may be longer.
    retry_after = None if isinstance(answer, Ambiguous) else answer.retry_after
    return max(compute_backoff(attempt, jitter), retry_after or 0.0)


def _compute_timeout(client: CellcastClient, deadline: float) -> float:
    # The last second of a run is for writing the outcome after the response.
    longest = max(MIN_CALL_SECONDS, client.remaining_seconds - 1)
    return min(MAX_CALL_SECONDS, _get_remaining_seconds(client, deadline), longest)


def _get_remaining_seconds(client: CellcastClient, deadline: float) -> float:
    return min(deadline, client.deadline) - client.clock()
