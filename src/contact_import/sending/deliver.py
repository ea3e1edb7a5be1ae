"""One batch to its outcomes, whatever the endpoint does."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from types import MappingProxyType

from contact_import.cellcast.client import Line
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending.attempts import Calls, all_alike
from contact_import.sending.batches import Batch

MAX_TRIES = 4  # of runs that die over a batch: a fifth would hardly end better
_DIED = "a run broke off while it was sending this contact; it may be in"
_DIED_OFTEN = "every run broke off while it was sending this contact; it may be in"
_SINCE = "consent: Cellcast's opt-out list has the number by now; an earlier request may have put it in"
_NOBODY: Mapping[int, Outcome] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outcome for each row of a batch, in file order, and what it took.

    `again` are the numbers of the rows that a later try may send: `unsent` ones, and those that are `unknown`
    only because there was no time to ask again. It makes no sense before `wait` seconds are over.
    """

    outcomes: tuple[Outcome, ...]
    requests: dict[str, int]
    messages: tuple[str, ...] = ()
    again: tuple[int, ...] = ()
    wait: float = 0.0


def deliver(
    batch: Batch,
    line: Line,
    *,
    before: Delivery | None = None,
    tries: int = 1,
    seconds: float = math.inf,
    begins: Callable[[], None] = lambda: None,
) -> Delivery:
    """Send the contacts of a batch until each has an outcome, nothing more may be sent, or `seconds` are over.

    `before` is what an earlier try came to; `tries` above 1 says that one after it died, and may have sent what
    was left. `begins` is told of each call just before it goes out. It never raises for what the endpoint does.
    """
    run = Calls(line, batch, line.clock() + seconds, begins)
    settled, clean, doubtful = left_of(batch, before, is_doubtful=tries > 1)
    if doubtful and line.on_ambiguous == "hold":
        settled, doubtful = [*settled, *all_alike(doubtful, Status.UNKNOWN, _DIED)], []
    elif tries > MAX_TRIES:
        settled, doubtful = [*settled, *all_alike(doubtful, Status.UNKNOWN, _DIED_OFTEN)], []
    for contacts, doubts in ((clean, 0), (doubtful, 1)):
        if contacts:
            settled.extend(run.settle(contacts, doubts))
    return _delivery(settled, run, before)


def hold_back(batch: Batch, why: str, *, before: Delivery | None = None, tries: int = 1) -> Delivery:
    """Outcomes for good without a call: contacts stay `unsent`, or `unknown` when a try that died may have sent them.

    What an earlier try says of them stands.
    """
    if before and tries == 1:
        return replace(before, again=())
    settled, clean, doubtful = left_of(batch, before, is_doubtful=tries > 1)
    outcomes = [*settled, *all_alike(clean, Status.UNSENT, why), *all_alike(doubtful, Status.UNKNOWN, _DIED)]
    requests, messages = (before.requests, before.messages) if before else ({}, ())
    return Delivery(_in_file_order(outcomes), requests, messages)


def rehearse(batch: Batch) -> Delivery:
    """Outcomes of a dry run: nothing speaks against the contacts."""
    return Delivery(_in_file_order([*batch.decided, *all_alike(batch.contacts, Status.ACCEPTED, "")]), {})


def left_of(
    batch: Batch, before: Delivery | None, *, is_doubtful: bool, opted_out: Mapping[int, Outcome] = _NOBODY
) -> tuple[list[Outcome], list[Contact], list[Contact]]:
    """What is settled, the contacts that were surely not sent, and those that may have been.

    `opted_out` are outcomes by the numbers of their rows: nothing is sent for those any more. Who may have been sent
    already is `unknown`, and what Cellcast answered stands.
    """
    if before is None:
        settled = list(batch.decided)
        if opted_out:
            settled = [opted_out.get(outcome.row.number, outcome) for outcome in settled]
        left, doubted = list(batch.contacts), set[int]()
    else:
        again = set(before.again)
        settled = [outcome for outcome in before.outcomes if outcome.row.number not in again]
        left = [contact for contact in batch.contacts if contact.row.number in again]
        doubted = {outcome.row.number for outcome in before.outcomes if outcome.status is Status.UNKNOWN}
    if is_doubtful or not doubted:
        clean, doubtful = ([], left) if is_doubtful else (left, [])
    else:
        clean = [contact for contact in left if contact.row.number not in doubted]
        doubtful = [contact for contact in left if contact.row.number in doubted]
    if opted_out:
        settled += [opted_out[contact.row.number] for contact in clean if contact.row.number in opted_out]
        settled += all_alike([one for one in doubtful if one.row.number in opted_out], Status.UNKNOWN, _SINCE)
        clean, doubtful = (
            [contact for contact in contacts if contact.row.number not in opted_out] for contacts in (clean, doubtful)
        )
    return settled, clean, doubtful


def _delivery(outcomes: Iterable[Outcome], run: Calls, before: Delivery | None) -> Delivery:
    requests, messages = Counter(run.requests), run.messages
    if before:
        requests.update(before.requests)
        messages = [*before.messages, *messages]
    return Delivery(
        _in_file_order(outcomes), dict(requests), tuple(dict.fromkeys(messages)), tuple(run.again), run.wait
    )


def _in_file_order(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    return tuple(sorted(outcomes, key=attrgetter("row.number")))
