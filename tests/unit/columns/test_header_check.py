"""Headers that the values below them contradict."""

import pytest

from contact_import.domain.roles import Role
from tests.unit.columns.column_reader import list_headers, map_fields, read_columns


@pytest.mark.parametrize(
    ("file", "phones"),
    [
        # a header that may mean anything, and what its values make of it
        ("Name,Number\nAda,0491 570 006\nBo,0491 570 156", ["Number"]),
        ("Name,Number,Mobile\nAda,17,0491 570 006\nBo,18,0491 570 156", ["Mobile"]),
        ("Name,Customer Number,Phone\nAda,10023456,0491 570 006\nBo,10023457,0491 570 156", ["Phone"]),
        ("Name,Contact\nAda,0491 570 006\nBo,0491 570 156", ["Contact"]),
        ("Contact,Phone\nAda Moss,0491 570 006", ["Phone"]),
        ("SMS,Phone\nyes,0491 570 006\nno,0491 570 156", ["Phone"]),
        ("SMS,Name\n0491 570 006,Ada", ["SMS"]),
        ("Name,Mobile number to receive SMS\nAda,0491 570 006", ["Mobile number to receive SMS"]),
        ("Name,\nAda,0491 570 006", [""]),
        ("Are you on WhatsApp?,Phone\nyes,0491 570 006", ["Phone"]),
        ("Name,Best number to reach you on\nAda,0491 570 006\nBo,0491 570 156", ["Best number to reach you on"]),
        ("Name,How may we call you?\nAda,0491 570 006\nBo,0491 570 156", ["How may we call you?"]),
        ("Name,Default Address Phone,Phone\nAda,0491 570 006,0491 570 156", ["Phone", "Default Address Phone"]),
        # values against a header
        ("Name,Address\nAda,0491 570 006\nBo,0491 570 156", ["Address"]),
        ("Name,Email,Phone\nAda,0491 570 006,ada@example.com\nBo,0491 570 156,bo@example.com", ["Email"]),
        ("Name,MMERGE4\nAda,0491 570 006\nBo,0491 570 156", ["MMERGE4"]),
        ("Name,Mobile,Home,Work\nAda,,0491 570 006,7 years", ["Mobile", "Home"]),
        ("Name,Mobile,Extra\nAda,Optus,0491 570 006\nBo,Telstra,0491 570 156", ["Extra"]),
        # numbers that are none
        ("Name,Order Number\nAda,0491 570 006", []),
        ("Name,IP\nAda,10.0.0.1", []),
        ("Name,Points\nAda,131234\nBo,131235", []),
        ("Name,Joined\nAda,2024-01-31\nBo,2024-02-28", []),
        ("Name,Total\nAda,1234567.50\nBo,412345678.25", []),
        ("Name,Spouse's mobile\nAda,0491 570 006", []),
        ("Name,Fax\nAda,0491 570 006", []),
        ("Name,_mobile\nAda,0491 570 006", []),
    ],
)
def test_values_settle_which_column_holds_the_phones(file: str, phones: list[str]) -> None:
    assert list_headers(read_columns(file), Role.PHONE) == phones


@pytest.mark.parametrize(
    "file",
    [
        "Name,MMERGE4\nAda,0491 570 006",
        "Name,Customer Number\nAda,0491 570 006",
        "Name,Address\nAda,0491 570 006",
        "Name,Email\nAda,0491 570 006",
        "Name,Mobile,Extra\nAda,Optus,0491 570 006",
    ],
)
def test_a_guess_at_the_phones_is_reported(file: str) -> None:
    assert {warning.field for warning in read_columns(file).warnings} == {"phone_number"}


def test_a_mobile_column_with_lost_digits_stays_the_column_of_phones() -> None:
    assert list_headers(read_columns("Name,Mobile,Fax\nAda,6.14E+10,02 7010 0000"), Role.PHONE) == ["Mobile"]


def test_the_first_of_two_equal_headers_wins_when_its_values_are_right() -> None:
    columns = read_columns("name,Name,email,Email,phone\nAda,ada@example.com,ada@example.com,0491,0491 570 006")

    assert columns.role_indexes[Role.FULL_NAME] == (0,)
    assert columns.role_indexes[Role.EMAIL] == (2,)


def test_an_order_number_under_name_gives_way_to_the_billing_name() -> None:
    columns = read_columns("Name,Billing Name,Billing Phone\n#1001,Ada Moss,0491 570 006\n#1002,Bo Lee,0491 570 156")

    assert list_headers(columns, Role.FULL_NAME) == ["Billing Name"]


@pytest.mark.parametrize("answers", [("Opted in", "Opted out"), ("Subscribed", "Unsubscribed"), ("yes", "no thanks")])
def test_answers_under_sms_are_consent_in_other_words_too(answers: tuple[str, str]) -> None:
    columns = read_columns(f"SMS,Mobile\n{answers[0]},0491 570 006\n{answers[1]},0491 570 156")

    assert map_fields(columns) == {"SMS": "consent", "Mobile": "phone_number"}


@pytest.mark.parametrize(
    ("header", "role"), [("SMS", Role.CONSENT), ("SMS Einwilligung", Role.CONSENT), ("SMS gesperrt", Role.OPT_OUT)]
)
def test_yes_and_no_under_sms_is_consent(header: str, role: Role) -> None:
    columns = read_columns(f"{header},Mobile\nYes,0491 570 006\nNo,0491 570 156")

    assert map_fields(columns) == {header: "consent", "Mobile": "phone_number"}
    assert list_headers(columns, role) == [header]


def test_a_job_title_says_nothing_about_the_gender() -> None:
    assert map_fields(read_columns("Title,Mobile\nDirector,0491 570 006"))["Title"] is None
    assert map_fields(read_columns("Title,Mobile\nMrs,0491 570 006"))["Title"] == "gender"


def test_a_salutation_is_one_whatever_is_below_the_people() -> None:
    assert (
        map_fields(read_columns("Salutation,Mobile\nMrs,0491 570 006\nA report,\nConfidential,"))["Salutation"]
        == "gender"
    )
