"""One pace for all threads of an invocation."""

import math
import threading
import time
from collections.abc import Callable


class RateLimiter:
    """Lets calls through at even distances, so that no second ever has more than `per_second` of them."""

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
        """Return 0 when this call may go out; the seconds until then, at once, when they are more than `longest`."""
        deadline = self._clock() + max_seconds
        while (delay := self._reserve()) > 0:
            if self._clock() + delay > deadline:
                return delay
            self._sleep(delay)
        return 0.0

    def _reserve(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._next_call_at:
                return self._next_call_at - now
            self._next_call_at = max(self._next_call_at, now) + self._interval
            return 0.0

    def pause(self, seconds: float) -> None:
        """Nobody calls for so long: the account as a whole was told to slow down."""
        with self._lock:
            self._next_call_at = max(self._next_call_at, self._clock() + seconds)


MAX_BACKOFF_SECONDS = 20.0


def compute_backoff(attempt: int, chance: Callable[[], float]) -> float:
    """Full jitter (aws.amazon.com/blogs/architecture, "Exponential Backoff And Jitter")."""
    return chance() * min(MAX_BACKOFF_SECONDS, 0.5 * float(2 ** min(attempt, 10)))
