"""Limit the call rate of all functions of the stack together, over a store with conditional writes.

Each function reads the shared record, reserves times in it (`account_rate`) and writes it back if no other function
was first. A call then waits for its reserved time. The threads of a file take turns: the next one reserves a time when
the last one has left, so that a function holds few times, however many threads it has.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from contact_import.aws.server_clock import ServerClock
from contact_import.cellcast.account_rate import (
    RateRecord,
    decode_rate_record,
    encode_rate_record,
    reserve_calls,
    slow_down,
)
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.errors import StoreUnavailableError

_MAX_CALLS_PER_WRITE = 4  # more would hold back times that another function could use
_MAX_CONFLICT_SECONDS = 0.02  # random, so that functions which collided do not collide again
# A call that leaves later than this gives its time up. 60 ms remain for networks that vary, of the 95 in which no
# mixture of calls gets 429 (`account_rate`).
_MAX_LATE_SECONDS = 0.035
_MAX_LATE_TURNS = 10  # then the machine is too busy, or the store too slow
# In which a write must succeed, else the store is away. Files can wait for it: the calls of a function that has lost
# the store come on top of those of functions that have not.
_MAX_STORE_SECONDS, _MAX_INTERACTIVE_STORE_SECONDS = 4.0, 1.0
_MAX_INTERACTIVE_FAILURES = 2
_MAX_FAILURE_SECONDS = 1.0  # random, before a write that failed is repeated; the first times it is shorter
_RETRY_STORE_SECONDS = 5.0
# Random, after each time that the store was away: functions that lost it at the same moment do not all call at once. At
# most twelve of them import files. If forty interactive calls are spread over ten seconds, a second has sixteen of them
# in one of fifteen thousand cases.
_MAX_FALLBACK_SECONDS, _MAX_INTERACTIVE_FALLBACK_SECONDS = 5.0, 10.0


class RateStore(Protocol):
    """The store of the shared record: `aws.dynamodb.VersionedItem`."""

    def replace(self, text: str, expected_version: int) -> tuple[tuple[str, int] | None, float | None]:
        """Store the text if the stored one has `expected_version`. Raise StoreUnavailableError if the store fails.

        Return None, or the stored text and its version if it has another version; and the store's time in seconds since
        the epoch, None if it is not known.
        """


class SharedRateLimiter:
    """A limiter of the calls of all functions: no second has more than `calls_per_second` of them.

    Interactive calls do not wait behind those of files. `fallback` is used while the store fails: it has the small rate
    that each invocation may use without knowing of the others, from a random moment on. A store that stalls holds an
    interactive call back for one second more and a file's for four, and is not used for the next five.
    """

    def __init__(
        self,
        store: RateStore,
        calls_per_second: float,
        fallback: RateLimiter,
        *,
        is_interactive: bool = False,
        clock: ServerClock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._calls_per_second, self._fallback = store, calls_per_second, fallback
        self._is_interactive, self._sleep, self._chance = is_interactive, sleep, chance
        self._clock = clock or ServerClock()
        # The last known record: a write of its successor fails if another function wrote meanwhile, and returns the
        # newer one. So no separate read is needed.
        self._record, self._version = RateRecord(), 0
        self._times: deque[float] = deque()  # reserved, and not used yet
        # `_lock` is held during a write; threads that arrive then are counted in `_waiting`, under the other one.
        self._lock, self._count_lock = threading.Lock(), threading.Lock()
        self._turn = threading.Lock()  # held by the thread of a file that waits for its reserved time
        self._waiting = 0
        self._pauses = 0
        self._store_away_until = -float("inf")
        self._write_seconds = 0.0  # of the last write: a call can leave no sooner

    def wait(self, max_seconds: float = float("inf")) -> float:
        """Wait for the turn of one call and return 0. Return the rest of the wait if it exceeds `max_seconds`.

        It does not wait then, unless other threads of a file are before it.
        """
        deadline = self._clock.now() + max_seconds
        with self._count_lock:
            self._waiting += 1
        try:
            if self._is_interactive:
                return self._wait_until(deadline)
            if not self._turn.acquire(timeout=min(max(0.0, max_seconds), threading.TIMEOUT_MAX)):
                return 1 / self._calls_per_second
            try:
                return self._wait_until(deadline)
            finally:
                self._turn.release()
        finally:
            with self._count_lock:
                self._waiting -= 1

    def _wait_until(self, deadline: float) -> float:
        for _ in range(_MAX_LATE_TURNS):
            pauses = self._pauses
            time_of_call = self._take_time()
            if time_of_call is None:
                break
            now = self._clock.now()
            if time_of_call > deadline:
                with self._lock:
                    self._times.appendleft(time_of_call)
                return time_of_call - now
            if time_of_call > now:
                self._sleep(time_of_call - now)
            # After a 429 the reserved time is no longer valid.
            if pauses == self._pauses and not self._is_late(time_of_call):
                return 0.0
        return self._fallback.wait(deadline - self._clock.now())

    def _is_late(self, time_of_call: float) -> bool:
        return self._clock.now() - time_of_call > _MAX_LATE_SECONDS

    def pause(self, seconds: float) -> None:
        """Let no function call for the next `seconds`, and slow all of them down: Cellcast has answered 429."""
        self._fallback.pause(seconds)
        with self._lock:
            self._pauses += 1
            self._times.clear()
            self._update(lambda record, now: (slow_down(record, now, seconds), None))

    def _take_time(self) -> float | None:
        """Return the time of the next call, None if the store cannot be used."""
        with self._lock:
            while self._times and self._is_late(self._times[0]):
                self._times.popleft()
            if not self._times:
                # One write reserves a time for each waiting thread: a fast import makes few writes.
                count = 1 if self._is_interactive else min(self._waiting, _MAX_CALLS_PER_WRITE)
                self._times.extend(self._update(partial(self._reserve, count)) or ())
            return self._times.popleft() if self._times else None

    def _reserve(self, count: int, record: RateRecord, now: float) -> tuple[RateRecord, list[float]]:
        return reserve_calls(
            record,
            now + self._write_seconds,
            count,
            calls_per_second=self._calls_per_second,
            is_interactive=self._is_interactive,
        )

    def _update[T](self, change: Callable[[RateRecord, float], tuple[RateRecord, T]]) -> T | None:
        """Replace the stored record by a changed one. Return the second value of `change`, None if the store fails."""
        began = self._clock.read_monotonic()
        if began < self._store_away_until:
            return None
        failures = 0
        give_up_at = began + (_MAX_INTERACTIVE_STORE_SECONDS if self._is_interactive else _MAX_STORE_SECONDS)
        while self._clock.read_monotonic() < give_up_at:
            record, value = change(self._record, self._clock.now())
            try:
                if self._replace(record):
                    return value
            except StoreUnavailableError:
                failures += 1
                if self._is_interactive and failures >= _MAX_INTERACTIVE_FAILURES:
                    break
            self._sleep(self._chance() * min(_MAX_CONFLICT_SECONDS * 4**failures, _MAX_FAILURE_SECONDS))
        self._store_away_until = self._clock.read_monotonic() + _RETRY_STORE_SECONDS
        max_pause = _MAX_INTERACTIVE_FALLBACK_SECONDS if self._is_interactive else _MAX_FALLBACK_SECONDS
        self._fallback.pause(self._chance() * max_pause)
        return None

    def _replace(self, record: RateRecord) -> bool:
        """Store the record unless another function was first. Remember the stored record in either case."""
        sent_at = self._clock.read_monotonic()
        current, server_time = self._store.replace(encode_rate_record(record), self._version)
        received_at = self._clock.read_monotonic()
        self._write_seconds = received_at - sent_at
        if server_time is not None:
            self._clock.observe(server_time, sent_at, received_at)
        if current is None:
            self._record, self._version = record, self._version + 1
            return True
        text, self._version = current
        self._record = decode_rate_record(text)
        return False
