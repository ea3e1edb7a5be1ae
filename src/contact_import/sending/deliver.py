"""One batch to its outcomes, whatever the endpoint does."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from types import MappingProxyType

from contact_import.cellcast.client import CellcastClient
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending.attempts import BatchAttempts
from contact_import.sending.batches import Batch
from contact_import.sending.row_outcomes import make_outcomes

MAX_ATTEMPTS = 4  # of runs that die over a batch: a fifth would hardly end better
_INTERRUPTED = "a run broke off while it was sending this contact; it may be in"
_INTERRUPTED_OFTEN = "every run broke off while it was sending this contact; it may be in"
_OPTED_OUT_SINCE = "consent: Cellcast's opt-out list has the number by now; an earlier request may have put it in"
_NO_OPT_OUTS: Mapping[int, Outcome] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One outcome for each row of a batch, in file order, and what it took.

    `again` are the numbers of the rows that a later try may send: `unsent` ones, and those that are `unknown`
    only because there was no time to ask again. It makes no sense before `wait` seconds are over.
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
    on_request: Callable[[], None] = lambda: None,
) -> BatchResult:
    """Send the contacts of a batch until each has an outcome, nothing more may be sent, or `seconds` are over.

    `before` is what an earlier try came to; `tries` above 1 says that one after it died, and may have sent what
    was left. `begins` is told of each call just before it goes out. It never raises for what the endpoint does.
    """
    batch_attempts = BatchAttempts(client, batch, client.clock() + seconds, on_request)
    settled, clean, ambiguous = split_remaining(batch, previous, is_ambiguous=attempts > 1)
    if ambiguous and client.on_ambiguous == "hold":
        settled, ambiguous = [*settled, *make_outcomes(ambiguous, Status.UNKNOWN, _INTERRUPTED)], []
    elif attempts > MAX_ATTEMPTS:
        settled, ambiguous = [*settled, *make_outcomes(ambiguous, Status.UNKNOWN, _INTERRUPTED_OFTEN)], []
    for contacts, ambiguous_count in ((clean, 0), (ambiguous, 1)):
        if contacts:
            settled.extend(batch_attempts.send(contacts, ambiguous_count))
    return _build_result(settled, batch_attempts, previous)


def mark_unsent(batch: Batch, reason: str, *, previous: BatchResult | None = None, attempts: int = 1) -> BatchResult:
    """Outcomes for good without a call: contacts stay `unsent`, or `unknown` when a try that died may have sent them.

    What an earlier try says of them stands.
    """
    if previous and attempts == 1:
        return replace(previous, retry_rows=())
    settled, clean, ambiguous = split_remaining(batch, previous, is_ambiguous=attempts > 1)
    outcomes = [
        *settled,
        *make_outcomes(clean, Status.UNSENT, reason),
        *make_outcomes(ambiguous, Status.UNKNOWN, _INTERRUPTED),
    ]
    requests, messages = (previous.requests, previous.messages) if previous else ({}, ())
    return BatchResult(_sort_by_row(outcomes), requests, messages)


def dry_run(batch: Batch) -> BatchResult:
    """Outcomes of a dry run: nothing speaks against the contacts."""
    return BatchResult(_sort_by_row([*batch.decided, *make_outcomes(batch.contacts, Status.ACCEPTED, "")]), {})


def split_remaining(
    batch: Batch, previous: BatchResult | None, *, is_ambiguous: bool, opted_out: Mapping[int, Outcome] = _NO_OPT_OUTS
) -> tuple[list[Outcome], list[Contact], list[Contact]]:
    """What is settled, the contacts that were surely not sent, and those that may have been.

    `opted_out` are outcomes by the numbers of their rows: nothing is sent for those any more. Who may have been sent
    already is `unknown`, and what Cellcast answered stands.
    """
    if previous is None:
        settled = list(batch.decided)
        if opted_out:
            settled = [opted_out.get(outcome.row.number, outcome) for outcome in settled]
        remaining, ambiguous_rows = list(batch.contacts), set[int]()
    else:
        retry_rows = set(previous.retry_rows)
        settled = [outcome for outcome in previous.outcomes if outcome.row.number not in retry_rows]
        remaining = [contact for contact in batch.contacts if contact.row.number in retry_rows]
        ambiguous_rows = {outcome.row.number for outcome in previous.outcomes if outcome.status is Status.UNKNOWN}
    if is_ambiguous or not ambiguous_rows:
        clean, ambiguous = ([], remaining) if is_ambiguous else (remaining, [])
    else:
        clean = [contact for contact in remaining if contact.row.number not in ambiguous_rows]
        ambiguous = [contact for contact in remaining if contact.row.number in ambiguous_rows]
    if opted_out:
        settled += [opted_out[contact.row.number] for contact in clean if contact.row.number in opted_out]
        settled += make_outcomes(
            [one for one in ambiguous if one.row.number in opted_out], Status.UNKNOWN, _OPTED_OUT_SINCE
        )
        clean, ambiguous = (
            [contact for contact in contacts if contact.row.number not in opted_out] for contacts in (clean, ambiguous)
        )
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
    return tuple(sorted(outcomes, key=attrgetter("row.number")))
