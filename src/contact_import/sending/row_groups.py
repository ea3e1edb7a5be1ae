"""Group consecutive rows into runs that become one batch, or a few batches with different labels.

Chunks of 200 rows are encoded and measured together, because a loop over each contact took a large part of an import's
CPU time. Within a chunk, `accumulate` and `bisect` find the row at which a group is full:

    row             1        2 (invalid)  3        4
    JSON bytes      100                   120      110
    contacts_before 0        1            1        2        3 (the total)
    offsets         0                     100      220      330 (of contacts 1, 3 and 4, then the total)

With room for 230 bytes, contacts 1 and 3 fit, and row 4 begins the next group.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from itertools import accumulate, batched, repeat
from operator import add, attrgetter
from typing import NamedTuple

from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending import payload

_MAX_BATCHES_PER_GROUP = 10  # bounds the memory of a group with mixed labels
_TOO_LARGE = "row: too large for one request"
_CHUNK_ROWS = 200


class Limits(NamedTuple):
    """The largest request, or the room left in one."""

    contacts: int
    bytes: int


class _RowChunk(NamedTuple):
    """Some consecutive rows: their contacts, each with its JSON text, and their outcomes.

    `contacts_before` has for each row the number of contacts before it, `chars_before` the number of characters in the
    cells before it, and `offsets` for each contact the number of bytes before it. All end with the total of the chunk.
    """

    contacts: Sequence[Contact]
    texts: Sequence[bytes]
    decided: Sequence[Outcome]
    contacts_before: Sequence[int]
    chars_before: Sequence[int]
    offsets: Sequence[int]
    has_same_labels: bool

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)


@dataclass(slots=True)
class RowGroup:
    """A run of consecutive rows that grows while the file is read.

    If `canary_contacts` is not 0, the group ends after that many contacts, whatever their labels and size. `size` is
    the sum of its texts, in bytes, and `chars` the number of characters in the cells of its rows.
    """

    canary_contacts: int = 0
    has_mixed_labels: bool = False
    contacts: list[Contact] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    decided: list[Outcome] = field(default_factory=list)
    size: int = 0
    chars: int = 0

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)

    def add_rows(self, chunk: _RowChunk, begin: int, end: int) -> None:
        """Append the rows of the chunk from index `begin` up to, but not including, `end`."""
        first, last = chunk.contacts_before[begin], chunk.contacts_before[end]
        self.contacts += chunk.contacts[first:last]
        self.texts += chunk.texts[first:last]
        # Of the rows before an index, those that are no contacts are outcomes.
        self.decided += chunk.decided[begin - first : end - last]
        self.size += chunk.offsets[last] - chunk.offsets[first]
        self.chars += chunk.chars_before[end] - chunk.chars_before[begin]


def group_rows(
    validated: Iterable[Contact | Outcome], limits: Limits, canary_contacts: int, max_chars: int = sys.maxsize
) -> Iterator[RowGroup]:
    """Yield the row groups: one request's worth of rows while the labels do not change, else up to that of ten.

    If `canary_contacts` is not 0, the first group with contacts has at most that many. A group of several rows has at
    most `max_chars` characters in its cells, whether they are sent or not.
    """
    row_group = RowGroup(canary_contacts)
    for rows in batched(validated, _CHUNK_ROWS, strict=False):
        chunk, start = _build_chunk(rows, limits.bytes), 0
        while start < chunk.rows:
            max_rows = max(_MAX_BATCHES_PER_GROUP * limits.contacts, row_group.canary_contacts)
            end = min(
                _find_end(row_group, chunk, start, limits),
                start + max_rows - row_group.rows,
                _find_wide_row(row_group, chunk, start, max_chars),
            )
            row_group.add_rows(chunk, start, end)
            if end < chunk.rows or row_group.rows == max_rows:
                yield row_group
                row_group = RowGroup(0 if row_group.contacts else row_group.canary_contacts)
            start = end
    if row_group.rows:
        yield row_group


def _find_end(row_group: RowGroup, chunk: _RowChunk, start: int, limits: Limits) -> int:
    """Return the index of the first row of the chunk, from `start`, that does not fit into the group, else its end.

    That row is a contact: rows without one always fit. A group with mixed labels has no limit here, because it is split
    by labels later.
    """
    first, end = chunk.contacts_before[start], len(chunk.contacts)
    if row_group.canary_contacts:
        end = min(end, first + row_group.canary_contacts - len(row_group.contacts))
    elif first < end and not row_group.has_mixed_labels:
        labels = (row_group.contacts or chunk.contacts[first:])[0].labels
        room = Limits(
            limits.contacts - len(row_group.contacts),
            limits.bytes - payload.count_envelope_bytes(labels) - row_group.size,
        )
        last = find_overflow(chunk.offsets, first, room)
        # Including the contact that does not fit: if its labels differ, it could still go into another request.
        others = chunk.contacts[first : (first if chunk.has_same_labels else last) + 1]
        row_group.has_mixed_labels = any(contact.labels != labels for contact in others)
        end = end if row_group.has_mixed_labels else last
    return bisect_right(chunk.contacts_before, end) - 1


def _find_wide_row(row_group: RowGroup, chunk: _RowChunk, start: int, max_chars: int) -> int:
    """Return the index of the first row of the chunk, from `start`, with which the group exceeds `max_chars`."""
    end = bisect_right(chunk.chars_before, chunk.chars_before[start] + max_chars - row_group.chars) - 1
    return max(end, start if row_group.rows else start + 1)


def find_overflow(offsets: Sequence[int], first: int, room: Limits) -> int:
    """Return the index of the first contact that exceeds `room`. The contact at `first` always fits."""
    return min(first + room.contacts, bisect_right(offsets, offsets[first] + room.bytes) - 1)


def _build_chunk(rows: Sequence[Contact | Outcome], max_bytes: int) -> _RowChunk:
    """Encode and measure rows. A contact that is too large for any request becomes an outcome."""
    contacts = [one for one in rows if isinstance(one, Contact)]
    texts = payload.encode_contacts(contacts)
    labels = list(map(attrgetter("labels"), contacts))
    has_same_labels = labels == labels[:1] * len(labels)
    envelope_sizes = (
        repeat(payload.count_envelope_bytes(labels[0]))
        if has_same_labels and labels
        else map(payload.count_envelope_bytes, labels)
    )
    sizes = list(map(add, map(len, texts), envelope_sizes))
    if max(sizes, default=0) > max_bytes:  # rare, so the chunk is simply built once more without those contacts
        return _build_chunk(list(_reject_too_large(rows, iter(sizes), max_bytes)), max_bytes)
    decided = [one for one in rows if isinstance(one, Outcome)]
    contacts_before = list(accumulate(map(isinstance, rows, repeat(Contact)), initial=0))
    chars_before = compute_offsets(map("".join, map(attrgetter("row.cells"), rows)))
    return _RowChunk(contacts, texts, decided, contacts_before, chars_before, compute_offsets(texts), has_same_labels)


def _reject_too_large(
    rows: Iterable[Contact | Outcome], sizes: Iterator[int], max_bytes: int
) -> Iterator[Contact | Outcome]:
    for validated in rows:
        is_too_large = isinstance(validated, Contact) and next(sizes) > max_bytes
        yield Outcome(validated.row, Status.INVALID, _TOO_LARGE, validated.warnings) if is_too_large else validated


def compute_offsets(texts: Iterable[Sized]) -> list[int]:
    """Return the number of bytes or characters before each text, then the total."""
    return list(accumulate(map(len, texts), initial=0))
