"""The columns of each role, best first."""

import pytest

from contact_import.domain.roles import Role
from tests.unit.columns.column_reader import list_headers, map_fields, read_columns


def test_a_mobile_comes_before_home_and_work_and_a_fax_is_none() -> None:
    columns = read_columns(
        "Work Phone,Fax,Home Phone,Phone,Business Mobile,Mobile,Spouse Mobile,Emergency Contact Phone"
    )

    assert list_headers(columns, Role.PHONE) == ["Mobile", "Business Mobile", "Phone", "Home Phone", "Work Phone"]


def test_googles_kinds_of_phones_are_beside_their_numbers() -> None:
    columns = read_columns(
        "First Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\nAda,Fax,,Mobile,0491570006"
    )

    assert dict(columns.phone_type_indexes) == {2: 1, 4: 3}
    assert map_fields(columns)["Phone 1 - Type"] is None


@pytest.mark.parametrize(
    ("header", "deciding"),
    [
        ("Mobile,Accepts Marketing", {Role.CONSENT: ["Accepts Marketing"]}),
        (
            "Mobile,Accepts Marketing,Accepts SMS Marketing",
            {Role.CONSENT: ["Accepts Marketing", "Accepts SMS Marketing"]},
        ),
        ("Mobile,Status,SMS_BLACKLISTED", {Role.OPT_OUT: ["SMS_BLACKLISTED"], Role.STATUS: ["Status"]}),
        ("Mobile,SMS Consent,Do Not Contact", {Role.CONSENT: ["SMS Consent"], Role.OPT_OUT: ["Do Not Contact"]}),
        ("Mobile,Status", {Role.STATUS: ["Status"]}),
        ("Mobile,EMAIL_BLACKLISTED,Accepts Email Marketing,Email subscriber status,WhatsApp consent", {}),
    ],
)
def test_consent_to_sms_and_to_marketing_is_read_and_other_consent_is_not(
    header: str, deciding: dict[Role, list[str]]
) -> None:
    columns = read_columns(header)

    found = {role: list_headers(columns, role) for role in (Role.CONSENT, Role.OPT_OUT, Role.STATUS)}
    assert {role: names for role, names in found.items() if names} == deciding


def test_a_birthday_in_three_columns() -> None:
    columns = read_columns("Mobile,Birth Year,Birth Month,Birth Day\n0491570006,1990,5,14")

    assert [map_fields(columns)[f"Birth {part}"] for part in ("Year", "Month", "Day")] == ["birthday"] * 3


def test_email_and_phone_in_one_cell_are_a_phone() -> None:
    columns = read_columns("Contact,Email / Phone,Owner\nAda Moss,ada@example.com / 0491 570 006,Bo Lee")

    assert list_headers(columns, Role.PHONE) == list_headers(columns, Role.EMAIL) == ["Email / Phone"]
    assert map_fields(columns) == {"Contact": "name", "Email / Phone": "phone_number", "Owner": None}


def test_an_empty_column_gives_way_to_a_filled_one_of_the_same_role() -> None:
    columns = read_columns("Name,Your full name,Mobile\n,Ada Moss,0491570006\n,Bo Lee,0491570156")

    assert list_headers(columns, Role.FULL_NAME) == ["Your full name"]
    assert list_headers(read_columns("Name,Your full name,Mobile\nAda,,0491570006"), Role.FULL_NAME) == ["Name"]
