"""Send the batches of several imports in common requests.

Webhooks submit one person at a time. Each submission is an import with its own batch, ledger and result. Those of the
same seconds share requests, because Cellcast's rate limit counts requests. The contacts of several batches are merged
into new batches, sent by `deliver`, and each outcome is returned to the batches that its contact came from:

    import A: contact 1 (Ada)           ┐                         ┌ A: Ada duplicate ("came in a later delivery")
    import B: contact 1 (Bo)            ├─ one request: Ada, Bo ──┼ B: Bo accepted
    import C: contact 1 (Ada, new name) ┘                         └ C: Ada accepted, with the new name
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contact_import.cellcast.client import CellcastClient
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.deliver import MAX_ATTEMPTS, BatchResult, send_batch, split_remaining

# The three kinds of `attempts` that a contact has here: never sent, possibly sent, possibly sent too often for another
# attempt. Contacts of different kinds never share a request.
_NEVER_SENT, _POSSIBLY_SENT, _GIVEN_UP = 1, 2, MAX_ATTEMPTS + 1
_MAX_MESSAGES = 30  # of one batch, in all its attempts: its outcomes must fit into an item of DynamoDB
_SUPERSEDED = "a later delivery has the same number, {}"


@dataclass(frozen=True, slots=True)
class SubmissionBatchRef:
    """The batch of one submission and the id of its import. References are in the order of their submissions."""

    import_id: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """A batch that this run has claimed, with the previous result (if any) and the number of attempts after it.

    `opted_out` maps row numbers to the outcomes of people to whom nothing is sent.
    """

    ref: SubmissionBatchRef
    previous: BatchResult | None = None
    attempts: int = 1
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)


def group_batches(refs: Sequence[SubmissionBatchRef], max_contacts: int) -> Iterator[tuple[SubmissionBatchRef, ...]]:
    """Yield groups of batches to be sent together: with the same labels, up to `max_contacts`, in their given order.

    Batches that share a phone number are always in the same group, whatever their labels and size: sent separately, an
    older submission could overwrite a newer one.
    """
    open_groups: dict[Labels, list[int]] = {}
    for group in _group_by_number(refs):
        labels = refs[group[0]].batch.labels
        pending = open_groups.setdefault(labels, [])
        if pending and _count_contacts(refs, pending) + _count_contacts(refs, group) > max_contacts:
            yield _select_refs(refs, pending)
            pending = open_groups[labels] = []
        pending.extend(group)
    for pending in open_groups.values():
        yield _select_refs(refs, pending)


def _group_by_number(refs: Sequence[SubmissionBatchRef]) -> Iterable[list[int]]:
    """Return groups of indexes. Two batches with a common phone number are in one group, also by way of a third.

    This is a union-find (https://en.wikipedia.org/wiki/Disjoint-set_data_structure): `parents` points from each index
    to a lower one of its group, the lowest to itself.
    """
    first_with: dict[str, int] = {}
    parents = list(range(len(refs)))
    for index, ref in enumerate(refs):
        for contact in ref.batch.contacts:
            roots = _find_root(parents, first_with.setdefault(contact.phone_number, index)), _find_root(parents, index)
            parents[max(roots)] = min(roots)
    groups: dict[int, list[int]] = {}
    for index in range(len(refs)):
        groups.setdefault(_find_root(parents, index), []).append(index)
    return groups.values()


def _find_root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]  # halve the path, so that later searches are short
        index = parents[index]
    return index


def _count_contacts(refs: Sequence[SubmissionBatchRef], indexes: Iterable[int]) -> int:
    return sum(len(refs[index].batch.contacts) for index in indexes)


def _select_refs(refs: Sequence[SubmissionBatchRef], indexes: Iterable[int]) -> tuple[SubmissionBatchRef, ...]:
    return tuple(refs[index] for index in sorted(indexes))


@dataclass(frozen=True, slots=True)
class _PendingContact:
    """A contact that is still to be sent, with the index of its batch. `attempts` is one of the three kinds above."""

    batch_index: int
    contact: Contact
    attempts: int


@dataclass(slots=True)
class _PartialResult:
    """The result of one batch, as far as it is known."""

    outcomes: list[Outcome]
    requests: Counter[str]
    messages: dict[str, None]
    retry_rows: list[int] = field(default_factory=list)
    retry_after: float = 0.0

    @classmethod
    def from_previous(cls, settled: list[Outcome], previous: BatchResult | None) -> "_PartialResult":
        """Start from the settled outcomes and the counts of an earlier attempt."""
        if not previous:
            return cls(settled, Counter(), {})
        return cls(settled, Counter(previous.requests), dict.fromkeys(previous.messages))

    def add_request(self, result: BatchResult) -> None:
        """Add the counts and messages of a merged batch that had some of the contacts."""
        self.requests.update(result.requests)
        self.messages |= dict.fromkeys(result.messages)
        self.retry_after = max(self.retry_after, result.retry_after)

    def to_result(self) -> BatchResult:
        """Return the result with its outcomes in file order."""
        in_order = tuple(sorted(self.outcomes, key=lambda outcome: outcome.row.number))
        return BatchResult(
            in_order,
            dict(self.requests),
            tuple(self.messages)[:_MAX_MESSAGES],
            tuple(self.retry_rows),
            self.retry_after,
        )


def send_merged(
    claimed: Sequence[ClaimedBatch], client: CellcastClient, *, max_contacts: int, max_bytes: int, seconds: float
) -> list[BatchResult]:
    """Send the batches in common requests, for at most `seconds`. Return the result of each, in the given order.

    A phone number in several batches is sent once, with the field values of the latest submission and the labels of
    all. A result counts each request that contained a contact of its batch.
    """
    deadline = client.clock() + seconds
    partials, pending = _prepare_contacts(claimed)
    # Contacts that may have been sent go first: sent later, their older values would overwrite newer ones.
    for attempts in sorted({pending_contact.attempts for pending_contact in pending}, reverse=True):
        by_number: dict[str, list[_PendingContact]] = {}
        for pending_contact in pending:
            if pending_contact.attempts == attempts:
                by_number.setdefault(pending_contact.contact.phone_number, []).append(pending_contact)
        groups = list(by_number.values())
        merged = (_merge_contacts(number, group) for number, group in enumerate(groups))
        for batch in split_batches(merged, max_contacts=max_contacts, max_bytes=max_bytes):
            result = send_batch(batch, client, attempts=attempts, seconds=deadline - client.clock())
            _distribute_outcomes(result, groups, claimed, partials)
    return [partial.to_result() for partial in partials]


def _prepare_contacts(claimed: Sequence[ClaimedBatch]) -> tuple[list[_PartialResult], list[_PendingContact]]:
    partials: list[_PartialResult] = []
    pending: list[_PendingContact] = []
    for batch_index, claim in enumerate(claimed):
        settled, clean, ambiguous = split_remaining(
            claim.ref.batch, claim.previous, is_ambiguous=claim.attempts > 1, opted_out=claim.opted_out
        )
        partials.append(_PartialResult.from_previous(settled, claim.previous))
        pending.extend(_PendingContact(batch_index, contact, _NEVER_SENT) for contact in clean)
        attempts = _POSSIBLY_SENT if claim.attempts <= MAX_ATTEMPTS else _GIVEN_UP
        pending.extend(_PendingContact(batch_index, contact, attempts) for contact in ambiguous)
    return partials, pending


def _merge_contacts(number: int, group: Sequence[_PendingContact]) -> Contact:
    """Return one contact for a phone number, with the last value of each field and the labels of all.

    Its row number is the index of the group, by which `_distribute_outcomes` finds the group.
    """
    labels = Labels()
    values = [""] * len(group[0].contact.values)
    for pending_contact in group:
        labels += pending_contact.contact.labels
        values = [new or old for old, new in zip(values, pending_contact.contact.values, strict=True)]
    return Contact(Row(number, ()), tuple(values), labels)


def _distribute_outcomes(
    result: BatchResult,
    groups: Sequence[Sequence[_PendingContact]],
    claimed: Sequence[ClaimedBatch],
    partials: Sequence[_PartialResult],
) -> None:
    """Add the outcome of each merged contact to the results of all batches that it came from."""
    retry_rows, involved = set(result.retry_rows), set()
    for outcome in result.outcomes:
        *earlier, last = groups[outcome.row.number]
        superseded = _SUPERSEDED.format(claimed[last.batch_index].ref.import_id)
        for pending_contact in (*earlier, last):
            contact, partial = pending_contact.contact, partials[pending_contact.batch_index]
            involved.add(pending_contact.batch_index)
            if pending_contact is not last and outcome.status is Status.ACCEPTED:
                partial.outcomes.append(Outcome(contact.row, Status.DUPLICATE, superseded))
            else:
                partial.outcomes.append(Outcome(contact.row, outcome.status, outcome.reason, contact.warnings))
            if outcome.row.number in retry_rows:
                partial.retry_rows.append(contact.row.number)
    for batch_index in involved:
        partials[batch_index].add_request(result)
