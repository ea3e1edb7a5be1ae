"""Batches of several imports in the same requests: what many deliveries of a few seconds have in common.

Each delivery is an import of its own, with a batch, a place in the ledger and a result of its own. Cellcast is
called for all of them together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contact_import.cellcast.client import Line
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.files.csv_rows import Row
from contact_import.sending.batches import Batch, cut
from contact_import.sending.deliver import MAX_TRIES, Delivery, deliver, left_of

_LATER = "phone_number: the same number came in a later delivery, {}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A batch of one import. Pieces are handled in the order in which their deliveries came in."""

    import_id: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Held:
    """A piece that is this run's to send: what an earlier try came to, and how many have tried since.

    `opted_out` are the outcomes of people for whom nothing is sent, by the numbers of their rows.
    """

    piece: Piece
    before: Delivery | None = None
    tries: int = 1
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)


def bundles(pieces: Sequence[Piece], max_contacts: int) -> Iterator[tuple[Piece, ...]]:
    """Pieces that go together, in few requests: those of equal labels, and those that share a number.

    The order of the pieces is kept within each.
    """
    open_ones: dict[Labels, list[int]] = {}
    for group in _connected(pieces):
        labels = pieces[group[0]].batch.labels
        waiting = open_ones.setdefault(labels, [])
        if waiting and _contacts(pieces, waiting) + _contacts(pieces, group) > max_contacts:
            yield _chosen(pieces, waiting)
            waiting = open_ones[labels] = []
        waiting.extend(group)
    for waiting in open_ones.values():
        yield _chosen(pieces, waiting)


def _connected(pieces: Sequence[Piece]) -> Iterable[list[int]]:
    """The indexes of pieces, those that share a number together."""
    first_with: dict[str, int] = {}
    parents = list(range(len(pieces)))
    for index, piece in enumerate(pieces):
        for contact in piece.batch.contacts:
            ends = _root(parents, first_with.setdefault(contact.phone_number, index)), _root(parents, index)
            parents[max(ends)] = min(ends)
    groups: dict[int, list[int]] = {}
    for index in range(len(pieces)):
        groups.setdefault(_root(parents, index), []).append(index)
    return groups.values()


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _contacts(pieces: Sequence[Piece], indexes: Iterable[int]) -> int:
    return sum(len(pieces[index].batch.contacts) for index in indexes)


def _chosen(pieces: Sequence[Piece], indexes: Iterable[int]) -> tuple[Piece, ...]:
    return tuple(pieces[index] for index in sorted(indexes))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A contact that is still to be sent. `at` is the place of its piece; `tries` above 1: it may be in already."""

    at: int
    contact: Contact
    tries: int


@dataclass(slots=True)
class _Draft:
    """What is known by now of one piece."""

    outcomes: list[Outcome]
    requests: Counter[str]
    messages: dict[str, None]
    again: list[int] = field(default_factory=list)
    wait: float = 0.0

    @classmethod
    def of(cls, settled: list[Outcome], before: Delivery | None) -> "_Draft":
        if not before:
            return cls(settled, Counter(), {})
        return cls(settled, Counter(before.requests), dict.fromkeys(before.messages))

    def count(self, shared: Delivery) -> None:
        """A request that some of its contacts were in."""
        self.requests.update(shared.requests)
        self.messages |= dict.fromkeys(shared.messages)
        self.wait = max(self.wait, shared.wait)

    def finished(self) -> Delivery:
        in_order = tuple(sorted(self.outcomes, key=lambda outcome: outcome.row.number))
        return Delivery(in_order, dict(self.requests), tuple(self.messages), tuple(self.again), self.wait)


def deliver_together(
    held: Sequence[Held], line: Line, *, max_contacts: int, max_bytes: int, seconds: float
) -> list[Delivery]:
    """One delivery for each piece, in their order. Nothing is sent after `seconds`.

    A number that several pieces have goes once: what the later ones say of the person counts, with the labels of
    all of them. The requests of a piece are those that its contacts were in, whoever else was.
    """
    until = line.clock() + seconds
    drafts, leaves = _begin(held)
    # Those that may be in already go first: sent later, they would put the older words over the newer ones.
    for tries in sorted({leaf.tries for leaf in leaves}, reverse=True):
        people: dict[str, list[_Leaf]] = {}
        for leaf in leaves:
            if leaf.tries == tries:
                people.setdefault(leaf.contact.phone_number, []).append(leaf)
        groups = list(people.values())
        merged = (_merged(number, group) for number, group in enumerate(groups))
        for batch in cut(merged, max_contacts=max_contacts, max_bytes=max_bytes):
            shared = deliver(batch, line, tries=tries, seconds=until - line.clock())
            _share_out(shared, groups, held, drafts)
    return [draft.finished() for draft in drafts]


def _begin(held: Sequence[Held]) -> tuple[list[_Draft], list[_Leaf]]:
    drafts: list[_Draft] = []
    leaves: list[_Leaf] = []
    for at, one in enumerate(held):
        settled, clean, doubtful = left_of(
            one.piece.batch, one.before, is_doubtful=one.tries > 1, opted_out=one.opted_out
        )
        drafts.append(_Draft.of(settled, one.before))
        leaves.extend(_Leaf(at, contact, 1) for contact in clean)
        # `deliver` makes three kinds of them: clean, doubtful, and given up.
        tries = 2 if one.tries <= MAX_TRIES else MAX_TRIES + 1
        leaves.extend(_Leaf(at, contact, tries) for contact in doubtful)
    return drafts, leaves


def _merged(number: int, group: Sequence[_Leaf]) -> Contact:
    labels = Labels()
    values = [""] * len(group[0].contact.values)
    for leaf in group:
        labels += leaf.contact.labels
        values = [new or old for old, new in zip(values, leaf.contact.values, strict=True)]
    return Contact(Row(number, ()), tuple(values), labels)


def _share_out(
    shared: Delivery, groups: Sequence[Sequence[_Leaf]], held: Sequence[Held], drafts: Sequence[_Draft]
) -> None:
    """Tell each piece what became of its contacts."""
    again, present = set(shared.again), set()
    for outcome in shared.outcomes:
        *earlier, last = groups[outcome.row.number]
        duplicate = _LATER.format(held[last.at].piece.import_id)
        for leaf in (*earlier, last):
            contact, draft = leaf.contact, drafts[leaf.at]
            present.add(leaf.at)
            if leaf is not last and outcome.status is Status.ACCEPTED:
                draft.outcomes.append(Outcome(contact.row, Status.DUPLICATE, duplicate))
            else:
                draft.outcomes.append(Outcome(contact.row, outcome.status, outcome.reason, contact.cautions))
            if outcome.row.number in again:
                draft.again.append(contact.row.number)
    for at in present:
        drafts[at].count(shared)
