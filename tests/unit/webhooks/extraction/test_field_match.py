"""One value and the field that it is matched to, with the evidence."""

import pytest

from contact_import.domain.roles import Role
from contact_import.webhooks.extraction.field_match import Evidence, SenderMapping, match_field, resolve_alias
from contact_import.webhooks.extraction.flatten import BodyValue

NO_MAPPING = SenderMapping({})


def _value(label: str, text: str, kind: str = "", parents: tuple[str, ...] = ()) -> BodyValue:
    return BodyValue((*parents, label), (label,), text, kind, parents=parents)


@pytest.mark.parametrize(
    ("value", "role", "evidence"),
    [
        (_value("Your mobile", "0491 570 006"), Role.PHONE, Evidence.NAME),
        (_value("How do we reach you?", "0491 570 006", "tel"), Role.PHONE, Evidence.DECLARED_TYPE),
        (_value("Reply", "ada@example.com", "email"), Role.EMAIL, Evidence.DECLARED_TYPE),
        (_value("What is your name?", "Ada Moss"), Role.FULL_NAME, Evidence.NAME),
        (_value("pulseName", "Ada Moss"), Role.FULL_NAME, Evidence.NAME),
        (_value("partner phone", "0491 570 006"), None, Evidence.NAME),
        (_value("phone", "ada@example.com"), Role.EMAIL, Evidence.NAME),
        (_value("name", "0491570006"), None, Evidence.NAME),
        (_value("type", "contact.unsubscribed", parents=("event",)), Role.OPT_OUT, Evidence.NAME),
        (_value("state", "active", parents=("customer",)), None, Evidence.NAME),
        (_value("year", "1990", parents=("birthday",)), Role.BIRTH_YEAR, Evidence.NAME),
        (_value("tag_ids", "12"), None, Evidence.NAME),
    ],
)
def test_a_value_has_the_role_that_its_type_or_name_gives_it(
    value: BodyValue, role: Role | None, evidence: Evidence
) -> None:
    match = match_field(value, NO_MAPPING)

    assert match
    assert (match.role, match.evidence) == (role, evidence)


@pytest.mark.parametrize(
    "value",
    [_value("cv", "cv.pdf", "file"), _value("google_key", "hush"), _value("SessionId", "hush"), _value("token", "x")],
)
def test_files_and_secrets_are_no_fields(value: BodyValue) -> None:
    assert match_field(value, NO_MAPPING) is None


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"answers.me.q1": "phone_number"}, (True, Role.PHONE)),
        ({"Q1": None}, (True, None)),
        ({"answers": "address"}, (True, Role.ADDRESS)),
        ({"answers": "phone_number"}, (False, None)),
        ({}, (False, None)),
    ],
)
def test_a_mapping_goes_by_path_or_name_and_for_an_object_to_an_address_or_nothing(
    mapping: dict[str, str | None], expected: tuple[bool, Role | None]
) -> None:
    assert SenderMapping(mapping).find_role(_value("q1", "x", parents=("answers", "me"))) == expected


def test_a_mapped_value_keeps_its_role_whatever_it_looks_like() -> None:
    match = match_field(_value("q1", "not a number"), SenderMapping({"q1": "phone_number"}))

    assert match
    assert (match.role, match.evidence) == (Role.PHONE, Evidence.MAPPING)


def test_prefixes_and_tags_of_forms_are_no_part_of_a_name() -> None:
    assert resolve_alias("q3_fullName") == "fullName"
    assert resolve_alias("Phone <span>*</span>").split() == ["Phone", "*"]
    assert resolve_alias("Address_AddressLine1") == "AddressLine1"
