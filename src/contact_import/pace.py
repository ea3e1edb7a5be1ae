"""One pace for all threads of an invocation."""

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

    def wait(self) -> None:
        """Return when this call may go out."""
        while (left := self._reserve()) > 0:
            self._sleep(left)

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
