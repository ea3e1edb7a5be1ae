"""The calls of one batch: asked again, halved, given up, until each of its contacts has an outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat

from contact_import.cellcast.classification import classify_response
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.rate_limiter import MAX_BACKOFF_SECONDS, compute_backoff
from contact_import.cellcast.responses import (
    Accepted,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    Inconsistent,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)
from contact_import.cellcast.transport import NoResponse
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.errors import SecretError, SecretUnavailableError
from contact_import.sending.batches import Batch

MAX_REPEATS = 3  # of a request whose answer never came
MAX_CALLS = 64  # for one batch, with all the halving
MAX_CALL_SECONDS = 30.0
_MIN_CALL_SECONDS = 1.0
_MAX_SAME_REFUSALS = 5
_DENIED = "Cellcast did not take the API key"
_WRONG_ADDRESS = "Nothing takes contacts at this address ({}): is CELLCAST_URL right?"
_TIME_UP = "there was no time left to ask again"
_WAIT_TOO_LONG = "Cellcast asked to wait for longer than this run may take: try again later"
_REFUSED_TOGETHER = "refused together with others: {}"


@dataclass(frozen=True, slots=True)
class _Undecided:
    """Why there is no answer that decides."""

    reason: str
    can_retry: bool = True


class BatchAttempts:
    """The calls of one batch, until `until` on the clock of the line. `begins` is told of each."""

    def __init__(
        self, client: CellcastClient, batch: Batch, deadline: float, on_request: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._deadline = deadline
        self._on_request = on_request
        self._batch = batch
        self._call_count = 0
        self._last_refusal = ("", 0)
        self.requests = {"sent": 0, "retried": 0, "throttled": 0, "possibly_repeated": 0}
        self.messages: list[str] = []
        self.retry_rows: list[int] = []
        self.retry_after = 0.0

    @property
    def _remaining_seconds(self) -> float:
        """The seconds in which this batch may still be sent."""
        return min(self._deadline, self._client.deadline) - self._client.clock()

    def send(self, contacts: Sequence[Contact], ambiguous_count: int = 0) -> list[Outcome]:
        """One outcome for each. `doubts` are the earlier requests with these contacts that were never answered."""
        answer, ambiguous_count = self._send_with_retry(contacts, ambiguous_count)
        if isinstance(answer, Accepted):
            self._last_refusal = ("", 0)
            self._client.count_success()
            return _apply_refusals(contacts, answer.refused)
        if isinstance(answer, Inconsistent):
            self._client.count_fault()
            self.messages.extend(answer.messages or (answer.reason,))
            return make_outcomes(contacts, Status.UNKNOWN, f"{answer.reason}; look in Cellcast before sending again")
        if isinstance(answer, AllRejected) and answer.refused:
            return self._send_without_refused(contacts, answer, ambiguous_count)
        if isinstance(answer, AllRejected | TooLarge):
            return self._bisect(contacts, answer.reason, ambiguous_count)
        if answer.can_retry:
            self.retry_rows.extend(contact.row.number for contact in contacts)
        if ambiguous_count:
            return make_outcomes(contacts, Status.UNKNOWN, f"{answer.reason}; the contact may be in")
        return make_outcomes(contacts, Status.UNSENT, answer.reason)

    def _send_without_refused(
        self, contacts: Sequence[Contact], answer: AllRejected, ambiguous_count: int
    ) -> list[Outcome]:
        """Nothing of the request went in: those that were named are refused, the others are sent without them."""
        refused = _apply_refusals([contacts[index] for index in sorted(answer.refused)], _renumber(answer.refused))
        rest = [contact for index, contact in enumerate(contacts) if index not in answer.refused]
        self.messages.extend(answer.messages)
        if self._call_count >= MAX_CALLS:
            return [*refused, *make_outcomes(rest, Status.REFUSED, _REFUSED_TOGETHER.format(answer.reason))]
        return [*refused, *(self.send(rest, ambiguous_count) if rest else ())]

    def _bisect(self, contacts: Sequence[Contact], words: str, ambiguous_count: int) -> list[Outcome]:
        """A refusal that names nobody: halves, until the culprit stands alone."""
        if len(contacts) == 1:
            self._last_refusal = (words, self._last_refusal[1] + 1 if self._last_refusal[0] == words else 1)
            return make_outcomes(contacts, Status.REFUSED, words)
        if self._last_refusal[1] >= _MAX_SAME_REFUSALS and self._last_refusal[0] == words:
            self.messages.append(words)
            return make_outcomes(contacts, Status.REFUSED, words)
        if self._call_count >= MAX_CALLS:
            return make_outcomes(contacts, Status.REFUSED, _REFUSED_TOGETHER.format(words))
        middle = len(contacts) // 2
        return [*self.send(contacts[:middle], ambiguous_count), *self.send(contacts[middle:], ambiguous_count)]

    def _send_with_retry(
        self, contacts: Sequence[Contact], ambiguous_count: int
    ) -> tuple[Accepted | AllRejected | TooLarge | Inconsistent | _Undecided, int]:
        """What decides, or why nothing does; and how many requests never got their answer."""
        body = self._batch.get_body(contacts)
        for attempt in range(1_000_000):
            rate_limit_wait = (
                0.0
                if self._client.stop_reason
                else self._client.rate_limiter.wait(self._remaining_seconds - _MIN_CALL_SECONDS)
            )
            if self._client.stop_reason or rate_limit_wait or self._remaining_seconds <= _MIN_CALL_SECONDS:
                return self._give_up(rate_limit_wait), ambiguous_count
            answer = self._call(body, len(contacts), is_retry=attempt > 0, is_repeat=ambiguous_count > 0)
            if isinstance(answer, Accepted | AllRejected | TooLarge | Inconsistent):
                return answer, ambiguous_count
            ambiguous_count += isinstance(answer, Ambiguous)
            retry_wait = self._compute_retry_wait(answer, attempt, ambiguous_count)
            if isinstance(retry_wait, _Undecided):
                return retry_wait, ambiguous_count
            if retry_wait >= self._remaining_seconds - _MIN_CALL_SECONDS:
                return self._give_up(retry_wait), ambiguous_count
            self._client.sleep(retry_wait)
        raise AssertionError  # no run has a million attempts of time

    def _give_up(self, retry_after: float) -> _Undecided:
        """There is no time for the next attempt, which may not be before `wait` seconds from now."""
        self.retry_after = max(self.retry_after, retry_after)
        if retry_after > MAX_BACKOFF_SECONDS and retry_after >= self._client.remaining_seconds:
            self._client.unavailable_reason = _WAIT_TOO_LONG
            return _Undecided(self._client.stop_reason or _WAIT_TOO_LONG)
        return _Undecided(self._client.stop_reason or _TIME_UP)

    def _compute_retry_wait(
        self, answer: Ambiguous | Throttled | Unavailable | Denied | WrongEndpoint, attempt: int, ambiguous_count: int
    ) -> float | _Undecided:
        """The seconds until the next attempt, or why there is none."""
        match answer:
            case Ambiguous(words):
                if self._client.on_ambiguous == "hold" or ambiguous_count > MAX_REPEATS:
                    self._client.count_fault()
                    return _Undecided(words, can_retry=False)
                return compute_backoff(attempt, self._client.jitter)
            case Throttled(retry_after):
                return self._compute_throttle_wait(attempt, retry_after)
            case Unavailable(retry_after=retry_after):
                return max(compute_backoff(attempt, self._client.jitter), retry_after or 0)
            case Denied(words):
                self.messages.append(words)
                self._client.stop(_DENIED, is_failure=True)
            case WrongEndpoint(words):
                self._client.stop(_WRONG_ADDRESS.format(words), is_failure=True)
        return _Undecided(self._client.stop_reason)

    def _call(self, body: bytes, count: int, *, is_retry: bool, is_repeat: bool) -> ClassifiedResponse:
        try:
            return self._call_with_key(body, count, is_retry=is_retry, is_repeat=is_repeat)
        except SecretError as error:
            self._client.stop(str(error), is_failure=not isinstance(error, SecretUnavailableError))
            return Denied(str(error))

    def _call_with_key(self, body: bytes, count: int, *, is_retry: bool, is_repeat: bool) -> ClassifiedResponse:
        """One call, and another with the key of this moment when the first one's was not taken."""
        key = self._client.api_key.get()
        for _ in range(2):
            self._call_count += 1
            self.requests["sent"] += 1
            self.requests["retried"] += is_retry
            self.requests["possibly_repeated"] += is_repeat
            self._on_request()
            reply = self._client.call(body, key, min(MAX_CALL_SECONDS, self._remaining_seconds))
            if isinstance(reply, NoResponse):
                return Ambiguous(reply.reason) if reply.maybe_sent else Unavailable(reply.reason)
            answer = classify_response(reply.status, reply.headers, reply.body, count)
            if isinstance(answer, Unavailable):
                self._client.note_no_response(answer.reason, self._client.clock())
            else:
                self._client.note_response()
            if not isinstance(answer, Denied):
                return answer
            key = self._client.api_key.get_replacement(key)
            if not key or self._client.stop_reason:
                return answer
            is_retry = True
            if (
                self._client.rate_limiter.wait(self._remaining_seconds - _MIN_CALL_SECONDS)
                or self._remaining_seconds <= _MIN_CALL_SECONDS
            ):
                return Unavailable(_TIME_UP)
        return answer

    def _compute_throttle_wait(self, attempt: int, retry_after: float | None) -> float | _Undecided:
        self.requests["throttled"] += 1
        retry_wait = max(compute_backoff(attempt, self._client.jitter), retry_after or 0)
        if retry_wait >= self._client.remaining_seconds - 1:
            # The account as a whole was told so: nobody else needs to ask, or to sit the time out.
            self._client.stop(_WAIT_TOO_LONG, is_failure=False)
        self._client.note_throttled()
        if self._client.stop_reason:
            return _Undecided(self._client.stop_reason)
        self._client.rate_limiter.pause(retry_wait)
        return retry_wait


def _apply_refusals(contacts: Sequence[Contact], refused: Mapping[int, str]) -> list[Outcome]:
    outcomes = make_outcomes(contacts, Status.ACCEPTED, "")
    for index, words in refused.items():
        outcomes[index] = outcomes[index]._replace(status=Status.REFUSED, reason=words)
    return outcomes


def _renumber(refused: Mapping[int, str]) -> Mapping[int, str]:
    return dict(enumerate(refused[index] for index in sorted(refused)))


def make_outcomes(contacts: Sequence[Contact], status: Status, reason: str) -> list[Outcome]:
    if not contacts:
        return []
    rows, _, _, warnings = zip(*contacts, strict=True)
    # Not `Outcome._make`, which checks each for its length.
    return list(map(partial(tuple.__new__, Outcome), zip(rows, repeat(status), repeat(reason), warnings, strict=False)))
