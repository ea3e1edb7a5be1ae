"""Batches and request bodies made one contact at a time, as they are defined: the reference of the fast code."""

import json
import sys
from collections.abc import Iterator, Sequence

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.sending.batches import Batch

_MAX_BATCHES_PER_GROUP = 10


def encode_body(contacts: Sequence[Contact], labels: Labels) -> bytes:
    """Return the body of a request as `json` writes it."""
    encoded = [{name: cell for name, cell in zip(CONTACT_FIELDS, one.values, strict=True) if cell} for one in contacts]
    request = {"contacts": encoded, "tags": labels.tags, "list": labels.lists}
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _group_rows(
    validated: Sequence[Contact | Outcome], max_contacts: int, max_bytes: int, canary_contacts: int, max_chars: int
) -> Iterator[tuple[list[Contact], list[Outcome]]]:
    contacts, decided, size, chars = list[Contact](), list[Outcome](), 0, 0
    for one in validated:
        width = sum(map(len, one.row.cells))
        if (contacts or decided) and chars + width > max_chars:
            yield contacts, decided
            contacts, decided, chars, canary_contacts = [], [], 0, 0 if contacts else canary_contacts
        if isinstance(one, Outcome):
            decided.append(one)
        elif (alone := len(encode_body([one], one.labels))) > max_bytes:
            decided.append(Outcome(one.row, Status.INVALID, "row: too large for one request", one.warnings))
        else:
            is_alike = all(other.labels == one.labels for other in contacts)
            size = size + 1 + alone - len(encode_body([], one.labels)) if contacts else alone
            is_full = is_alike and (len(contacts) == max_contacts or size > max_bytes)
            if contacts and (len(contacts) == canary_contacts if canary_contacts else is_full):
                yield contacts, decided
                contacts, decided, size, chars, canary_contacts = [], [], alone, 0, 0
            contacts.append(one)
        chars += width
        if len(contacts) + len(decided) >= max(_MAX_BATCHES_PER_GROUP * max_contacts, canary_contacts):
            yield contacts, decided
            contacts, decided, chars, canary_contacts = [], [], 0, 0 if contacts else canary_contacts
    if contacts or decided:
        yield contacts, decided


def _split_requests(contacts: Sequence[Contact], max_contacts: int, max_bytes: int) -> Iterator[tuple[Contact, ...]]:
    for labels in dict.fromkeys(one.labels for one in contacts):
        request: tuple[Contact, ...] = ()
        for one in contacts:
            if one.labels == labels:
                more = (*request, one)
                if request and (len(more) > max_contacts or len(encode_body(more, labels)) > max_bytes):
                    yield request
                    more = (one,)
                request = more
        yield request


def split_batches_one_by_one(
    validated: Sequence[Contact | Outcome],
    max_contacts: int,
    max_bytes: int,
    canary_contacts: int,
    max_chars: int = sys.maxsize,
) -> Iterator[Batch]:
    """Yield the batches as they are defined, adding one contact at a time. Each is a commit group."""
    number = 0
    for row_group, (contacts, decided) in enumerate(
        _group_rows(validated, max_contacts, max_bytes, canary_contacts, max_chars), start=1
    ):
        rest = tuple(decided)
        for request in _split_requests(contacts, max_contacts, max_bytes) if contacts else [()]:
            number += 1
            yield Batch(
                number, row_group, request[0].labels if request else Labels(), request, rest, commit_group=number
            )
            rest = ()
