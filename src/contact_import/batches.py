"""Contacts to batches: what travels in one request."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import batched, groupby
from json.encoder import encode_basestring as in_quotes

from contact_import.contacts import FIELDS, Contact
from contact_import.labels import Labels
from contact_import.outcomes import Outcome, Status

_WINDOW_OF_BATCHES = 10
_TOO_LARGE = "row: too large for one request"
_LONE_SURROGATE = "replace"  # a broken export can hold one, and it has no UTF-8: it travels as a question mark
_WEIGHED_AT_ONCE = 200


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
        return self.body if self.body and self.contacts == tuple(contacts) else encode(contacts, self.labels)


# With its text in a request, and the bytes of that, the comma before it included.
type _Weighed = tuple[Contact, str, int]


def encode(contacts: Sequence[Contact], labels: Labels) -> bytes:
    """The body of a request: the nine names of the API and no other, without those that are empty.

    A key that Cellcast does not know would create a field in the account for good (developer.cellcast.com).
    """
    return _body(_encoded(contacts), labels)


def _body(texts: Iterable[str], labels: Labels) -> bytes:
    body = ",".join(texts).encode("utf-8", _LONE_SURROGATE)
    return _envelope(labels).replace(b"[]", b"[%b]" % body, 1)


def _encoded(contacts: Sequence[Contact]) -> list[str]:
    """Each as it stands in a request: one field of many contacts is written more quickly than all fields of one."""
    fields = zip(FIELDS, zip(*(one.values for one in contacts), strict=True), strict=bool(contacts))
    pieces = [
        [f'"{name}":{in_quotes(value)},' if value else "" for value in column] for name, column in fields if any(column)
    ]
    return [f"{{{''.join(parts)[:-1]}}}" for parts in zip(*pieces, strict=True)]


def cut(judged: Iterable[Contact | Outcome], *, max_contacts: int, max_bytes: int, first: int = 0) -> Iterator[Batch]:
    """Batches in the order of their rows, each within both bounds. The same rows give the same batches.

    A window is one full batch while the labels do not change, and up to ten batches' worth of rows when they
    do. Unless `first` is 0, the first window with contacts has no more than so many. A contact that no request can
    hold is an invalid row.
    """
    number = 0
    for window, (weighed, decided) in enumerate(_windows(judged, max_contacts, max_bytes, first), start=1):
        rest = tuple(decided)
        groups: dict[Labels, list[_Weighed]] = {}
        for labels, alike in groupby(weighed, key=lambda one: one[0].labels):
            groups.setdefault(labels, []).extend(alike)
        for labels, group in groups.items():
            for part in _parts(group, labels, max_contacts, max_bytes):
                number += 1
                body = _body([text for _, text, _ in part], labels)
                yield Batch(number, window, labels, tuple(contact for contact, _, _ in part), rest, body)
                rest = ()
        if rest:
            number += 1
            yield Batch(number, window, decided=rest)


def _windows(
    judged: Iterable[Contact | Outcome], max_contacts: int, max_bytes: int, first: int
) -> Iterator[tuple[list[_Weighed], list[Outcome]]]:
    contacts: list[_Weighed] = []
    decided: list[Outcome] = []
    size, mixed = 0, False
    for one, text, weight in _weighed(judged):
        if isinstance(one, Contact) and _start(one.labels) + weight > max_bytes:
            one = Outcome(one.row, Status.INVALID, _TOO_LARGE, one.cautions)
        if isinstance(one, Outcome):
            decided.append(one)
        else:
            differs = bool(contacts) and one.labels != contacts[0][0].labels
            if first:
                closes = len(contacts) == first
            else:
                full = len(contacts) == max_contacts or size + weight > max_bytes
                closes = full and not mixed and not differs
            if closes:
                yield contacts, decided
                contacts, decided, size, mixed, differs, first = [], [], 0, False, False, 0
            size = (size if contacts else _start(one.labels)) + weight
            mixed = bool(contacts) and (mixed or differs)
            contacts.append((one, text, weight))
        if len(contacts) + len(decided) >= max(_WINDOW_OF_BATCHES * max_contacts, first):
            yield contacts, decided
            first = 0 if contacts else first
            contacts, decided, size, mixed = [], [], 0, False
    if contacts or decided:
        yield contacts, decided


def _weighed(judged: Iterable[Contact | Outcome]) -> Iterator[tuple[Contact | Outcome, str, int]]:
    """Each as `_Weighed` has it, with nothing for what does not go."""
    for some in batched(judged, _WEIGHED_AT_ONCE, strict=False):
        texts = iter(_encoded([one for one in some if isinstance(one, Contact)]))
        for one in some:
            text = next(texts) if isinstance(one, Contact) else ""
            yield one, text, _bytes_of(text) + 1 if text else 0


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", _LONE_SURROGATE))


def _parts(weighed: Sequence[_Weighed], labels: Labels, max_contacts: int, max_bytes: int) -> Iterator[list[_Weighed]]:
    part: list[_Weighed] = []
    size = 0
    for one in weighed:
        weight = one[2]
        if part and (len(part) == max_contacts or size + weight > max_bytes):
            yield part
            part = []
        size = (size if part else _start(labels)) + weight
        part.append(one)
    yield part


def _start(labels: Labels) -> int:
    """The bytes of a request before its first contact, less the comma that the first one does not need."""
    return len(_envelope(labels)) - 1


@lru_cache(maxsize=1024)
def _envelope(labels: Labels) -> bytes:
    text = json.dumps(
        {"contacts": [], "tags": labels.tags, "list": labels.lists}, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode("utf-8", _LONE_SURROGATE)
