"""One pace for all threads of an invocation."""

import math
import threading
import time
from collections.abc import Callable


class Pace:
    """Lets calls through at even distances, so that no second ever has more than `per_second` of them."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._distance = 1 / per_second
        self._clock, self._sleep = clock, sleep
        self._next = clock()
        self._lock = threading.Lock()

    def wait(self, longest: float = math.inf) -> float:
        """Return 0 when this call may go out; the seconds until then, at once, when they are more than `longest`."""
        until = self._clock() + longest
        while (left := self._reserve()) > 0:
            if self._clock() + left > until:
                return left
            self._sleep(left)
        return 0.0

    def _reserve(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._next:
                return self._next - now
            self._next = max(self._next, now) + self._distance
            return 0.0

    def hold(self, seconds: float) -> None:
        """Nobody calls for so long: the account as a whole was told to slow down."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
