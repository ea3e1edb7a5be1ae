"""Limit the time of calls to AWS while an HTTP caller waits for its response."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from botocore.exceptions import BotoCoreError


class OutOfTimeError(BotoCoreError):
    """A call to AWS that was not made, because the remaining time is needed for the response."""

    # botocore repeats only the errors that it knows as transient: not this one.
    fmt = "No call to AWS begins any more: the caller waits for its response."


class RequestDeadline:
    """A deadline for AWS clients, which keeps time for the HTTP response. `clock` returns seconds.

    A service that accepts connections and does not respond costs one time-out for each attempt, and its callers make
    several calls. After the deadline no attempt begins, so a caller waits for one more attempt at most.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = inf

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Allow no attempt to begin after this many seconds, until the block ends."""
        self._ends_at = self._clock() + seconds
        try:
            yield
        finally:
            self._ends_at = inf

    def watch(self, client: Any) -> None:
        """Apply the deadline to all calls of a boto3 client, by botocore's events before an attempt and a retry."""
        client.meta.events.register_first("before-send", self._check)
        client.meta.events.register_first("needs-retry", self._check_retry)

    def _check(self, **_: object) -> None:
        if self._clock() >= self._ends_at:
            raise OutOfTimeError

    def _check_retry(self, caught_exception: Exception | None, **_: object) -> None:
        """Raise before botocore waits for the next attempt."""
        if caught_exception and self._clock() >= self._ends_at:
            raise caught_exception
