"""The deadline for calls to AWS while an HTTP caller waits for its response."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from botocore.exceptions import BotoCoreError


class OutOfTimeError(BotoCoreError):
    """The rest of the invocation is needed for the response. botocore does not repeat the call."""

    fmt = "No call to AWS begins any more: the caller waits for its response."


class RequestDeadline:
    """Keeps AWS clients from using up the time that an HTTP response needs. `clock` counts seconds.

    A service that takes connections and does not answer costs a time-out for each attempt, and its callers make
    several calls. After the deadline no attempt begins, so that one attempt is all that can still be waited for.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = inf

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Let no attempt begin after so many seconds, until the block ends."""
        self._ends_at = self._clock() + seconds
        try:
            yield
        finally:
            self._ends_at = inf

    def watch(self, client: Any) -> None:
        """Apply the deadline to all calls of a boto3 client."""
        client.meta.events.register_first("before-send", self._check)
        client.meta.events.register_first("needs-retry", self._check_retry)

    def _check(self, **_: object) -> None:
        if self._clock() >= self._ends_at:
            raise OutOfTimeError

    def _check_retry(self, caught_exception: Exception | None, **_: object) -> None:
        """Raise before the pause that would precede the next attempt."""
        if caught_exception and self._clock() >= self._ends_at:
            raise caught_exception
