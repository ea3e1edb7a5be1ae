import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.payload import build_body

LABELS = (Labels(), Labels(("VIP",)), Labels(("VIP",), ("News",)))


def _contact(number: int, name: str = "", labels: Labels = LABELS[0]) -> Contact:
    return Contact(Row(number, ("x",)), (name, "", f"+614000{number:05d}", *[""] * 6), labels)


def _cut(judged: list[Contact | Outcome], max_contacts: int = 3, max_bytes: int = 10_000) -> list[Batch]:
    return list(split_batches(judged, max_contacts=max_contacts, max_bytes=max_bytes))


def _rows(batch: Batch) -> list[int]:
    return [one.row.number for one in batch.contacts] + [one.row.number for one in batch.decided]


def test_the_body_has_the_nine_names_and_nothing_that_is_empty() -> None:
    contact = Contact(Row(2, ()), tuple(f"é{name}" for name in CONTACT_FIELDS))

    assert json.loads(build_body([contact, _contact(3)], Labels(("T",), ("L",)))) == {
        "contacts": [{name: f"é{name}" for name in CONTACT_FIELDS}, {"phone_number": "+61400000003"}],
        "tags": ["T"],
        "list": ["L"],
    }


def test_what_was_written_to_weigh_a_batch_is_what_would_be_written_to_send_it() -> None:
    names = ("", "é", "\ud83d", '"\\')
    contacts = [_contact(number, names[number % 4], LABELS[number // 5 % 3]) for number in range(40)]

    batches = _cut([*contacts, Outcome(Row(99, ("x",)), Status.INVALID, "why")], max_bytes=250)

    assert len(batches) > 10
    assert all(batch.body == build_body(batch.contacts, batch.labels) for batch in batches if batch.contacts)


def test_a_request_with_some_of_the_contacts_has_no_other() -> None:
    (batch,) = _cut([_contact(2), _contact(3)])

    assert batch.get_body(list(batch.contacts)) == build_body(batch.contacts, batch.labels)
    assert batch.get_body(batch.contacts[1:]) == build_body(batch.contacts[1:], batch.labels)


def test_a_label_that_looks_like_json_breaks_nothing() -> None:
    body = json.loads(build_body([_contact(2)], Labels(("[]",), ('"contacts":[]',))))

    assert (len(body["contacts"]), body["tags"], body["list"]) == (1, ["[]"], ['"contacts":[]'])


def test_half_a_surrogate_pair_does_not_stop_a_batch() -> None:
    assert b"?" in build_body([_contact(2, "\ud83d")], Labels())


def test_batches_are_full_while_the_labels_do_not_change() -> None:
    assert [len(batch.contacts) for batch in _cut([_contact(n) for n in range(7)])] == [3, 3, 1]


def test_a_contact_that_no_request_can_hold_is_an_invalid_row() -> None:
    (batch,) = _cut([_contact(2), _contact(3, "x" * 500)], max_bytes=300)

    assert [contact.row.number for contact in batch.contacts] == [2]
    assert [(outcome.row.number, outcome.status) for outcome in batch.decided] == [(3, Status.INVALID)]


def test_a_request_is_filled_to_the_last_byte() -> None:
    people: list[Contact | Outcome] = [_contact(n, labels=LABELS[2]) for n in range(4)]
    size = len(build_body([one for one in people[:2] if isinstance(one, Contact)], LABELS[2]))

    assert [len(batch.contacts) for batch in _cut(people, max_bytes=size)] == [2, 2]
    assert [len(batch.contacts) for batch in _cut(people, max_bytes=size - 1)] == [1, 1, 1, 1]


def test_rows_without_a_contact_are_handed_on_in_bounded_pieces() -> None:
    batches = _cut([Outcome(Row(n, ()), Status.INVALID, "x") for n in range(100)], max_contacts=3)

    assert sum(len(batch.decided) for batch in batches) == 100
    assert max(len(batch.decided) for batch in batches) <= 30


JUDGED = st.lists(st.tuples(st.sampled_from([*LABELS, None]), st.text(max_size=30)).map(tuple), max_size=60)


@given(JUDGED, st.integers(1, 8), st.integers(150, 600))
def test_every_row_is_in_one_batch_and_both_bounds_hold(
    kinds: list[tuple[Labels | None, str]], max_contacts: int, max_bytes: int
) -> None:
    judged: list[Contact | Outcome] = [
        Outcome(Row(n, ()), Status.INVALID, "x") if labels is None else _contact(n, name, labels)
        for n, (labels, name) in enumerate(kinds)
    ]

    batches = _cut(judged, max_contacts, max_bytes)

    rows = [number for batch in batches for number in _rows(batch)]
    assert sorted(rows) == list(range(len(judged)))
    assert [batch.number for batch in batches] == list(range(1, len(batches) + 1))
    for batch in batches:
        assert len(batch.contacts) <= max_contacts
        assert all(contact.labels == batch.labels for contact in batch.contacts)
        assert not batch.contacts or len(build_body(batch.contacts, batch.labels)) <= max_bytes
    windows = [batch.row_group for batch in batches]
    assert windows == sorted(windows)
    for earlier, later in pairwise(batches):
        if earlier.row_group != later.row_group:
            assert min(_rows(later)) > max(_rows(earlier))


@given(JUDGED)
def test_any_size_of_a_batch_gives_the_same_people(kinds: list[tuple[Labels | None, str]]) -> None:
    judged: list[Contact | Outcome] = [
        _contact(n, name, labels) for n, (labels, name) in enumerate(kinds) if labels is not None
    ]

    def people(size: int) -> set[tuple[str, Labels]]:
        return {(one.phone_number, batch.labels) for batch in _cut(judged, size) for one in batch.contacts}

    assert people(1) == people(5) == people(400)
    assert _cut(judged) == _cut(judged)
