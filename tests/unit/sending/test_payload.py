"""The body of a request: encoded by column, it is what `json` writes for each contact."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels
from contact_import.domain.row import Row
from contact_import.sending.payload import build_body, count_envelope_bytes, encode_contacts, join_body
from tests.unit.sending.one_by_one import encode_body

LABELS = (Labels(), Labels(("VIP",)), Labels(("VIP",), ("News", "é")))
TEXTS = st.one_of(st.sampled_from(["", "x" * 150, '","email":""', '{"first_name":""', "\n{,"]), st.text(max_size=12))
VALUES = st.tuples(TEXTS, TEXTS, st.just("+61400000000"), *[TEXTS] * 6)


def _contact(number: int, name: str = "") -> Contact:
    return Contact(Row(number, ()), (name, "", f"+614000{number:05d}", *[""] * 6))


def test_the_body_has_the_nine_names_and_nothing_that_is_empty() -> None:
    contact = Contact(Row(2, ()), tuple(f"é{name}" for name in CONTACT_FIELDS))

    assert json.loads(build_body([contact, _contact(3)], Labels(("T",), ("L",)))) == {
        "contacts": [{name: f"é{name}" for name in CONTACT_FIELDS}, {"phone_number": "+61400000003"}],
        "tags": ["T"],
        "list": ["L"],
    }


def test_a_label_that_looks_like_json_breaks_nothing() -> None:
    body = json.loads(build_body([_contact(2)], Labels(("[]",), ('"contacts":[]',))))

    assert (len(body["contacts"]), body["tags"], body["list"]) == (1, ["[]"], ['"contacts":[]'])


def test_half_a_surrogate_pair_does_not_stop_a_batch() -> None:
    assert b"?" in build_body([_contact(2, "\ud83d")], Labels())


@given(st.lists(VALUES, max_size=9), st.sampled_from(LABELS))
def test_many_contacts_at_a_time_are_written_as_json_writes_each(people: list[tuple[str, ...]], labels: Labels) -> None:
    contacts = [Contact(Row(number, ()), values, labels) for number, values in enumerate(people)]

    assert build_body(contacts, labels) == encode_body(contacts, labels)


@pytest.mark.parametrize("labels", LABELS)
def test_the_size_of_a_request_is_known_before_it_is_joined(labels: Labels) -> None:
    texts = encode_contacts([_contact(2, "é"), _contact(3)])

    assert len(join_body(texts, labels)) == count_envelope_bytes(labels) + sum(map(len, texts))
