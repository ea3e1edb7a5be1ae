"""The line to Cellcast that all threads of a run share: the key, the pace, and whether to go on at all."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from contact_import.cellcast.rate_limiter import Pace
from contact_import.cellcast.transport import NoReply, Reply

_MAX_FAULTS = 8  # batches in a row
_THROTTLES = 3  # times the patience: a limit for each minute must be able to pass


class Key:
    """The API key of a run: read when it is first needed, and once more when Cellcast does not take it."""

    def __init__(self, fetch: Callable[[bool], str]) -> None:
        self._fetch = fetch  # True: not from the cache
        self._lock = threading.Lock()
        self._value = ""
        self._is_fresh = False

    def value(self) -> str:
        with self._lock:
            self._value = self._value or self._fetch(False)
            return self._value

    def other_than(self, denied: str) -> str:
        """Another key than the denied one, "" when there is none."""
        with self._lock:
            if self._value == denied and not self._is_fresh:
                self._value, self._is_fresh = self._fetch(True), True
            return "" if self._value == denied else self._value


def _nobody(_path: str, _key: str, _seconds: float) -> NoReply:
    return NoReply(sent=False, words="nobody can be asked here")


@dataclass(slots=True)
class Line:
    """What all threads of a run share: the way to the endpoint, its pace, and whether to go on at all.

    `until` is a time of `clock`; `slowest` are the seconds that the slowest request took so far. `stopped` says why
    nothing more is sent; `is_failure` whether that means that the import as a whole could not be done. `away` are
    the last words of an endpoint that asked for more time than there is. `get` asks something that changes nothing.
    """

    post: Callable[[bytes, str, float], Reply | NoReply]
    key: Key
    pace: Pace
    until: float
    on_ambiguous: str = "resend"
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    patience: float = 45.0
    get: Callable[[str, str, float], Reply | NoReply] = _nobody
    stopped: str = ""
    is_failure: bool = False
    away: str = ""
    slowest: float = 0.0
    _silent_since: float | None = field(init=False, default=None)
    _throttled_since: float | None = field(init=False, default=None)
    _faults: int = field(init=False, default=0)

    def call(self, body: bytes, key: str, longest: float) -> Reply | NoReply:
        """Send one request, for as long as there is time."""
        began = self.clock()
        reply = self.post(body, key, min(longest, max(1.0, self.left - 1)))
        self.slowest = max(self.slowest, self.clock() - began)
        if isinstance(reply, NoReply):
            self.note_silence(reply.words, began)
        return reply

    def note_silence(self, words: str, since: float) -> None:
        """Nobody is there. When that goes on for longer than `patience`, nobody waits any more."""
        self._silent_since = since if self._silent_since is None else self._silent_since
        if self.clock() - self._silent_since >= self.patience:
            self.stop(f"Cellcast could not be reached: {words}", is_failure=False)

    def note_answer(self) -> None:
        self._silent_since = None

    def note_throttle(self) -> None:
        """Asked to slow down. When nothing else comes back for long, nobody asks any more."""
        self._throttled_since = self.clock() if self._throttled_since is None else self._throttled_since
        if self.clock() - self._throttled_since >= _THROTTLES * self.patience:
            self.stop("Cellcast went on asking to slow down: try again later", is_failure=False)

    def count_fault(self) -> None:
        """A batch that ended without an answer that makes sense; several in a row stop the run."""
        self._faults += 1
        if self._faults >= _MAX_FAULTS:
            self.stop("Cellcast answered one request after another with a fault", is_failure=False)

    def count_success(self) -> None:
        self._faults = 0
        self._throttled_since = None

    def stop(self, why: str, *, is_failure: bool) -> None:
        if not self.stopped:
            self.stopped, self.is_failure = why, is_failure

    @property
    def left(self) -> float:
        return self.until - self.clock()
