"""Batches are cut many rows at a time. Here they are cut one by one, as they are defined, and must be the same."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.payload import build_body

ROWS_OF_BATCHES = 10
LABELS = (Labels(), Labels(("VIP",)), Labels(("VIP",), ("News", "é")))
TEXTS = st.one_of(st.sampled_from(["", "x" * 150, '","email":""', '{"first_name":""', "\n{,"]), st.text(max_size=12))
VALUES = st.tuples(TEXTS, TEXTS, st.just("+61400000000"), *[TEXTS] * 6)
# What stands in some rows one after another: labels and values of contacts, or neither.
RUNS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from(LABELS)), VALUES, st.one_of(st.integers(1, 3), st.integers(1, 250))),
    max_size=12,
)


def _judged(runs: Sequence[tuple[Labels | None, tuple[str, ...], int]]) -> list[Contact | Outcome]:
    each = [(labels, values) for labels, values, times in runs for _ in range(times)]
    return [
        Outcome(Row(number, ()), Status.DUPLICATE, "x")
        if labels is None
        # Labels that are equal need not be the same object.
        else Contact(Row(number, ()), values, replace(labels), (RowWarning("row", "odd"),))
        for number, (labels, values) in enumerate(each)
    ]


def _body(contacts: Sequence[Contact], labels: Labels) -> bytes:
    people = [{name: cell for name, cell in zip(CONTACT_FIELDS, one.values, strict=True) if cell} for one in contacts]
    request = {"contacts": people, "tags": labels.tags, "list": labels.lists}
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _windows(
    judged: Sequence[Contact | Outcome], max_contacts: int, max_bytes: int, first: int
) -> Iterator[tuple[list[Contact], list[Outcome]]]:
    contacts, decided, size = list[Contact](), list[Outcome](), 0
    for one in judged:
        if isinstance(one, Outcome):
            decided.append(one)
        elif (alone := len(_body([one], one.labels))) > max_bytes:
            decided.append(Outcome(one.row, Status.INVALID, "row: too large for one request", one.warnings))
        else:
            is_alike = all(other.labels == one.labels for other in contacts)
            size = size + 1 + alone - len(_body([], one.labels)) if contacts else alone
            is_full = is_alike and (len(contacts) == max_contacts or size > max_bytes)
            if contacts and (len(contacts) == first if first else is_full):
                yield contacts, decided
                contacts, decided, size, first = [], [], alone, 0
            contacts.append(one)
        if len(contacts) + len(decided) >= max(ROWS_OF_BATCHES * max_contacts, first):
            yield contacts, decided
            contacts, decided, first = [], [], 0 if contacts else first
    if contacts or decided:
        yield contacts, decided


def _requests(contacts: Sequence[Contact], max_contacts: int, max_bytes: int) -> Iterator[tuple[Contact, ...]]:
    for labels in dict.fromkeys(one.labels for one in contacts):
        request: tuple[Contact, ...] = ()
        for one in contacts:
            if one.labels == labels:
                more = (*request, one)
                if request and (len(more) > max_contacts or len(_body(more, labels)) > max_bytes):
                    yield request
                    more = (one,)
                request = more
        yield request


def _cut(judged: Sequence[Contact | Outcome], max_contacts: int, max_bytes: int, first: int) -> Iterator[Batch]:
    number = 0
    for window, (contacts, decided) in enumerate(_windows(judged, max_contacts, max_bytes, first), start=1):
        rest = tuple(decided)
        for request in _requests(contacts, max_contacts, max_bytes) if contacts else [()]:
            number += 1
            yield Batch(number, window, request[0].labels if request else Labels(), request, rest)
            rest = ()


@given(RUNS, st.one_of(st.integers(1, 9), st.integers(1, 400)), st.integers(150, 9000), st.integers(0, 40))
def test_many_rows_at_a_time_are_cut_as_they_are_one_by_one(
    runs: list[tuple[Labels | None, tuple[str, ...], int]], max_contacts: int, max_bytes: int, first: int
) -> None:
    judged = _judged(runs)

    batches = list(split_batches(judged, max_contacts=max_contacts, max_bytes=max_bytes, canary_contacts=first))

    assert batches == list(_cut(judged, max_contacts, max_bytes, first))
    assert all(batch.body == _body(batch.contacts, batch.labels) for batch in batches if batch.contacts)


@given(st.lists(VALUES, max_size=9), st.sampled_from(LABELS))
def test_many_contacts_at_a_time_are_written_as_json_writes_each(people: list[tuple[str, ...]], labels: Labels) -> None:
    contacts = [Contact(Row(number, ()), values, labels) for number, values in enumerate(people)]

    assert build_body(contacts, labels) == _body(contacts, labels)
