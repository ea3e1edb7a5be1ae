"""The calls of one batch: asked again, halved, given up, until each of its contacts has an outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat

from contact_import.cellcast.client import Line
from contact_import.cellcast.responses import (
    Ambiguous,
    Answer,
    Denied,
    Inconsistent,
    NoneTaken,
    Throttled,
    TooLarge,
    Unavailable,
    Verdicts,
    WrongAddress,
    interpret,
)
from contact_import.cellcast.transport import NoReply
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.errors import SecretAwayError, SecretError
from contact_import.sending.batches import Batch

MAX_REPEATS = 3  # of a request whose answer never came
MAX_CALLS = 64  # for one batch, with all the halving
LONGEST_CALL = 30.0
_SHORTEST_CALL = 1.0
_SAME_REFUSALS = 5
_LONGEST_BACK_OFF = 20.0
_DENIED = "Cellcast did not take the API key"
_WRONG_ADDRESS = "Nothing takes contacts at this address ({}): is CELLCAST_URL right?"
_TIME_UP = "there was no time left to ask again"
_TOO_LONG = "Cellcast asked to wait for longer than this run may take: try again later"
_TOGETHER = "refused together with others: {}"


@dataclass(frozen=True, slots=True)
class _Undecided:
    """Why there is no answer that decides."""

    words: str
    may_go_again: bool = True


class Calls:
    """The calls of one batch, until `until` on the clock of the line. `begins` is told of each."""

    def __init__(self, line: Line, batch: Batch, until: float, begins: Callable[[], None] = lambda: None) -> None:
        self._line = line
        self._until = until
        self._begins = begins
        self._batch = batch
        self._calls = 0
        self._same = ("", 0)
        self.requests = {"sent": 0, "retried": 0, "throttled": 0, "possibly_repeated": 0}
        self.messages: list[str] = []
        self.again: list[int] = []
        self.wait = 0.0

    @property
    def _left(self) -> float:
        """The seconds in which this batch may still be sent."""
        return min(self._until, self._line.until) - self._line.clock()

    def settle(self, contacts: Sequence[Contact], doubts: int = 0) -> list[Outcome]:
        """One outcome for each. `doubts` are the earlier requests with these contacts that were never answered."""
        answer, doubts = self._ask(contacts, doubts)
        if isinstance(answer, Verdicts):
            self._same = ("", 0)
            self._line.count_success()
            return _judged(contacts, answer.refused)
        if isinstance(answer, Inconsistent):
            self._line.count_fault()
            self.messages.extend(answer.messages or (answer.words,))
            return all_alike(contacts, Status.UNKNOWN, f"{answer.words}; look in Cellcast before sending again")
        if isinstance(answer, NoneTaken) and answer.refused:
            return self._without_named(contacts, answer, doubts)
        if isinstance(answer, NoneTaken | TooLarge):
            return self._halve(contacts, answer.words, doubts)
        if answer.may_go_again:
            self.again.extend(contact.row.number for contact in contacts)
        if doubts:
            return all_alike(contacts, Status.UNKNOWN, f"{answer.words}; the contact may be in")
        return all_alike(contacts, Status.UNSENT, answer.words)

    def _without_named(self, contacts: Sequence[Contact], answer: NoneTaken, doubts: int) -> list[Outcome]:
        """Nothing of the request went in: those that were named are refused, the others are sent without them."""
        refused = _judged([contacts[index] for index in sorted(answer.refused)], _renumbered(answer.refused))
        rest = [contact for index, contact in enumerate(contacts) if index not in answer.refused]
        self.messages.extend(answer.messages)
        if self._calls >= MAX_CALLS:
            return [*refused, *all_alike(rest, Status.REFUSED, _TOGETHER.format(answer.words))]
        return [*refused, *(self.settle(rest, doubts) if rest else ())]

    def _halve(self, contacts: Sequence[Contact], words: str, doubts: int) -> list[Outcome]:
        """A refusal that names nobody: halves, until the culprit stands alone."""
        if len(contacts) == 1:
            self._same = (words, self._same[1] + 1 if self._same[0] == words else 1)
            return all_alike(contacts, Status.REFUSED, words)
        if self._same[1] >= _SAME_REFUSALS and self._same[0] == words:
            self.messages.append(words)
            return all_alike(contacts, Status.REFUSED, words)
        if self._calls >= MAX_CALLS:
            return all_alike(contacts, Status.REFUSED, _TOGETHER.format(words))
        middle = len(contacts) // 2
        return [*self.settle(contacts[:middle], doubts), *self.settle(contacts[middle:], doubts)]

    def _ask(
        self, contacts: Sequence[Contact], ambiguous: int
    ) -> tuple[Verdicts | NoneTaken | TooLarge | Inconsistent | _Undecided, int]:
        """What decides, or why nothing does; and how many requests never got their answer."""
        body = self._batch.body_of(contacts)
        for attempt in range(1_000_000):
            wait = 0.0 if self._line.stopped else self._line.pace.wait(self._left - _SHORTEST_CALL)
            if self._line.stopped or wait or self._left <= _SHORTEST_CALL:
                return self._undecided(wait), ambiguous
            answer = self._call(body, len(contacts), is_retry=attempt > 0, is_repeat=ambiguous > 0)
            if isinstance(answer, Verdicts | NoneTaken | TooLarge | Inconsistent):
                return answer, ambiguous
            ambiguous += isinstance(answer, Ambiguous)
            next_in = self._wait_or_words(answer, attempt, ambiguous)
            if isinstance(next_in, _Undecided):
                return next_in, ambiguous
            if next_in >= self._left - _SHORTEST_CALL:
                return self._undecided(next_in), ambiguous
            self._line.sleep(next_in)
        raise AssertionError  # no run has a million attempts of time

    def _undecided(self, wait: float) -> _Undecided:
        """There is no time for the next attempt, which may not be before `wait` seconds from now."""
        self.wait = max(self.wait, wait)
        if wait > _LONGEST_BACK_OFF and wait >= self._line.left:
            self._line.away = _TOO_LONG
            return _Undecided(self._line.stopped or _TOO_LONG)
        return _Undecided(self._line.stopped or _TIME_UP)

    def _wait_or_words(
        self, answer: Ambiguous | Throttled | Unavailable | Denied | WrongAddress, attempt: int, ambiguous: int
    ) -> float | _Undecided:
        """The seconds until the next attempt, or why there is none."""
        match answer:
            case Ambiguous(words):
                if self._line.on_ambiguous == "hold" or ambiguous > MAX_REPEATS:
                    self._line.count_fault()
                    return _Undecided(words, may_go_again=False)
                return back_off(attempt, self._line.chance)
            case Throttled(retry_after):
                return self._throttled(attempt, retry_after)
            case Unavailable(retry_after=retry_after):
                return max(back_off(attempt, self._line.chance), retry_after or 0)
            case Denied(words):
                self.messages.append(words)
                self._line.stop(_DENIED, is_failure=True)
            case WrongAddress(words):
                self._line.stop(_WRONG_ADDRESS.format(words), is_failure=True)
        return _Undecided(self._line.stopped)

    def _call(self, body: bytes, count: int, *, is_retry: bool, is_repeat: bool) -> Answer:
        try:
            return self._call_with_key(body, count, is_retry=is_retry, is_repeat=is_repeat)
        except SecretError as error:
            self._line.stop(str(error), is_failure=not isinstance(error, SecretAwayError))
            return Denied(str(error))

    def _call_with_key(self, body: bytes, count: int, *, is_retry: bool, is_repeat: bool) -> Answer:
        """One call, and another with the key of this moment when the first one's was not taken."""
        key = self._line.key.value()
        for _ in range(2):
            self._calls += 1
            self.requests["sent"] += 1
            self.requests["retried"] += is_retry
            self.requests["possibly_repeated"] += is_repeat
            self._begins()
            reply = self._line.call(body, key, min(LONGEST_CALL, self._left))
            if isinstance(reply, NoReply):
                return Ambiguous(reply.words) if reply.sent else Unavailable(reply.words)
            answer = interpret(reply.status, reply.headers, reply.body, count)
            if isinstance(answer, Unavailable):
                self._line.note_silence(answer.words, self._line.clock())
            else:
                self._line.note_answer()
            if not isinstance(answer, Denied):
                return answer
            key = self._line.key.other_than(key)
            if not key or self._line.stopped:
                return answer
            is_retry = True
            if self._line.pace.wait(self._left - _SHORTEST_CALL) or self._left <= _SHORTEST_CALL:
                return Unavailable(_TIME_UP)
        return answer

    def _throttled(self, attempt: int, retry_after: float | None) -> float | _Undecided:
        self.requests["throttled"] += 1
        wait = max(back_off(attempt, self._line.chance), retry_after or 0)
        if wait >= self._line.left - 1:
            # The account as a whole was told so: nobody else needs to ask, or to sit the time out.
            self._line.stop(_TOO_LONG, is_failure=False)
        self._line.note_throttle()
        if self._line.stopped:
            return _Undecided(self._line.stopped)
        self._line.pace.hold(wait)
        return wait


def back_off(attempt: int, chance: Callable[[], float]) -> float:
    """Full jitter (aws.amazon.com/blogs/architecture, "Exponential Backoff And Jitter")."""
    return chance() * min(_LONGEST_BACK_OFF, 0.5 * float(2 ** min(attempt, 10)))


def _judged(contacts: Sequence[Contact], refused: Mapping[int, str]) -> list[Outcome]:
    outcomes = all_alike(contacts, Status.ACCEPTED, "")
    for index, words in refused.items():
        outcomes[index] = outcomes[index]._replace(status=Status.REFUSED, reason=words)
    return outcomes


def _renumbered(refused: Mapping[int, str]) -> Mapping[int, str]:
    return dict(enumerate(refused[index] for index in sorted(refused)))


def all_alike(contacts: Sequence[Contact], status: Status, why: str) -> list[Outcome]:
    if not contacts:
        return []
    rows, _, _, cautions = zip(*contacts, strict=True)
    # Not `Outcome._make`, which checks each for its length.
    return list(map(partial(tuple.__new__, Outcome), zip(rows, repeat(status), repeat(why), cautions, strict=False)))
