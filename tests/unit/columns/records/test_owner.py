"""Whose field a header or key names."""

import pytest

from contact_import.columns.records.owner import Standing, classify_owner, find_owned_fields, split_owner
from contact_import.domain.roles import Role


@pytest.mark.parametrize(
    ("header", "owner", "role"),
    [
        ("Mobile", (), Role.PHONE),
        ("Home Phone 2", (), Role.PHONE),
        ("E-mail 1 - Value", (), Role.EMAIL),
        ("Preferred Name", (), Role.FIRST_NAME),
        ("Mobile number to receive SMS", (), None),
        ("What is your mobile number?", (), None),
        ("So that we can reach you, your mobile", (), None),
        ("Parent 1 Mobile", ("parent", "1"), Role.PHONE),
        ("Player Date of Birth", ("player",), Role.BIRTHDAY),
        ("Participant Suburb/Town", ("participant",), Role.ADDRESS),
        ("First Name (Billing)", ("billing",), Role.FIRST_NAME),
        ("Mobile of owner", ("owner",), Role.PHONE),
        ("Emergency contact 2 mobile", ("emergency", "contact", "2"), Role.PHONE),
        ("agent__firstName", ("agent",), Role.FIRST_NAME),
        ("assigned_user.phone", ("assigned", "user"), Role.PHONE),
        ("Order Number", ("order",), None),
        ("witness2 mobile", ("witness", "2"), Role.PHONE),
        ("contact2name", ("contact", "2"), Role.FULL_NAME),
        ("guardian1_phone", ("guardian", "1"), Role.PHONE),
        ("mobile_guardian", ("guardian",), Role.PHONE),
        ("phone_mkn1", (), None),
        ("Secondary contact mobile", ("secondary", "contact"), Role.PHONE),
        ("Alternate contact number", ("contact",), None),
        ("Phone (secondContact)", ("second", "contact"), Role.PHONE),
        ("Phone (altContact)", ("alt", "contact"), Role.PHONE),
        ("Mobile - Other contact", ("other", "contact"), Role.PHONE),
        ("phone_alternate_contact", ("alternate", "contact"), Role.PHONE),
        ("additionalContactMobile", ("additional", "contact"), Role.PHONE),
        ("office_phone", ("office",), Role.PHONE),
        ("address1", (), Role.ADDRESS),
        ("Addr 1 - Phone # 1", (), None),
        ("Addr 1 - Contact Name", ("contact",), Role.FULL_NAME),
    ],
)
def test_the_words_before_or_behind_a_field_are_its_owner(
    header: str, owner: tuple[str, ...], role: Role | None
) -> None:
    assert split_owner(header)[:2] == (owner, role)


@pytest.mark.parametrize(
    ("owner", "standing"),
    [
        ("", Standing.MAIN),
        ("booking", Standing.MAIN),
        ("ticket data attendee", Standing.SUBJECT),
        ("billing contact", Standing.PAYER),
        ("account holder", Standing.RESPONSIBLE),
        ("parent or guardian 1", Standing.RESPONSIBLE),
        ("post to", Standing.RECIPIENT),
        ("to", Standing.OTHER),
        ("guest 1", Standing.SUBJECT),
        ("guest 2", Standing.RESPONSIBLE),
        ("staff member", Standing.OTHER),
        ("emergency contact", Standing.OTHER),
        ("zookeeper", Standing.OTHER),
    ],
)
def test_an_owner_in_unknown_words_is_someone_else(owner: str, standing: Standing) -> None:
    assert classify_owner(tuple(owner.split())) is standing


def test_a_column_that_is_nothing_but_an_owner_has_its_name() -> None:
    fields = find_owned_fields(["Assigned To", "Assigned To Mobile", "Name"])

    assert fields[0][:2] == (("assigned", "to"), Role.FULL_NAME)


def test_words_behind_a_field_are_an_owner_where_a_second_column_has_them() -> None:
    assert find_owned_fields(["Mobile (with prefixx)", "Name"])[0].owner == ()
    assert [field.owner for field in find_owned_fields(["Mobile (Bosun)", "Name (Bosun)"])] == [("bosun",)] * 2
