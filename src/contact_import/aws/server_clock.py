"""A clock that functions on different machines agree on, although their own clocks may be wrong."""

import time
from collections.abc import Callable


class ServerClock:
    """The time of day by the monotonic clock, corrected by the `Date` header of a server that all functions use.

    A monotonic clock does not jump. Its distance from the time of day is first taken from the machine. A response says
    the server's time to the second (RFC 9110, section 6.6.1), which limits that distance from both sides: the machine's
    own time counts while it is within the limits.
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
        """Take over what a response says: whole seconds since the epoch, between two monotonic times."""
        lowest, highest = server_time - received_at, server_time + 1 - sent_at
        self._lowest, self._highest = max(self._lowest, lowest), min(self._highest, highest)
        if self._lowest > self._highest:  # the server's clock was set
            self._lowest, self._highest = lowest, highest
        self._offset = min(max(self._offset, self._lowest), self._highest)
