"""Limit the call rate of the threads of one invocation, and compute the back-off between attempts."""

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

MAX_BACKOFF_SECONDS = 20.0  # a run of 15 minutes still makes tens of attempts at an endpoint that recovers


class CallLimiter(Protocol):
    """A limiter of a client's calls: a `RateLimiter`, or a `SharedRateLimiter`."""

    def wait(self, max_seconds: float = math.inf) -> float:
        """Wait for the turn of one call and return 0. Return the wait, without waiting, if it exceeds `max_seconds`."""

    def pause(self, seconds: float) -> None:
        """Let no call through for the next `seconds`."""


class RateLimiter:
    """A limiter that lets calls through at even intervals: no second has more than `calls_per_second` of them.

    A token bucket would allow a burst after a pause, and Cellcast would answer 429.
    """

    def __init__(
        self,
        calls_per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / calls_per_second
        self._clock, self._sleep = clock, sleep
        self._next_call_at = clock()
        self._lock = threading.Lock()

    def wait(self, max_seconds: float = math.inf) -> float:
        """Wait for the turn of one call and return 0. Return the wait, without waiting, if it exceeds `max_seconds`."""
        deadline = self._clock() + max_seconds
        while (delay := self._reserve()) > 0:
            if self._clock() + delay > deadline:
                return delay
            self._sleep(delay)
        return 0.0

    def _reserve(self) -> float:
        """Take the next turn and return 0, or return the seconds until there is one."""
        with self._lock:
            now = self._clock()
            if now < self._next_call_at:
                return self._next_call_at - now
            self._next_call_at = now + self._interval  # from now: unused turns are no credit
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let no thread call for the next `seconds`: Cellcast limits the account, not the connection."""
        with self._lock:
            self._next_call_at = max(self._next_call_at, self._clock() + seconds)


def compute_backoff(attempt: int, chance: Callable[[], float]) -> float:
    """Return the seconds before the next attempt: a random part of 0.5, 1, 2, 4, … 20 seconds (full jitter).

    `attempt` counts from 0; `chance` returns a number from 0 to 1. With full jitter, clients that failed together do
    not come back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    return chance() * min(MAX_BACKOFF_SECONDS, 0.5 * float(2 ** min(attempt, 10)))
