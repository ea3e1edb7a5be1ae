"""Split the validated rows of a file into batches: the contacts of one request each.

Rows are grouped first (`row_groups`), so that batches keep the order of the file. Then the contacts of a group are
split by labels and size (`_split_requests`), because a request has one list of tags for all of its contacts.

With `max_contacts=2` and rows 1-5, of which 2 is invalid and 5 has another tag than the others:

    batch 1  row group 1  tags (a)  contacts 1, 3  decided 2
    batch 2  row group 2  tags (a)  contact 4
    batch 3  row group 2  tags (b)  contact 5

The same rows and limits give the same batches in each run and on each path: the ledger knows a batch by its number.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.sending import payload
from contact_import.sending.row_groups import Limits, RowGroup, compute_offsets, find_overflow, group_rows

# Batches that are claimed and committed together, as databases commit a group of transactions. The ledger takes two
# writes for each group: 1 µs of CPU time a row, where two for each batch take 5 (docs/performance.md). The price: after
# a crash, all batches of the group may have been sent (docs/decisions/0017).
COMMIT_GROUP_BATCHES = 15
# Of the cells of a row group, and after which a commit group is complete: three commit groups are in memory at a time.
# Fifteen batches have as many if their rows have 1,300 on average, ten times those of a usual list.
MAX_GROUP_CHARS = 8_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """The contacts of one request, and outcomes that were decided without one.

    Batches are numbered from 1. Those with the same `row_group` share a run of consecutive rows and differ in labels.
    Those with the same `commit_group` are claimed and committed together (`ledger.leases`). `decided` has the rows of
    the row group that are not sent to Cellcast, all in the group's first batch. `body` is the request with all
    contacts, which was built to measure them; it is empty for a batch from the ledger.
    """

    number: int
    row_group: int
    labels: Labels = Labels()
    contacts: tuple[Contact, ...] = ()
    decided: tuple[Outcome, ...] = ()
    commit_group: int = 1
    body: bytes = field(default=b"", compare=False, repr=False)

    @property
    def rows(self) -> int:
        """Return the number of rows, sent or not."""
        return len(self.contacts) + len(self.decided)

    def get_body(self, contacts: Sequence[Contact]) -> bytes:
        """Return the body of a request with some or all of the contacts."""
        return (
            self.body if self.body and self.contacts == tuple(contacts) else payload.build_body(contacts, self.labels)
        )


def find_commit_groups(batches: Iterable[Batch]) -> list[int]:
    """Return the numbers of the commit groups of some batches, each once, in order."""
    return list(dict.fromkeys(batch.commit_group for batch in batches))


@dataclass(slots=True)
class BatchNumbers:
    """The numbers of the latest batch and its commit group."""

    number: int = 0
    commit_group: int = 0
    is_open: bool = False
    batches: int = 0  # of the commit group, and their rows
    rows: int = 0
    chars: int = 0  # of the row groups that ended in it


@dataclass(frozen=True, slots=True)
class SplitPosition:
    """A position between two row groups, from which a later call splits the rest of the file into the same batches.

    `rows` and `row_groups` count those before it.
    """

    rows: int = 0
    row_groups: int = 0
    is_canary_ahead: bool = True
    numbers: BatchNumbers = field(default_factory=BatchNumbers)


@dataclass(slots=True)
class _Numbering(BatchNumbers):
    """The running numbers of batches, with the size at which a commit group is complete."""

    batches_per_group: int = 1
    rows_per_group: int = 1
    chars_per_group: int = sys.maxsize

    def advance(self, rows: int) -> tuple[int, int]:
        """Return the number of the next batch, which has so many rows, and that of its commit group."""
        if not self.is_open:
            self.commit_group, self.batches, self.rows = self.commit_group + 1, 0, 0
            self.chars = 0
        self.number, self.batches, self.rows = self.number + 1, self.batches + 1, self.rows + rows
        # Rows without contacts count as well: a batch may have thousands of them, and the group is one object in S3.
        self.is_open = self.batches < self.batches_per_group and self.rows < self.rows_per_group
        return self.number, self.commit_group

    def add_chars(self, chars: int) -> None:
        """Add the characters of a row group, whose batches have their numbers."""
        self.chars += chars
        self.is_open = self.is_open and self.chars < self.chars_per_group

    def close_group(self) -> None:
        """Close the commit group: the next batch begins another one."""
        self.is_open = False

    def copy(self) -> BatchNumbers:
        """Return the numbers at this moment."""
        return BatchNumbers(self.number, self.commit_group, self.is_open, self.batches, self.rows, self.chars)


def split_batches(
    validated: Iterable[Contact | Outcome],
    *,
    max_contacts: int,
    max_bytes: int,
    canary_contacts: int = 0,
    batches_per_commit: int = 1,
    max_group_chars: int = sys.maxsize,
    start: SplitPosition | None = None,
    on_row_group: Callable[[SplitPosition], None] = lambda _: None,
) -> Iterator[Batch]:
    """Yield batches in the order of their rows, each within both limits. The same rows give the same batches.

    A row group is one full batch while the labels do not change, and up to ten batches' worth of rows if they do. If
    `canary_contacts` is not 0, the first row group with contacts has at most that many contacts, and its batches share
    no commit group with others. A contact that exceeds `max_bytes` on its own becomes an invalid row.

    `max_group_chars` bounds the memory that wide rows take: a row group has no more characters, and a commit group is
    complete when it has as many.

    `on_row_group` is called with the position before each row group. A later call continues from any of these
    positions, with it as `start` and with the rows after it.
    """
    start = start or SplitPosition()
    limits = Limits(max_contacts, max_bytes)
    numbers = _Numbering(
        **asdict(start.numbers),
        batches_per_group=batches_per_commit,
        rows_per_group=batches_per_commit * max_contacts,
        chars_per_group=max_group_chars,
    )
    is_canary_ahead = start.is_canary_ahead and canary_contacts > 0
    rows = start.rows
    row_groups = group_rows(validated, limits, canary_contacts if is_canary_ahead else 0, max_group_chars)
    for group_number, row_group in enumerate(row_groups, start=start.row_groups + 1):
        on_row_group(SplitPosition(rows, group_number - 1, is_canary_ahead, numbers.copy()))
        rows += row_group.rows
        is_canary = is_canary_ahead and bool(row_group.contacts)
        if is_canary:
            numbers.close_group()
        yield from _split_row_group(row_group, group_number, limits, numbers)
        numbers.add_chars(row_group.chars)
        if is_canary:
            numbers.close_group()
            is_canary_ahead = False


def _split_row_group(row_group: RowGroup, group_number: int, limits: Limits, numbers: _Numbering) -> Iterator[Batch]:
    rest = tuple(row_group.decided)
    for labels, contacts, texts in _split_requests(row_group, limits):
        number, commit_group = numbers.advance(len(contacts) + len(rest))
        body = payload.join_body(texts, labels)
        yield Batch(number, group_number, labels, tuple(contacts), rest, commit_group, body)
        rest = ()
    if rest:
        number, commit_group = numbers.advance(len(rest))
        yield Batch(number, group_number, decided=rest, commit_group=commit_group)


def _split_requests(row_group: RowGroup, limits: Limits) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    """Yield labels, contacts and their JSON of each request of the group: as many contacts of equal labels as fit."""
    for labels, contacts, texts in _group_by_labels(row_group):
        offsets, first = compute_offsets(texts), 0
        while first < len(contacts):
            last = find_overflow(
                offsets, first, Limits(limits.contacts, limits.bytes - payload.count_envelope_bytes(labels))
            )
            yield labels, contacts[first:last], texts[first:last]
            first = last


def _group_by_labels(row_group: RowGroup) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    # The usual case, all labels equal, needs no loop over the contacts.
    if row_group.contacts and not row_group.has_mixed_labels and not row_group.canary_contacts:
        yield row_group.contacts[0].labels, row_group.contacts, row_group.texts
        return
    groups: dict[Labels, list[tuple[Contact, bytes]]] = {}
    for labels, alike in groupby(zip(row_group.contacts, row_group.texts, strict=True), key=lambda one: one[0].labels):
        groups.setdefault(labels, []).extend(alike)
    for labels, group in groups.items():
        contacts, texts = zip(*group, strict=True)
        yield labels, contacts, texts
