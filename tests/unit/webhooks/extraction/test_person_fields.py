"""The fields of one person, chosen from everything that a delivery says."""

from contact_import.domain.roles import Role
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.person_fields import match_person_fields


def _value(path: str, text: str, kind: str = "", *, is_primary: bool = False) -> BodyValue:
    keys = tuple(path.split("."))
    return BodyValue(keys, keys[-1:], text, kind, (), keys[:-1], keys[:-1], is_primary)


def _match(*values: BodyValue, **mapping: str | None) -> list[tuple[Role | None, str]]:
    return [(field.role, field.value) for field in match_person_fields(values, mapping)[0]]


def test_a_primary_phone_comes_first() -> None:
    fields = _match(_value("phone", "0491 570 006"), _value("mobile", "0491 570 156", is_primary=True))

    assert fields == [(Role.PHONE, "0491 570 156"), (Role.PHONE, "0491 570 006")]


def test_the_only_mobile_counts_as_the_phone_and_two_do_not() -> None:
    assert _match(_value("q3", "0491 570 006")) == [(Role.PHONE, "0491 570 006")]
    assert _match(_value("q3", "0491 570 006"), _value("q4", "0491 570 156")) == [
        (None, "0491 570 006"),
        (None, "0491 570 156"),
    ]
    assert _match(_value("order_id", "0491570006")) == [(None, "0491570006")]


def test_a_mapped_field_is_the_only_one_of_its_role() -> None:
    fields = _match(_value("phone", "0491 570 006"), _value("q3", "0491 570 156"), q3="phone_number")

    assert fields == [(Role.PHONE, "0491 570 156")]


def test_a_name_is_that_of_the_record_with_the_phone() -> None:
    fields = _match(
        _value("event.name", "Winter Gala"), _value("guest.name", "Ada Moss"), _value("guest.phone", "0491 570 006")
    )

    assert fields == [(Role.FULL_NAME, "Ada Moss"), (Role.PHONE, "0491 570 006")]


def test_a_name_beside_a_first_name_is_the_last_name() -> None:
    values = (_value("first_name", "Ada"), _value("name", "Moss"), _value("phone", "0491 570 006"))

    assert (Role.LAST_NAME, "Moss") in _match(*values)


def test_the_phone_on_another_persons_parcel_is_not_used() -> None:
    fields = _match(
        _value("customer.name", "Ada Moss"),
        _value("customer.email", "ada@example.com"),
        _value("shipping.name", "Bo Lee"),
        _value("shipping.phone", "0491 570 156"),
    )

    assert Role.PHONE not in [role for role, _ in fields]


def test_the_code_of_a_part_of_an_address_is_not_repeated() -> None:
    fields = _match(
        _value("a.city", "Perth"), _value("a.province", "Western Australia"), _value("a.province_code", "WA")
    )

    assert fields == [(Role.ADDRESS, "Perth"), (Role.ADDRESS, "Western Australia")]


def test_nothing_gives_nothing() -> None:
    assert match_person_fields((), {})[0] == ()
