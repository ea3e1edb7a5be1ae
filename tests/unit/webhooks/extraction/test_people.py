"""The people in what forms and CRMs post.

`tests/fixtures/webhooks/<sender>/<event>.json` has one delivery, shaped as the sender documents it, with the people
that it must give. The folders `generic_…` have shapes that many senders share.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_import.columns.header_match import match_role
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.http import HttpRequest
from contact_import.domain.person import ExtractionResult
from contact_import.domain.roles import Role
from contact_import.errors import BodyError
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.senders.config import WebhookSender
from tests.make_submissions import validate_people

FIXTURES = Path(__file__).parents[3] / "fixtures" / "webhooks"
DELIVERIES = {
    path.relative_to(FIXTURES).with_suffix("").as_posix(): json.loads(path.read_text("utf-8"))
    for path in FIXTURES.glob("*/*.json")
    if path.stem != "handshake"  # test_handshakes has these
}
JSON = {"content-type": "application/json"}
WORDS = [
    "name",
    "phone",
    "email",
    "address",
    "fields",
    "answers",
    "label",
    "type",
    "value",
    "sms",
    "consent",
    "data",
    "0",
]
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", ""]


def _post(body: Any, headers: dict[str, str] = JSON) -> HttpRequest:
    raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpRequest("POST", "/hooks/test", "https://hooks.example.com/hooks/test", headers, {}, raw)


def _extract(
    body: Any, mapping: dict[str, str | None] | None = None, headers: dict[str, str] = JSON
) -> ExtractionResult:
    return extract_people(_post(body, headers), WebhookSender("test", "token", (), mapping=mapping or {}))


def _validate(found: ExtractionResult) -> list[Any]:
    """Return the fields of each person that are sent to Cellcast, or the status of one that is not sent."""
    validated = validate_people(found.people, ValidationRules(date(2026, 2, 6)))
    return [_to_sent_fields(one) if isinstance(one, Contact) else one.status.value for one in validated]


def _to_sent_fields(contact: Contact) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name, value in zip(CONTACT_FIELDS, contact.values, strict=True) if value}
    labels = {"tags": list(contact.labels.tags), "list": list(contact.labels.lists)}
    return fields | {name: names for name, names in labels.items() if names}


def test_each_fixture_lies_in_the_folder_of_its_sender() -> None:
    assert len(DELIVERIES) == len([path for path in FIXTURES.rglob("*") if path.is_file() and path.stem != "handshake"])
    assert len(DELIVERIES) >= 260


@pytest.mark.parametrize("name", sorted(DELIVERIES))
def test_the_right_people_come_out_of_a_delivery(name: str) -> None:
    delivery = DELIVERIES[name]

    found = _extract(delivery["body"], delivery.get("mapping"), delivery["headers"])

    assert _validate(found) == delivery["people"]
    assert bool(found.reason) == (not delivery["people"])
    assert found.event_id == delivery.get("key", found.event_id)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"3": "phone_number", "1.3": "first_name", "1.6": "last_name"}, ["+61491570156", "Ada", "Moss"]),
        ({"7": "phone_number", "1.3": "name", "3": None}, ["+61491570006", "Ada", None]),
    ],
)
def test_numbered_fields_take_the_senders_own_mapping(
    mapping: dict[str, str | None], expected: list[str | None]
) -> None:
    body = {"id": "2", "form_id": "1", "1.3": "Ada", "1.6": "Moss", "3": "0491 570 156", "7": "0491 570 006"}

    (validated,) = _validate(_extract(body, mapping))

    assert [validated.get(name) for name in ("phone_number", "first_name", "last_name")] == expected


@pytest.mark.parametrize(
    ("mapping", "phone"),
    [
        ({}, "+61491570006"),
        ({"Rückruf": "phone_number"}, "+61491570156"),
        ({"rueckruf": "phone_number"}, "+61491570156"),
        ({"answers.1.text": "phone_number"}, "+61491570156"),
        ({"answers.0.text": None, "Rückruf": "email"}, None),
    ],
)
def test_a_mapping_goes_by_label_key_or_path(mapping: dict[str, str | None], phone: str | None) -> None:
    body = {
        "answers": [
            {"label": "Handy", "key": "input_1", "text": "0491 570 006"},
            {"label": "Rückruf", "key": "rueckruf", "text": "0491 570 156"},
        ]
    }

    (validated,) = _validate(_extract(body, mapping))

    assert validated == ({"phone_number": phone} if phone else "invalid")


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"data.partner": None}, ["+61491570006", ""]),
        ({"data.me": None}, ["+61491570156", ""]),
        ({"data.me.place": "address", "data.more": None}, ["+61491570006", "1 High St, Perth"]),
    ],
)
def test_a_mapping_may_name_a_whole_part_of_a_body(mapping: dict[str, str | None], expected: list[str]) -> None:
    me = {"handy": "0491 570 006", "place": {"a": "1 High St", "b": "Perth"}}
    body = {"data": {"me": me, "partner" if "data.partner" in mapping else "more": {"handy": "0491 570 156"}}}

    (validated,) = _validate(_extract(body, mapping))

    assert [validated["phone_number"], validated.get("address", "")] == expected


def test_two_numbers_that_nothing_tells_apart_are_not_guessed_at() -> None:
    assert _validate(_extract({"3": "0491 570 006", "4": "0491 570 156", "5": "ada@example.com"})) == ["invalid"]
    assert _validate(_extract({"3": "0491 570 006"})) == [{"phone_number": "+61491570006"}]


def test_of_several_phones_the_first_that_can_get_sms_counts() -> None:
    body = {
        "work_phone": "02 7010 1234",
        "phone": "0491 570 156",
        "mobile": "0491 570 006",
        "partner_mobile": "0491570157",
    }

    (person,) = _extract(body).people

    phones = [detail.value for detail in person.fields if detail.role is Role.PHONE]
    assert phones == ["0491 570 006", "0491 570 156", "02 7010 1234"]


def test_one_bad_contact_does_not_spoil_the_others() -> None:
    found = _extract([{"name": "Ada Moss", "phone": "12"}, {"name": "Bo Lee", "phone": "0491570156"}])

    assert _validate(found) == ["invalid", {"first_name": "Bo", "last_name": "Lee", "phone_number": "+61491570156"}]


def test_secrets_of_a_body_are_no_details() -> None:
    found = _extract({"phone": "0491570006", "google_key": "hush", "SessionId": "hush", "HandshakeKey": "hush"})

    assert "hush" not in [detail.value for person in found.people for detail in person.fields]


@pytest.mark.parametrize(
    ("body", "headers", "key"),
    [
        ({"id": 25, "date_modified_gmt": "2026-01-01T00:00:00", "email": "ada@example.com"}, "woo", True),
        ({"id": 25, "email": "ada@example.com"}, "woo", False),
        (
            {"specversion": "1.0", "id": "1", "source": "/crm", "type": "contact", "data": {"phone": "0491570006"}},
            "",
            True,
        ),
        ({"phone": "0491570006"}, "shopify", True),
        ({"phone": "0491570006"}, "", False),
    ],
)
def test_a_delivery_has_the_senders_key_or_none(body: Any, headers: str, key: bool) -> None:
    named = {"woo": {"x-wc-webhook-topic": "customer.created"}, "shopify": {"x-shopify-event-id": "98880550"}, "": {}}

    assert bool(_extract(body, headers=JSON | named[headers]).event_id) == key


def test_an_edited_entry_of_jotform_is_another_delivery() -> None:
    first, second = (
        {"submissionID": "6084", "rawRequest": json.dumps({"q3_name": {"first": name}})} for name in ("Ada", "Adah")
    )

    assert _extract(first).event_id != _extract(second).event_id
    assert _extract(first).event_id == _extract(first).event_id


def test_an_area_that_someone_asks_about_is_no_part_of_the_phone() -> None:
    body = {"name": "Ada Moss", "area": "Inner West", "phone": "0491 570 006"}

    (validated,) = _validate(_extract(body))

    assert (validated["phone_number"], validated["first_name"]) == ("+61491570006", "Ada")


@pytest.mark.parametrize("levels", [1, 2, 12])
def test_json_inside_of_json_has_an_end(levels: int) -> None:
    body: Any = {"phone": "0491 570 006"}
    for _ in range(levels):
        for _ in range(45):
            body = {"inner": body}
        body = {"inner": json.dumps(body)}

    assert _validate(_extract(body)) == ([{"phone_number": "+61491570006"}] if levels < 3 else [])


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner),
)


@settings(max_examples=150, deadline=None)
@given(
    body=JSONS,
    mapping=st.dictionaries(st.text(), st.sampled_from(["phone_number", "name", "address", "postal_code", None])),
)
def test_any_json_is_read_without_a_fall(body: Any, mapping: dict[str, str | None]) -> None:
    found = _extract(json.dumps(body), mapping)

    assert len(_validate(found)) == len(found.people)
    assert bool(found.people) != bool(found.reason)


@settings(max_examples=150, deadline=None)
@given(body=st.binary(), kind=st.sampled_from(KINDS))
def test_any_bytes_are_read_or_turned_down(body: bytes, kind: str) -> None:
    try:
        found = extract_people(_post(body, {"content-type": kind}), WebhookSender("test", "token", ()))
    except BodyError:
        return
    assert bool(found.people) != bool(found.reason)


def test_labels_of_other_peoples_making_are_not_remembered_for_ever() -> None:
    for number in range(12):
        _extract({f"label {number}.{other}": "x" for other in range(1_000)})

    assert match_role.cache_info().currsize <= 10_000


_TAIL = st.text("abcdefghjklmnopqrstuvwxyz0123456789", min_size=2, max_size=4)
# With a digit, so that no word comes out; without `i`, so that none ends in `id`.
_IDS = st.builds(
    "{}{}{}".format, st.text("abcdefghjklmnopqrstuvwxyz", min_size=2, max_size=3), st.integers(0, 9), _TAIL
)


@given(
    kind=st.sampled_from(["phone", "Phone", "mobile", "TEL", "phone_number"]),
    key=st.sampled_from(["address", "id", "value", "number", "identifier"]),
    kind_key=st.sampled_from(["type", "kind"]),
    is_first=st.booleans(),
    status=st.sampled_from(["", "subscribed", "unsubscribed"]),
)
def test_a_contact_point_gives_its_number_and_keeps_its_consent(
    kind: str, key: str, kind_key: str, is_first: bool, status: str
) -> None:
    email = {kind_key: "email", key: "ada@example.com", "created_at": "2026-01-01"}
    phone: dict[str, Any] = {kind_key: kind, key: "+61 491 570 006", "created_at": "2026-01-01"}
    if status and key != "value":  # an answer with a value has its consent elsewhere
        phone["channels"] = {"sms": {"status": status}}
    points = [phone, email] if is_first else [email, phone]

    (person,) = _validate(_extract({"customer": {"firstname": "Ada", "lastname": "Moss", "channels": points}}))

    if "channels" in phone and status == "unsubscribed":
        assert person == "opted_out"
    else:
        assert (person["phone_number"], person["email"]) == ("+61491570006", "ada@example.com")
        assert (person["first_name"], person["last_name"]) == ("Ada", "Moss")


@given(value=st.integers(1, 99_999_999).map(str) | _IDS, key=st.sampled_from(["id", "address", "number"]))
def test_an_id_beside_a_type_is_no_number(value: str, key: str) -> None:
    body = {"name": "Ada Moss", "email": "ada@example.com", "ticket": {"type": "phone", key: value}}

    assert _validate(_extract(body)) == ["invalid"]


@given(
    ids=st.lists(_IDS, min_size=3, max_size=3, unique=True),
    front=st.sampled_from(["form-field-", "field_", "nf-field-"]),
)
def test_a_key_that_says_nothing_leaves_the_decision_to_the_value(ids: list[str], front: str) -> None:
    values = ("Blue chairs", "ada@example.com", "0491 570 006")
    body = {f"{front}{one}": value for one, value in zip(ids, values, strict=True)}

    (person,) = _validate(_extract({"form_id": "12", **body}))

    assert (person["phone_number"], person["email"]) == ("+61491570006", "ada@example.com")
    assert person.get("first_name", "") != "Blue"


@pytest.mark.parametrize("key", ["form-field-fax", "form_name", "field_invoice", "nf-field-order", "field-12-fax"])
def test_a_key_that_says_what_else_it_is_stays_closed(key: str) -> None:
    assert _validate(_extract({"email": "ada@example.com", key: "0491 570 006"})) == ["invalid"]


_LEAVING = ["unsubscribe", "contact.archived", "consent.voided", "contact_left_list", "opt_out", "contact.deleted"]


@pytest.mark.parametrize("event", _LEAVING)
@pytest.mark.parametrize("key", ["event", "type", "action"])
@pytest.mark.parametrize("wrapper", ["", "events", "records"])
@pytest.mark.parametrize("place", ["contact", "data", "contacts"])
def test_an_event_of_an_array_holds_back_its_own_person_only(event: str, key: str, wrapper: str, place: str) -> None:
    people = [{"name": "Ann Moss", "phone": "0491570006"}, {"name": "Bo Lee", "phone": "0491570156"}]
    events = [
        {key: name, place: [person] if place.endswith("s") else person}
        for name, person in zip([event, "contact.created"], people, strict=True)
    ]
    for body in (events, events[::-1]):
        sent = [one for one in _validate(_extract({wrapper: body} if wrapper else body)) if isinstance(one, dict)]

        assert [one["first_name"] for one in sent] == ["Bo"]


@pytest.mark.parametrize("outer", [{"sms_consent": False}, {"optIn": "maybe"}, {"unsubscribed": True}])
def test_a_no_around_several_people_is_of_all_of_them(outer: dict[str, Any]) -> None:
    people = [{"name": "Ann Moss", "mobile": "0491570006"}, {"name": "Bo Lee", "mobile": "0491570156"}]

    assert _validate(_extract(outer | {"attendees": people})) == ["opted_out", "opted_out"]
    assert len(_extract({"sms_consent": True, "attendees": people}).people[0].fields) == 2


def test_the_name_of_a_metric_is_that_of_its_event() -> None:
    profile = {"name": "Ann Moss", "phone": "0491570006"}
    body = {"data": {"attributes": {"metric": {"name": "Unsubscribed from SMS"}, "profile": profile}}}

    assert _validate(_extract(body)) == ["opted_out"]
