"""Share one access to Cellcast between all threads of a run: API key, rate limit, deadline, and the reason to stop."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from contact_import.cellcast.classification import classify_no_response, classify_response
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import CallLimiter
from contact_import.cellcast.responses import ClassifiedResponse, Unavailable
from contact_import.cellcast.transport import ApiResponse, NoResponse

# Batches in a row without a usable response. Each is `unknown`, and a person has to look its contacts up in Cellcast.
_MAX_CONSECUTIVE_FAULTS = 8
_THROTTLE_TIMEOUT_FACTOR = 3  # times `outage_timeout`: 135 s, in which a limit per minute ends


def _reject_query(_path: str, _key: str, _seconds: float) -> NoResponse:
    return NoResponse(maybe_sent=False, reason="this client makes no queries")


@dataclass(slots=True)
class CellcastClient:
    """The access to Cellcast that all threads of a run share, and the reason why nothing more is sent.

    - `post` and `get` make one HTTP request each: `Transport.post` and `Transport.get`.
    - `deadline` is a time of `clock`, in seconds.
    - `on_ambiguous` is `resend` or `hold`: what is done after a request that may have been processed.
    - `outage_timeout` is the number of seconds after which an endpoint without a response counts as down.
    - `is_sandbox` says that the endpoint is a simulated Cellcast.
    - `stop_reason` says why nothing more is sent, "" while the run may send. With `is_failure`, the import as a whole
      fails for it.
    - `unavailable_reason` is set if Cellcast asks for a longer pause than the run has time.
    - `slowest_seconds` is the duration of the slowest request with contacts so far.
    """

    post: Callable[[bytes, str, float], ApiResponse | NoResponse]
    api_key: ApiKey
    rate_limiter: CallLimiter
    deadline: float
    on_ambiguous: str = "resend"
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    outage_timeout: float = 45.0
    is_sandbox: bool = False
    get: Callable[[str, str, float], ApiResponse | NoResponse] = _reject_query
    stop_reason: str = ""
    is_failure: bool = False
    unavailable_reason: str = ""
    slowest_seconds: float = 0.0
    _unreachable_since: float | None = field(init=False, default=None)
    _throttled_since: float | None = field(init=False, default=None)
    _consecutive_faults: int = field(init=False, default=0)

    @property
    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline of the run, negative after it."""
        return self.deadline - self.clock()

    def post_contacts(self, body: bytes, api_key: str, timeout: float, contact_count: int) -> ClassifiedResponse:
        """Send one request with contacts, once, and classify its response. Stop the client after a long outage."""
        started_at = self.clock()
        response = self.post(body, api_key, timeout)
        self.slowest_seconds = max(self.slowest_seconds, self.clock() - started_at)
        if isinstance(response, NoResponse):
            self._note_outage(response.reason, started_at)
            return classify_no_response(response)
        answer = classify_response(response.status, response.headers, response.body, contact_count)
        if isinstance(answer, Unavailable):
            self._note_outage(answer.reason, self.clock())
        else:
            self._unreachable_since = None
        return answer

    def _note_outage(self, reason: str, since: float) -> None:
        self._unreachable_since = since if self._unreachable_since is None else self._unreachable_since
        if self.clock() - self._unreachable_since >= self.outage_timeout:
            self.stop(f"Cellcast could not be reached: {reason}", is_failure=False)

    def note_throttled(self) -> None:
        """Stop the client if Cellcast has answered nothing but 429 for a long time."""
        self._throttled_since = self.clock() if self._throttled_since is None else self._throttled_since
        if self.clock() - self._throttled_since >= _THROTTLE_TIMEOUT_FACTOR * self.outage_timeout:
            self.stop("Cellcast kept asking to slow down: try again later", is_failure=False)

    def count_fault(self) -> None:
        """Count a batch without a usable response. Eight in a row stop the client, before all rows are unknown."""
        self._consecutive_faults += 1
        if self._consecutive_faults >= _MAX_CONSECUTIVE_FAULTS:
            self.stop("Cellcast returned errors for several requests in a row", is_failure=False)

    def count_success(self) -> None:
        """Reset the counts that `count_fault` and `note_throttled` keep."""
        self._consecutive_faults = 0
        self._throttled_since = None

    def stop(self, reason: str, *, is_failure: bool) -> None:
        """Stop all threads from sending. The first reason counts; requests in flight still get their outcome."""
        if not self.stop_reason:
            self.stop_reason, self.is_failure = reason, is_failure
