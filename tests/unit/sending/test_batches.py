"""Batches: their order, their limits, and that measuring many rows at a time changes nothing."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch, find_commit_groups, split_batches
from contact_import.sending.payload import build_body
from tests.unit.sending.one_by_one import encode_body, split_batches_one_by_one

LABELS = (Labels(), Labels(("VIP",)), Labels(("VIP",), ("News", "é")))


def _contact(number: int, name: str = "", labels: Labels = LABELS[0]) -> Contact:
    return Contact(Row(number, ("x",)), (name, "", f"+614000{number:05d}", *[""] * 6), labels)


def _split(validated: list[Contact | Outcome], max_contacts: int = 3, max_bytes: int = 10_000) -> list[Batch]:
    return list(split_batches(validated, max_contacts=max_contacts, max_bytes=max_bytes))


def _get_rows(batch: Batch) -> list[int]:
    return [one.row.number for one in batch.contacts] + [one.row.number for one in batch.decided]


def test_what_was_written_to_weigh_a_batch_is_what_would_be_written_to_send_it() -> None:
    names = ("", "é", "\ud83d", '"\\')
    contacts = [_contact(number, names[number % 4], LABELS[number // 5 % 3]) for number in range(40)]

    batches = _split([*contacts, Outcome(Row(99, ("x",)), Status.INVALID, "why")], max_bytes=250)

    assert len(batches) > 10
    assert all(batch.body == build_body(batch.contacts, batch.labels) for batch in batches if batch.contacts)


def test_a_request_with_some_of_the_contacts_has_no_other() -> None:
    (batch,) = _split([_contact(2), _contact(3)])

    assert batch.get_body(list(batch.contacts)) == build_body(batch.contacts, batch.labels)
    assert batch.get_body(batch.contacts[1:]) == build_body(batch.contacts[1:], batch.labels)


def test_batches_are_full_while_the_labels_do_not_change() -> None:
    assert [len(batch.contacts) for batch in _split([_contact(n) for n in range(7)])] == [3, 3, 1]


def test_a_contact_that_no_request_can_hold_is_an_invalid_row() -> None:
    (batch,) = _split([_contact(2), _contact(3, "x" * 500)], max_bytes=300)

    assert [contact.row.number for contact in batch.contacts] == [2]
    assert [(outcome.row.number, outcome.status) for outcome in batch.decided] == [(3, Status.INVALID)]


def test_a_request_is_filled_to_the_last_byte() -> None:
    contacts: list[Contact | Outcome] = [_contact(n, labels=LABELS[2]) for n in range(4)]
    size = len(build_body([one for one in contacts[:2] if isinstance(one, Contact)], LABELS[2]))

    assert [len(batch.contacts) for batch in _split(contacts, max_bytes=size)] == [2, 2]
    assert [len(batch.contacts) for batch in _split(contacts, max_bytes=size - 1)] == [1, 1, 1, 1]


def test_rows_without_a_contact_are_handed_on_in_bounded_pieces() -> None:
    batches = _split([Outcome(Row(n, ()), Status.INVALID, "x") for n in range(100)], max_contacts=3)

    assert sum(len(batch.decided) for batch in batches) == 100
    assert max(len(batch.decided) for batch in batches) <= 30


VALIDATED = st.lists(st.tuples(st.sampled_from([*LABELS, None]), st.text(max_size=30)).map(tuple), max_size=60)


@given(VALIDATED, st.integers(1, 8), st.integers(150, 600))
def test_every_row_is_in_one_batch_and_both_bounds_hold(
    kinds: list[tuple[Labels | None, str]], max_contacts: int, max_bytes: int
) -> None:
    validated: list[Contact | Outcome] = [
        Outcome(Row(n, ()), Status.INVALID, "x") if labels is None else _contact(n, name, labels)
        for n, (labels, name) in enumerate(kinds)
    ]

    batches = _split(validated, max_contacts, max_bytes)

    rows = [number for batch in batches for number in _get_rows(batch)]
    assert sorted(rows) == list(range(len(validated)))
    assert [batch.number for batch in batches] == list(range(1, len(batches) + 1))
    for batch in batches:
        assert len(batch.contacts) <= max_contacts
        assert all(contact.labels == batch.labels for contact in batch.contacts)
        assert not batch.contacts or len(build_body(batch.contacts, batch.labels)) <= max_bytes
    groups = [batch.row_group for batch in batches]
    assert groups == sorted(groups)
    for earlier, later in pairwise(batches):
        if earlier.row_group != later.row_group:
            assert min(_get_rows(later)) > max(_get_rows(earlier))


@given(VALIDATED)
def test_any_size_of_a_batch_gives_the_same_people(kinds: list[tuple[Labels | None, str]]) -> None:
    validated: list[Contact | Outcome] = [
        _contact(n, name, labels) for n, (labels, name) in enumerate(kinds) if labels is not None
    ]

    def get_people(size: int) -> set[tuple[str, Labels]]:
        return {(one.phone_number, batch.labels) for batch in _split(validated, size) for one in batch.contacts}

    assert get_people(1) == get_people(5) == get_people(400)
    assert _split(validated) == _split(validated)


# Values that are easily mistaken for JSON, and runs of rows with the same labels and values. No labels: no contact.
TEXTS = st.one_of(st.sampled_from(["", "x" * 150, '","email":""', '{"first_name":""', "\n{,"]), st.text(max_size=12))
VALUES = st.tuples(TEXTS, TEXTS, st.just("+61400000000"), *[TEXTS] * 6)
RUNS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from(LABELS)), VALUES, st.one_of(st.integers(1, 3), st.integers(1, 250))),
    max_size=12,
)


def _build_validated(runs: Sequence[tuple[Labels | None, tuple[str, ...], int]]) -> list[Contact | Outcome]:
    each = [(labels, values) for labels, values, times in runs for _ in range(times)]
    return [
        Outcome(Row(number, values), Status.DUPLICATE, "x")
        if labels is None
        # Labels that are equal need not be the same object.
        else Contact(Row(number, values), values, replace(labels), (RowWarning("row", "odd"),))
        for number, (labels, values) in enumerate(each)
    ]


MAX_CHARS = st.one_of(st.just(sys.maxsize), st.integers(1, 2000), st.integers(1, 60_000))


@given(RUNS, st.one_of(st.integers(1, 9), st.integers(1, 400)), st.integers(150, 9000), st.integers(0, 40), MAX_CHARS)
def test_many_rows_at_a_time_are_cut_as_they_are_one_by_one(
    runs: list[tuple[Labels | None, tuple[str, ...], int]],
    max_contacts: int,
    max_bytes: int,
    canary_contacts: int,
    max_chars: int,
) -> None:
    validated = _build_validated(runs)

    batches = list(
        split_batches(
            validated,
            max_contacts=max_contacts,
            max_bytes=max_bytes,
            canary_contacts=canary_contacts,
            batches_per_commit=1,
            max_group_chars=max_chars,
        )
    )

    assert batches == list(split_batches_one_by_one(validated, max_contacts, max_bytes, canary_contacts, max_chars))
    assert all(batch.body == encode_body(batch.contacts, batch.labels) for batch in batches if batch.contacts)


@given(RUNS, st.integers(1, 9), st.integers(0, 40), st.integers(1, 9))
def test_commit_groups_are_consecutive_and_the_canary_shares_none(
    runs: list[tuple[Labels | None, tuple[str, ...], int]], max_contacts: int, canary_contacts: int, together: int
) -> None:
    batches = list(
        split_batches(
            _build_validated(runs),
            max_contacts=max_contacts,
            max_bytes=9000,
            canary_contacts=canary_contacts,
            batches_per_commit=together,
        )
    )

    numbers = [batch.commit_group for batch in batches]
    assert numbers == sorted(numbers)
    assert find_commit_groups(batches) == list(range(1, len(set(numbers)) + 1))
    assert max(Counter(numbers).values(), default=0) <= together
    rows = Counter[int]()
    for batch in batches:
        rows[batch.commit_group] += batch.rows
    # A batch has the rows of up to ten requests: see `row_groups`.
    assert max(rows.values(), default=0) < together * max_contacts + max(10 * max_contacts, canary_contacts) + 1
    if canary_contacts and any(batch.contacts for batch in batches):
        canary = next(batch.row_group for batch in batches if batch.contacts)
        of_canary = {batch.commit_group for batch in batches if batch.row_group == canary}
        assert of_canary.isdisjoint(batch.commit_group for batch in batches if batch.row_group != canary)


@given(RUNS, st.integers(1, 40), st.integers(0, 40), st.integers(1, 9), st.integers(1, 20_000))
def test_a_commit_group_of_wide_rows_is_complete_earlier(
    runs: list[tuple[Labels | None, tuple[str, ...], int]],
    max_contacts: int,
    canary_contacts: int,
    together: int,
    max_chars: int,
) -> None:
    batches = list(
        split_batches(
            _build_validated(runs),
            max_contacts=max_contacts,
            max_bytes=9000,
            canary_contacts=canary_contacts,
            batches_per_commit=together,
            max_group_chars=max_chars,
        )
    )

    assert find_commit_groups(batches) == list(range(1, batches[-1].commit_group + 1 if batches else 1))
    widest = max((_count_chars(batch.contacts, batch.decided, longest=True) for batch in batches), default=0)
    chars = Counter[int]()
    for batch in batches:
        chars[batch.commit_group] += _count_chars(batch.contacts, batch.decided)
    # It was not complete before its last row group, which has `max_chars` or a single row.
    assert max(chars.values(), default=0) < max_chars + max(max_chars, widest)


def _count_chars(*parts: Sequence[Contact | Outcome], longest: bool = False) -> int:
    sizes = [len("".join(one.row.cells)) for part in parts for one in part]
    return max(sizes, default=0) if longest else sum(sizes)
