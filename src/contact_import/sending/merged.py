"""Batches of several imports in the same requests: what many deliveries of a few seconds have in common.

Each delivery is an import of its own, with a batch, a place in the ledger and a result of its own. Cellcast is
called for all of them together.
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

_SUPERSEDED = "phone_number: the same number came in a later delivery, {}"


@dataclass(frozen=True, slots=True)
class SubmissionBatchRef:
    """A batch of one import. Pieces are handled in the order in which their deliveries came in."""

    import_id: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """A piece that is this run's to send: what an earlier try came to, and how many have tried since.

    `opted_out` are the outcomes of people for whom nothing is sent, by the numbers of their rows.
    """

    ref: SubmissionBatchRef
    previous: BatchResult | None = None
    attempts: int = 1
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)


def group_batches(refs: Sequence[SubmissionBatchRef], max_contacts: int) -> Iterator[tuple[SubmissionBatchRef, ...]]:
    """Pieces that go together, in few requests: those of equal labels, and those that share a number.

    The order of the pieces is kept within each.
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
    """The indexes of pieces, those that share a number together."""
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
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _count_contacts(refs: Sequence[SubmissionBatchRef], indexes: Iterable[int]) -> int:
    return sum(len(refs[index].batch.contacts) for index in indexes)


def _select_refs(refs: Sequence[SubmissionBatchRef], indexes: Iterable[int]) -> tuple[SubmissionBatchRef, ...]:
    return tuple(refs[index] for index in sorted(indexes))


@dataclass(frozen=True, slots=True)
class _PendingContact:
    """A contact that is still to be sent. `at` is the place of its piece; `tries` above 1: it may be in already."""

    batch_index: int
    contact: Contact
    attempts: int


@dataclass(slots=True)
class _PartialResult:
    """What is known by now of one piece."""

    outcomes: list[Outcome]
    requests: Counter[str]
    messages: dict[str, None]
    retry_rows: list[int] = field(default_factory=list)
    retry_after: float = 0.0

    @classmethod
    def from_previous(cls, settled: list[Outcome], previous: BatchResult | None) -> "_PartialResult":
        if not previous:
            return cls(settled, Counter(), {})
        return cls(settled, Counter(previous.requests), dict.fromkeys(previous.messages))

    def add_request(self, result: BatchResult) -> None:
        """A request that some of its contacts were in."""
        self.requests.update(result.requests)
        self.messages |= dict.fromkeys(result.messages)
        self.retry_after = max(self.retry_after, result.retry_after)

    def to_result(self) -> BatchResult:
        in_order = tuple(sorted(self.outcomes, key=lambda outcome: outcome.row.number))
        return BatchResult(
            in_order, dict(self.requests), tuple(self.messages), tuple(self.retry_rows), self.retry_after
        )


def send_merged(
    claimed: Sequence[ClaimedBatch], client: CellcastClient, *, max_contacts: int, max_bytes: int, seconds: float
) -> list[BatchResult]:
    """One delivery for each piece, in their order. Nothing is sent after `seconds`.

    A number that several pieces have goes once: what the later ones say of the person counts, with the labels of
    all of them. The requests of a piece are those that its contacts were in, whoever else was.
    """
    deadline = client.clock() + seconds
    partials, pending = _prepare_contacts(claimed)
    # Those that may be in already go first: sent later, they would put the older words over the newer ones.
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
    for batch_index, one in enumerate(claimed):
        settled, clean, ambiguous = split_remaining(
            one.ref.batch, one.previous, is_ambiguous=one.attempts > 1, opted_out=one.opted_out
        )
        partials.append(_PartialResult.from_previous(settled, one.previous))
        pending.extend(_PendingContact(batch_index, contact, 1) for contact in clean)
        # `deliver` makes three kinds of them: clean, doubtful, and given up.
        attempts = 2 if one.attempts <= MAX_ATTEMPTS else MAX_ATTEMPTS + 1
        pending.extend(_PendingContact(batch_index, contact, attempts) for contact in ambiguous)
    return partials, pending


def _merge_contacts(number: int, group: Sequence[_PendingContact]) -> Contact:
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
    """Tell each piece what became of its contacts."""
    retry_rows, involved = set(result.retry_rows), set()
    for outcome in result.outcomes:
        *earlier, last = groups[outcome.row.number]
        duplicate = _SUPERSEDED.format(claimed[last.batch_index].ref.import_id)
        for pending_contact in (*earlier, last):
            contact, partial = pending_contact.contact, partials[pending_contact.batch_index]
            involved.add(pending_contact.batch_index)
            if pending_contact is not last and outcome.status is Status.ACCEPTED:
                partial.outcomes.append(Outcome(contact.row, Status.DUPLICATE, duplicate))
            else:
                partial.outcomes.append(Outcome(contact.row, outcome.status, outcome.reason, contact.warnings))
            if outcome.row.number in retry_rows:
                partial.retry_rows.append(contact.row.number)
    for batch_index in involved:
        partials[batch_index].add_request(result)
