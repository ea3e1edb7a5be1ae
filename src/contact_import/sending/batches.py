"""Batches: the contacts of one request each, cut from the rows of a file.

Rows are grouped first (`_group_rows`), so that batches keep the order of the file, then the contacts of a group are
split by labels and size (`_split_requests`). Chunks of rows are measured together, since measuring each contact took
a large part of an import.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, batched, groupby, repeat
from operator import add, attrgetter
from typing import NamedTuple

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending import payload

_MAX_BATCHES_PER_GROUP = 10
_TOO_LARGE = "row: too large for one request"
_CHUNK_ROWS = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """The contacts of one request, and outcomes that were decided without one.

    Batches are numbered from 1. Those with the same `row_group` share a run of consecutive rows and differ in labels.
    `decided` are the rows of the group that do not go to Cellcast, all in its first batch. `body` is the request with
    all contacts, written to measure them; it is empty for a batch from the ledger.
    """

    number: int
    row_group: int
    labels: Labels = Labels()
    contacts: tuple[Contact, ...] = ()
    decided: tuple[Outcome, ...] = ()
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


class _Limits(NamedTuple):
    """The largest request, or the room that is left in one."""

    contacts: int
    bytes: int


class _RowChunk(NamedTuple):
    """Some consecutive rows: their contacts, each with its JSON text, and their outcomes.

    `contacts_before` has for each row the number of contacts before it, `offsets` for each contact the number of bytes
    before it. Both end with the total of the chunk.
    """

    contacts: Sequence[Contact]
    texts: Sequence[bytes]
    decided: Sequence[Outcome]
    contacts_before: Sequence[int]
    offsets: Sequence[int]
    has_same_labels: bool

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)


@dataclass(slots=True)
class _RowGroup:
    """A run of consecutive rows, as far as they are read.

    Unless it is 0, `canary_contacts` is the number of contacts of the group, whatever their labels and size. `size` is
    in bytes.
    """

    canary_contacts: int = 0
    has_mixed_labels: bool = False
    contacts: list[Contact] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    decided: list[Outcome] = field(default_factory=list)
    size: int = 0

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)

    def add_rows(self, chunk: _RowChunk, begin: int, end: int) -> None:
        """Append the rows of the chunk from index `begin` to before `end`."""
        first, last = chunk.contacts_before[begin], chunk.contacts_before[end]
        self.contacts += chunk.contacts[first:last]
        self.texts += chunk.texts[first:last]
        self.decided += chunk.decided[begin - first : end - last]
        self.size += chunk.offsets[last] - chunk.offsets[first]


def split_batches(
    validated: Iterable[Contact | Outcome], *, max_contacts: int, max_bytes: int, canary_contacts: int = 0
) -> Iterator[Batch]:
    """Yield batches in the order of their rows, each within both limits. The same rows give the same batches.

    A row group is one full batch while the labels do not change, and up to ten batches' worth of rows when they do.
    Unless `canary_contacts` is 0, the first row group with contacts has no more than that. A contact that exceeds
    `max_bytes` on its own becomes an invalid row.
    """
    limits = _Limits(max_contacts, max_bytes)
    number = 0
    for group_number, row_group in enumerate(_group_rows(validated, limits, canary_contacts), start=1):
        rest = tuple(row_group.decided)
        for labels, contacts, texts in _split_requests(row_group, limits):
            number += 1
            yield Batch(number, group_number, labels, tuple(contacts), rest, payload.join_body(texts, labels))
            rest = ()
        if rest:
            number += 1
            yield Batch(number, group_number, decided=rest)


def _group_rows(validated: Iterable[Contact | Outcome], limits: _Limits, canary_contacts: int) -> Iterator[_RowGroup]:
    row_group = _RowGroup(canary_contacts)
    for rows in batched(validated, _CHUNK_ROWS, strict=False):
        chunk, start = _build_chunk(rows, limits.bytes), 0
        while start < chunk.rows:
            max_rows = max(_MAX_BATCHES_PER_GROUP * limits.contacts, row_group.canary_contacts)
            end = min(_find_end(row_group, chunk, start, limits), start + max_rows - row_group.rows)
            row_group.add_rows(chunk, start, end)
            if end < chunk.rows or row_group.rows == max_rows:
                yield row_group
                row_group = _RowGroup(0 if row_group.contacts else row_group.canary_contacts)
            start = end
    if row_group.rows:
        yield row_group


def _find_end(row_group: _RowGroup, chunk: _RowChunk, start: int, limits: _Limits) -> int:
    """Return the index of the first row of the chunk, from `start`, that does not fit into the group; else its end.

    That row is a contact: rows without one always fit. A group with mixed labels has no limit here, since it is split
    by label later.
    """
    first, end = chunk.contacts_before[start], len(chunk.contacts)
    if row_group.canary_contacts:
        end = min(end, first + row_group.canary_contacts - len(row_group.contacts))
    elif first < end and not row_group.has_mixed_labels:
        labels = (row_group.contacts or chunk.contacts[first:])[0].labels
        room = _Limits(
            limits.contacts - len(row_group.contacts),
            limits.bytes - payload.count_envelope_bytes(labels) - row_group.size,
        )
        last = _find_overflow(chunk.offsets, first, room)
        others = chunk.contacts[first : (first if chunk.has_same_labels else last) + 1]
        row_group.has_mixed_labels = any(contact.labels != labels for contact in others)
        end = end if row_group.has_mixed_labels else last
    return bisect_right(chunk.contacts_before, end) - 1


def _find_overflow(offsets: Sequence[int], first: int, room: _Limits) -> int:
    """Return the index of the first contact that exceeds `room`. The contact at `first` always fits."""
    return min(first + room.contacts, bisect_right(offsets, offsets[first] + room.bytes) - 1)


def _build_chunk(rows: Sequence[Contact | Outcome], max_bytes: int) -> _RowChunk:
    """Encode and measure rows. Contacts that no request can hold become outcomes."""
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
    if max(sizes, default=0) > max_bytes:
        return _build_chunk(list(_reject_too_large(rows, iter(sizes), max_bytes)), max_bytes)
    decided = [one for one in rows if isinstance(one, Outcome)]
    contacts_before = list(accumulate(map(isinstance, rows, repeat(Contact)), initial=0))
    return _RowChunk(contacts, texts, decided, contacts_before, _compute_offsets(texts), has_same_labels)


def _reject_too_large(
    rows: Iterable[Contact | Outcome], sizes: Iterator[int], max_bytes: int
) -> Iterator[Contact | Outcome]:
    for validated in rows:
        is_too_large = isinstance(validated, Contact) and next(sizes) > max_bytes
        yield Outcome(validated.row, Status.INVALID, _TOO_LARGE, validated.warnings) if is_too_large else validated


def _compute_offsets(texts: Sequence[bytes]) -> list[int]:
    """Return the number of bytes before each text, then the total."""
    return list(accumulate(map(len, texts), initial=0))


def _split_requests(
    row_group: _RowGroup, limits: _Limits
) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    """Yield the contents of each request of the group: contacts with the same labels, as many as fit."""
    for labels, contacts, texts in _group_by_labels(row_group):
        offsets, first = _compute_offsets(texts), 0
        while first < len(contacts):
            last = _find_overflow(
                offsets, first, _Limits(limits.contacts, limits.bytes - payload.count_envelope_bytes(labels))
            )
            yield labels, contacts[first:last], texts[first:last]
            first = last


def _group_by_labels(row_group: _RowGroup) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    if row_group.contacts and not row_group.has_mixed_labels and not row_group.canary_contacts:
        yield row_group.contacts[0].labels, row_group.contacts, row_group.texts
        return
    groups: dict[Labels, list[tuple[Contact, bytes]]] = {}
    for labels, alike in groupby(zip(row_group.contacts, row_group.texts, strict=True), key=lambda one: one[0].labels):
        groups.setdefault(labels, []).extend(alike)
    for labels, group in groups.items():
        contacts, texts = zip(*group, strict=True)
        yield labels, contacts, texts
