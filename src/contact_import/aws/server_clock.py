"""Keep a clock that functions on different machines agree on, although the clocks of the machines may be wrong."""

import time
from collections.abc import Callable


class ServerClock:
    """The time of day by the monotonic clock, corrected by the `Date` header of a server that all functions use.

    A monotonic clock never jumps, but it starts anywhere: the time of day is its reading plus an offset. The first
    offset is the machine's. Each response has the server's time in whole seconds (RFC 9110, section 6.6.1), which
    limits the offset from both sides. The machine's offset is used while it is within the limits.

    Example: a request is sent at 10.0 and answered at 10.5 of the monotonic clock, and the header says 1000. The
    server wrote the header between 1000 and 1001, so the offset is between 1000 - 10.5 and 1001 - 10.0.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, time_of_day: Callable[[], float] = time.time
    ) -> None:
        self._monotonic = monotonic
        self._offset = time_of_day() - monotonic()
        self._lowest, self._highest = -float("inf"), float("inf")

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._monotonic() + self._offset

    def read_monotonic(self) -> float:
        """Return the time of the monotonic clock, for `observe`."""
        return self._monotonic()

    def observe(self, server_time: float, sent_at: float, received_at: float) -> None:
        """Correct the clock by the server's whole seconds since the epoch, at a moment between two monotonic times."""
        lowest, highest = server_time - received_at, server_time + 1 - sent_at
        self._lowest, self._highest = max(self._lowest, lowest), min(self._highest, highest)
        if self._lowest > self._highest:  # the server's clock was set: older responses no longer count
            self._lowest, self._highest = lowest, highest
        self._offset = min(max(self._offset, self._lowest), self._highest)
