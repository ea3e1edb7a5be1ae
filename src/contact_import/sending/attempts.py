"""Send the contacts of one batch in as many requests as it takes, until each contact has an outcome.

`cellcast.retry` makes the attempts of one request; this module decides what follows from the last response:

- A batch that is rejected as a whole, without a contact's index, is bisected until the culprit is alone. With one bad
  contact among 400, that takes up to 19 requests.
- A batch that is rejected with names is sent once more without those.
- A request without a usable response is repeated at most three times with the same bytes, because Cellcast may have
  processed it. It is not split before: the same bytes give Cellcast the best chance to recognise a repeat.
"""

from collections.abc import Sequence

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import API_KEY_DENIED
from contact_import.cellcast.rate_limiter import MAX_BACKOFF_SECONDS
from contact_import.cellcast.responses import (
    Accepted,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    Inconsistent,
    RetryableResponse,
    Throttled,
    TooLarge,
    WrongEndpoint,
)
from contact_import.cellcast.retry import MIN_CALL_SECONDS, OutOfTime, call_with_retry
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.errors import SecretError, SecretUnavailableError
from contact_import.sending.batches import Batch
from contact_import.sending.row_outcomes import assign_refusals_to_rows, make_outcomes

MAX_REPEATS = 3  # of a request without a response
# For one batch, however often it is split: finding three bad contacts among 400 takes about 45. A batch in which most
# contacts are bad would take two requests for each contact.
MAX_CALLS = 64
_MAX_SAME_REFUSALS = 5  # in a row, alone and for the same reason
_WRONG_ADDRESS = "This address does not accept contacts ({}): check CELLCAST_URL"
_TIME_UP = "there was no time left to retry"
_WAIT_TOO_LONG = "Cellcast was too busy; upload failed.csv later"
_REFUSED_TOGETHER = "rejected together with other contacts: {}"


class BatchAttempts:
    """The requests of one batch, until `deadline` on the client's clock.

    `requests` counts them, `messages` has Cellcast's texts that name no contact. A later run may send the rows with the
    numbers in `retry_rows`, in `retry_after` seconds at the earliest.
    """

    def __init__(self, client: CellcastClient, batch: Batch, deadline: float) -> None:
        self._client = client
        self._deadline = deadline
        self._batch = batch
        self._last_refusal, self._same_refusals = "", 0
        self.requests = {"sent": 0, "retried": 0, "throttled": 0, "possibly_repeated": 0}
        self.messages: list[str] = []
        self.retry_rows: list[int] = []
        self.retry_after = 0.0

    def send(self, contacts: Sequence[Contact], ambiguous_count: int = 0) -> list[Outcome]:
        """Send the contacts until each has an outcome, and return the outcomes in any order.

        `ambiguous_count` is the number of earlier requests with these contacts that may have been processed. If it is
        above 0, a contact that is not sent is `unknown` and not `unsent`.
        """
        answer, ambiguous_count = self._call(contacts, ambiguous_count)
        match answer:
            case Accepted(refused):
                self._last_refusal, self._same_refusals = "", 0
                self._client.count_success()
                return assign_refusals_to_rows(contacts, refused)
            case Inconsistent(reason, messages):
                self._client.count_fault()
                self.messages.extend(messages or (reason,))
                return make_outcomes(contacts, Status.UNKNOWN, f"{reason}; check in Cellcast before sending again")
            case Ambiguous(reason):
                self._client.count_fault()
                return make_outcomes(contacts, Status.UNKNOWN, f"{reason}; the contact may be in Cellcast")
            case AllRejected(refused=refused) if refused:
                return self._send_without_refused(contacts, answer, ambiguous_count)
            case AllRejected(reason=reason) | TooLarge(reason):
                return self._bisect(contacts, reason, ambiguous_count)
        return self._leave_to_later_run(contacts, self._explain_end(answer), ambiguous_count)

    def _call(self, contacts: Sequence[Contact], ambiguous_count: int) -> tuple[ClassifiedResponse | OutOfTime, int]:
        """Return the last response to a request with the contacts, and `ambiguous_count` after it."""
        body = self._batch.get_body(contacts)
        is_retry = False

        def post_once(api_key: str, timeout: float) -> ClassifiedResponse:
            nonlocal is_retry
            self._count_request(is_retry=is_retry, is_repeat=ambiguous_count > 0)
            is_retry = True
            return self._client.post_contacts(body, api_key, timeout, len(contacts))

        def may_retry(answer: RetryableResponse, delay: float) -> bool:
            nonlocal ambiguous_count
            ambiguous_count += isinstance(answer, Ambiguous)
            return self._may_retry(answer, delay, ambiguous_count)

        try:
            answer = call_with_retry(self._client, post_once, deadline=self._deadline, may_retry=may_retry)
        except SecretError as error:
            self._client.stop(str(error), is_failure=not isinstance(error, SecretUnavailableError))
            answer = Denied(str(error))
        return answer, ambiguous_count

    def _count_request(self, *, is_retry: bool, is_repeat: bool) -> None:
        self.requests["sent"] += 1
        self.requests["retried"] += is_retry
        self.requests["possibly_repeated"] += is_repeat

    def _may_retry(self, answer: RetryableResponse, delay: float, ambiguous_count: int) -> bool:
        if isinstance(answer, Ambiguous):
            return self._client.on_ambiguous != "hold" and ambiguous_count <= MAX_REPEATS
        if isinstance(answer, Throttled):
            self.requests["throttled"] += 1
            if delay >= self._client.remaining_seconds - MIN_CALL_SECONDS:
                # Cellcast limits the account: no other batch could call either before the time is up.
                self._client.stop(_WAIT_TOO_LONG, is_failure=False)
            self._client.note_throttled()
            return not self._client.stop_reason
        return True

    def _send_without_refused(
        self, contacts: Sequence[Contact], answer: AllRejected, ambiguous_count: int
    ) -> list[Outcome]:
        """Send the contacts that a rejected request does not name. Nothing of that request was stored."""
        outcomes = assign_refusals_to_rows(contacts, answer.refused)
        refused = [outcomes[index] for index in sorted(answer.refused)]
        rest = [contact for index, contact in enumerate(contacts) if index not in answer.refused]
        self.messages.extend(answer.messages)
        if self.requests["sent"] >= MAX_CALLS:
            return [*refused, *make_outcomes(rest, Status.REFUSED, _REFUSED_TOGETHER.format(answer.reason))]
        return [*refused, *(self.send(rest, ambiguous_count) if rest else ())]

    def _bisect(self, contacts: Sequence[Contact], reason: str, ambiguous_count: int) -> list[Outcome]:
        """Send both halves of a rejected request that names no contact, until a contact is rejected alone.

        Of eight contacts with a bad sixth: 1-8 rejected; 1-4 accepted, 5-8 rejected; 5-6 rejected; 5 accepted, 6
        rejected alone (`refused`); 7-8 accepted. Seven requests.
        """
        if len(contacts) == 1:
            self._same_refusals = self._same_refusals + 1 if self._last_refusal == reason else 1
            self._last_refusal = reason
            return make_outcomes(contacts, Status.REFUSED, reason)
        if self._same_refusals >= _MAX_SAME_REFUSALS and self._last_refusal == reason:
            # Several contacts in a row were rejected alone for the same reason: the contacts are not the cause (the
            # account may have no credit), so further requests would tell nothing new.
            self.messages.append(reason)
            return make_outcomes(contacts, Status.REFUSED, reason)
        if self.requests["sent"] >= MAX_CALLS:
            return make_outcomes(contacts, Status.REFUSED, _REFUSED_TOGETHER.format(reason))
        middle = len(contacts) // 2
        return [*self.send(contacts[:middle], ambiguous_count), *self.send(contacts[middle:], ambiguous_count)]

    def _explain_end(self, answer: ClassifiedResponse | OutOfTime) -> str:
        """Return why the contacts are not sent. A denied key and a wrong address stop the client for all batches."""
        match answer:
            case Denied(reason):
                self.messages.append(reason)
                self._client.stop(API_KEY_DENIED, is_failure=True)
            case WrongEndpoint(reason):
                self._client.stop(_WRONG_ADDRESS.format(reason), is_failure=True)
            case OutOfTime(retry_after):
                self.retry_after = max(self.retry_after, retry_after)
                if retry_after <= MAX_BACKOFF_SECONDS or retry_after < self._client.remaining_seconds:
                    return self._client.stop_reason or _TIME_UP
                self._client.unavailable_reason = _WAIT_TOO_LONG
                return self._client.stop_reason or _WAIT_TOO_LONG
        return self._client.stop_reason

    def _leave_to_later_run(self, contacts: Sequence[Contact], reason: str, ambiguous_count: int) -> list[Outcome]:
        self.retry_rows.extend(contact.row.number for contact in contacts)
        if ambiguous_count:
            return make_outcomes(contacts, Status.UNKNOWN, f"{reason}; the contact may be in Cellcast")
        return make_outcomes(contacts, Status.UNSENT, reason)
