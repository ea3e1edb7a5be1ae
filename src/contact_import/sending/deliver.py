"""Send one batch, and return an outcome for each of its rows, whatever the endpoint does and earlier runs have done."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from types import MappingProxyType

from contact_import.cellcast.client import CellcastClient
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending.attempts import BatchAttempts
from contact_import.sending.batches import Batch
from contact_import.sending.row_outcomes import make_outcomes

MAX_ATTEMPTS = 4  # runs that crash during a batch: a fifth is unlikely to end better
INTERRUPTED = "a run ended while it was sending this contact; it may be in Cellcast"
_INTERRUPTED_OFTEN = "every run ended while it was sending this contact; it may be in Cellcast"
_OPTED_OUT_SINCE = "consent: the number is on Cellcast's opt-out list now; an earlier request may have added it"
_NO_OPT_OUTS: Mapping[int, Outcome] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One outcome for each row of a batch, in file order, with the counts of the requests and Cellcast's messages.

    A later attempt may send the rows with the numbers in `retry_rows`, in `retry_after` seconds at the earliest. Those
    are rows that are `unsent`, and rows that are `unknown` only because there was no time to repeat the request.
    """

    outcomes: tuple[Outcome, ...]
    requests: dict[str, int]
    messages: tuple[str, ...] = ()
    retry_rows: tuple[int, ...] = ()
    retry_after: float = 0.0


def send_batch(
    batch: Batch,
    client: CellcastClient,
    *,
    previous: BatchResult | None = None,
    attempts: int = 1,
    seconds: float = math.inf,
) -> BatchResult:
    """Send the contacts of a batch until each has an outcome, nothing more may be sent, or `seconds` have passed.

    `previous` is the result of an earlier attempt. `attempts` above 1 means that an attempt after it crashed, and may
    have sent the rest. No behaviour of the endpoint raises an exception.
    """
    batch_attempts = BatchAttempts(client, batch, client.clock() + seconds)
    settled, clean, ambiguous = split_remaining(batch, previous, is_ambiguous=attempts > 1)
    if ambiguous and client.on_ambiguous == "hold":
        settled, ambiguous = [*settled, *make_outcomes(ambiguous, Status.UNKNOWN, INTERRUPTED)], []
    elif attempts > MAX_ATTEMPTS:
        settled, ambiguous = [*settled, *make_outcomes(ambiguous, Status.UNKNOWN, _INTERRUPTED_OFTEN)], []
    # Apart from each other: a request with both would count, and be reported, as possibly repeated for all of them.
    for contacts, ambiguous_count in ((clean, 0), (ambiguous, 1)):
        if contacts:
            settled.extend(batch_attempts.send(contacts, ambiguous_count))
    return _build_result(settled, batch_attempts, previous)


def mark_unsent(batch: Batch, reason: str, *, previous: BatchResult | None = None, attempts: int = 1) -> BatchResult:
    """Return final outcomes without a request: `unsent`, or `unknown` if a crashed attempt may have sent the contact.

    Without a crashed attempt, the outcomes of `previous` become final.
    """
    if previous and attempts == 1:
        return replace(previous, retry_rows=())
    settled, clean, ambiguous = split_remaining(batch, previous, is_ambiguous=attempts > 1)
    outcomes = [
        *settled,
        *make_outcomes(clean, Status.UNSENT, reason),
        *make_outcomes(ambiguous, Status.UNKNOWN, INTERRUPTED),
    ]
    requests, messages = (previous.requests, previous.messages) if previous else ({}, ())
    return BatchResult(_sort_by_row(outcomes), requests, messages)


def dry_run(batch: Batch, opted_out: Mapping[int, Outcome] = _NO_OPT_OUTS) -> BatchResult:
    """Return the outcomes of a dry run: every contact is `accepted`, except for the rows in `opted_out`."""
    decided, contacts, _ = split_remaining(batch, None, is_ambiguous=False, opted_out=opted_out)
    return BatchResult(_sort_by_row([*decided, *make_outcomes(contacts, Status.ACCEPTED, "")]), {})


def split_remaining(
    batch: Batch, previous: BatchResult | None, *, is_ambiguous: bool, opted_out: Mapping[int, Outcome] = _NO_OPT_OUTS
) -> tuple[list[Outcome], list[Contact], list[Contact]]:
    """Return the settled outcomes, the contacts that were certainly not sent, and those that may have been sent.

    `is_ambiguous` means that an attempt after `previous` crashed. `opted_out` maps row numbers to outcomes for people
    who have opted out: they are not sent any more, and are `unknown` if they may have been sent before. An outcome that
    a response of Cellcast decided does not change.
    """
    if previous is None:
        settled = [opted_out.get(outcome.row.number, outcome) for outcome in batch.decided]
        remaining, ambiguous_rows = list(batch.contacts), set[int]()
    else:
        retry_rows = set(previous.retry_rows)
        settled = [outcome for outcome in previous.outcomes if outcome.row.number not in retry_rows]
        remaining = [contact for contact in batch.contacts if contact.row.number in retry_rows]
        ambiguous_rows = {outcome.row.number for outcome in previous.outcomes if outcome.status is Status.UNKNOWN}
    clean: list[Contact] = []
    ambiguous: list[Contact] = []
    for contact in remaining:
        number = contact.row.number
        may_be_sent = is_ambiguous or number in ambiguous_rows
        if number not in opted_out:
            (ambiguous if may_be_sent else clean).append(contact)
        elif may_be_sent:
            settled.append(Outcome(contact.row, Status.UNKNOWN, _OPTED_OUT_SINCE, contact.warnings))
        else:
            settled.append(opted_out[number])
    return settled, clean, ambiguous


def _build_result(
    outcomes: Iterable[Outcome], batch_attempts: BatchAttempts, previous: BatchResult | None
) -> BatchResult:
    requests, messages = Counter(batch_attempts.requests), batch_attempts.messages
    if previous:
        requests.update(previous.requests)
        messages = [*previous.messages, *messages]
    return BatchResult(
        _sort_by_row(outcomes),
        dict(requests),
        tuple(dict.fromkeys(messages)),
        tuple(batch_attempts.retry_rows),
        batch_attempts.retry_after,
    )


def _sort_by_row(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    # Bisection and repeated attempts produce outcomes in another order than that of the file.
    return tuple(sorted(outcomes, key=attrgetter("row.number")))
