"""The line to Cellcast that all threads of a run share: the key, the pace, and whether to go on at all."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import ApiResponse, NoResponse

_MAX_CONSECUTIVE_FAULTS = 8  # batches in a row
_THROTTLE_TIMEOUT_FACTOR = 3  # times the patience: a limit for each minute must be able to pass


def _reject_query(_path: str, _key: str, _seconds: float) -> NoResponse:
    return NoResponse(maybe_sent=False, reason="nobody can be asked here")


@dataclass(slots=True)
class CellcastClient:
    """What all threads of a run share: the way to the endpoint, its pace, and whether to go on at all.

    `until` is a time of `clock`; `slowest` are the seconds that the slowest request took so far. `stopped` says why
    nothing more is sent; `is_failure` whether that means that the import as a whole could not be done. `away` are
    the last words of an endpoint that asked for more time than there is. `get` asks something that changes nothing.
    """

    post: Callable[[bytes, str, float], ApiResponse | NoResponse]
    api_key: ApiKey
    rate_limiter: RateLimiter
    deadline: float
    on_ambiguous: str = "resend"
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    outage_timeout: float = 45.0
    get: Callable[[str, str, float], ApiResponse | NoResponse] = _reject_query
    stop_reason: str = ""
    is_failure: bool = False
    unavailable_reason: str = ""
    slowest_seconds: float = 0.0
    _unreachable_since: float | None = field(init=False, default=None)
    _throttled_since: float | None = field(init=False, default=None)
    _consecutive_faults: int = field(init=False, default=0)

    def call(self, body: bytes, api_key: str, timeout: float) -> ApiResponse | NoResponse:
        """Send one request, for as long as there is time."""
        started_at = self.clock()
        response = self.post(body, api_key, min(timeout, max(1.0, self.remaining_seconds - 1)))
        self.slowest_seconds = max(self.slowest_seconds, self.clock() - started_at)
        if isinstance(response, NoResponse):
            self.note_no_response(response.reason, started_at)
        return response

    def note_no_response(self, reason: str, since: float) -> None:
        """Nobody is there. When that goes on for longer than `patience`, nobody waits any more."""
        self._unreachable_since = since if self._unreachable_since is None else self._unreachable_since
        if self.clock() - self._unreachable_since >= self.outage_timeout:
            self.stop(f"Cellcast could not be reached: {reason}", is_failure=False)

    def note_response(self) -> None:
        self._unreachable_since = None

    def note_throttled(self) -> None:
        """Asked to slow down. When nothing else comes back for long, nobody asks any more."""
        self._throttled_since = self.clock() if self._throttled_since is None else self._throttled_since
        if self.clock() - self._throttled_since >= _THROTTLE_TIMEOUT_FACTOR * self.outage_timeout:
            self.stop("Cellcast went on asking to slow down: try again later", is_failure=False)

    def count_fault(self) -> None:
        """A batch that ended without an answer that makes sense; several in a row stop the run."""
        self._consecutive_faults += 1
        if self._consecutive_faults >= _MAX_CONSECUTIVE_FAULTS:
            self.stop("Cellcast answered one request after another with a fault", is_failure=False)

    def count_success(self) -> None:
        self._consecutive_faults = 0
        self._throttled_since = None

    def stop(self, reason: str, *, is_failure: bool) -> None:
        if not self.stop_reason:
            self.stop_reason, self.is_failure = reason, is_failure

    @property
    def remaining_seconds(self) -> float:
        return self.deadline - self.clock()
