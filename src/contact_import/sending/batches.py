"""Contacts to batches: what travels in one request."""

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

_WINDOW_OF_BATCHES = 10
_TOO_LARGE = "row: too large for one request"
_ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """The contacts of one request, and outcomes that were decided without one.

    Batches are numbered from 1. Those of one `window` share a run of consecutive rows; labels differ between
    them. `decided` are the rows of the run that do not go to Cellcast, all with its first batch. `body` is the
    request with all contacts, as it was written to weigh them; empty for a batch that comes out of the ledger.
    """

    number: int
    window: int
    labels: Labels = Labels()
    contacts: tuple[Contact, ...] = ()
    decided: tuple[Outcome, ...] = ()
    body: bytes = field(default=b"", compare=False, repr=False)

    @property
    def rows(self) -> int:
        """How many there are, sent or not."""
        return len(self.contacts) + len(self.decided)

    def body_of(self, contacts: Sequence[Contact]) -> bytes:
        """The body of a request with some of the contacts, or all."""
        return self.body if self.body and self.contacts == tuple(contacts) else payload.encode(contacts, self.labels)


class _Limits(NamedTuple):
    """Of one request."""

    contacts: int
    bytes: int


class _Block(NamedTuple):
    """Some rows: their contacts, each with its text in a request, and their outcomes.

    `before` says for each row how many contacts stand before it, `sums` for each contact how many bytes. The last of
    both are those of the whole block.
    """

    contacts: Sequence[Contact]
    texts: Sequence[bytes]
    decided: Sequence[Outcome]
    before: Sequence[int]
    sums: Sequence[int]
    is_alike: bool  # in its labels

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)


@dataclass(slots=True)
class _Window:
    """A run of rows as far as it was read. It `is_mixed` where its labels differ, or may.

    Unless it is 0, `first` is how many contacts it takes, whatever their labels and their size.
    """

    first: int = 0
    is_mixed: bool = False
    contacts: list[Contact] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    decided: list[Outcome] = field(default_factory=list)
    size: int = 0

    @property
    def rows(self) -> int:
        return len(self.contacts) + len(self.decided)

    def take(self, block: _Block, begin: int, end: int) -> None:
        """These rows of the block."""
        first, last = block.before[begin], block.before[end]
        self.contacts += block.contacts[first:last]
        self.texts += block.texts[first:last]
        self.decided += block.decided[begin - first : end - last]
        self.size += block.sums[last] - block.sums[first]


def cut(judged: Iterable[Contact | Outcome], *, max_contacts: int, max_bytes: int, first: int = 0) -> Iterator[Batch]:
    """Batches in the order of their rows, each within both bounds. The same rows give the same batches.

    A window is one full batch while the labels do not change, and up to ten batches' worth of rows when they
    do. Unless `first` is 0, the first window with contacts has no more than so many. A contact that no request can
    hold is an invalid row.
    """
    limits = _Limits(max_contacts, max_bytes)
    number = 0
    for place, window in enumerate(_windows(judged, limits, first), start=1):
        rest = tuple(window.decided)
        for labels, contacts, texts in _parts(window, limits):
            number += 1
            yield Batch(number, place, labels, tuple(contacts), rest, payload.body(texts, labels))
            rest = ()
        if rest:
            number += 1
            yield Batch(number, place, decided=rest)


def _windows(judged: Iterable[Contact | Outcome], limits: _Limits, first: int) -> Iterator[_Window]:
    window = _Window(first)
    for rows in batched(judged, _ROWS_AT_ONCE, strict=False):
        block, at = _block(rows, limits.bytes), 0
        while at < block.rows:
            longest = max(_WINDOW_OF_BATCHES * limits.contacts, window.first)
            end = min(_end(window, block, at, limits), at + longest - window.rows)
            window.take(block, at, end)
            if end < block.rows or window.rows == longest:
                yield window
                window = _Window(0 if window.contacts else window.first)
            at = end
    if window.rows:
        yield window


def _end(window: _Window, block: _Block, at: int, limits: _Limits) -> int:
    """The row of the block that would be too much for the window, which goes on at `at`; else the end of the block.

    It is a contact, and what stands before it goes along. Where labels differ in time, nothing is too much.
    """
    first, end = block.before[at], len(block.contacts)
    if window.first:
        end = min(end, first + window.first - len(window.contacts))
    elif first < end and not window.is_mixed:
        labels = (window.contacts or block.contacts[first:])[0].labels
        room = _Limits(limits.contacts - len(window.contacts), limits.bytes - payload.start(labels) - window.size)
        last = _fitting(block.sums, first, room)
        others = block.contacts[first : (first if block.is_alike else last) + 1]
        window.is_mixed = any(contact.labels != labels for contact in others)
        end = end if window.is_mixed else last
    return bisect_right(block.before, end) - 1


def _fitting(sums: Sequence[int], first: int, room: _Limits) -> int:
    """Which contact does not fit any more, when the first one does."""
    return min(first + room.contacts, bisect_right(sums, sums[first] + room.bytes) - 1)


def _block(rows: Sequence[Contact | Outcome], max_bytes: int) -> _Block:
    """With outcomes in place of the contacts that no request can hold."""
    contacts = [one for one in rows if isinstance(one, Contact)]
    texts = payload.texts(contacts)
    labels = list(map(attrgetter("labels"), contacts))
    is_alike = labels == labels[:1] * len(labels)
    starts = repeat(payload.start(labels[0])) if is_alike and labels else map(payload.start, labels)
    sizes = list(map(add, map(len, texts), starts))
    if max(sizes, default=0) > max_bytes:
        return _block(list(_without(rows, iter(sizes), max_bytes)), max_bytes)
    decided = [one for one in rows if isinstance(one, Outcome)]
    before = list(accumulate(map(isinstance, rows, repeat(Contact)), initial=0))
    return _Block(contacts, texts, decided, before, _sums(texts), is_alike)


def _without(rows: Iterable[Contact | Outcome], sizes: Iterator[int], max_bytes: int) -> Iterator[Contact | Outcome]:
    for one in rows:
        is_too_large = isinstance(one, Contact) and next(sizes) > max_bytes
        yield Outcome(one.row, Status.INVALID, _TOO_LARGE, one.cautions) if is_too_large else one


def _sums(texts: Sequence[bytes]) -> list[int]:
    """How many bytes stand before each, and before the end."""
    return list(accumulate(map(len, texts), initial=0))


def _parts(window: _Window, limits: _Limits) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    """What travels in one request each: the contacts with the same labels, as many as fit."""
    for labels, contacts, texts in _groups(window):
        sums, first = _sums(texts), 0
        while first < len(contacts):
            last = _fitting(sums, first, _Limits(limits.contacts, limits.bytes - payload.start(labels)))
            yield labels, contacts[first:last], texts[first:last]
            first = last


def _groups(window: _Window) -> Iterator[tuple[Labels, Sequence[Contact], Sequence[bytes]]]:
    if window.contacts and not window.is_mixed and not window.first:
        yield window.contacts[0].labels, window.contacts, window.texts
        return
    groups: dict[Labels, list[tuple[Contact, bytes]]] = {}
    for labels, alike in groupby(zip(window.contacts, window.texts, strict=True), key=lambda one: one[0].labels):
        groups.setdefault(labels, []).extend(alike)
    for labels, group in groups.items():
        contacts, texts = zip(*group, strict=True)
        yield labels, contacts, texts
