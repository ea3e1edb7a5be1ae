"""The cells of rows to the values of Cellcast's fields."""

import pytest

from contact_import.columns.detect import detect_columns
from contact_import.contacts.normalize import BlockWarnings, Normalizer, ValidationRules
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.row import Row
from contact_import.fields.person_name import is_readable
from tests.unit.contacts.row_validation import TODAY, list_warnings, read_contact


@pytest.mark.parametrize(
    ("header", "line", "name"),
    [
        ("Name,Last name,Mobile", "Ada,Moss,0491570006", ("Ada", "Moss")),
        ("Name,Last name,Mobile", "Ada Moss,Moss,0491570006", ("Ada", "Moss")),
        ("Name,Last name,Mobile", ",Moss,0491570006", (None, "Moss")),
        ("First name,Display name,Mobile", "Ada,Ada Moss,0491570006", ("Ada", None)),
    ],
)
def test_a_name_beside_a_last_name_is_the_first(header: str, line: str, name: tuple[str | None, str | None]) -> None:
    contact = read_contact(header, line)

    assert (contact.get("first_name"), contact.get("last_name")) == name


ORDERS = (
    "First Name,Last Name,Email,Billing First Name,Billing Last Name,Billing Phone,"
    "Shipping First Name,Shipping Last Name"
)


@pytest.mark.parametrize(
    ("header", "line", "name"),
    [
        (ORDERS, ",,a@example.com,Ann,Moss,0491570006,Bob,Lee", ("Ann", "Moss")),
        (ORDERS, "N/A, ,a@example.com,Ann,Moss,0491570006,,", ("Ann", "Moss")),
        (ORDERS, "Ada,Hill,a@example.com,Ann,Moss,0491570006,Bob,Lee", ("Ann", "Moss")),
        (ORDERS, ",Hill,a@example.com,Ann,Moss,0491570006,Bob,Lee", ("Ann", "Moss")),
        (
            "First Name,Last Name,First Name (Billing),Last Name (Billing),Phone",
            ",,Ann,Moss,0491570006",
            ("Ann", "Moss"),
        ),
        ("First Name,Last Name,Billing Name,Phone", ",Hill,Ann Moss,0491570006", (None, "Hill")),
        ("Name,Billing First Name,Billing Last Name,Phone", "Ada Hill,Ann,Moss,0491570006", ("Ada", "Hill")),
        ("Name,Billing First Name,Billing Last Name,Phone", ",Ann,Moss,0491570006", ("Ann", "Moss")),
        ("Attendee First Name,Billing First Name,Phone", ",Ann,0491570006", (None, None)),
    ],
)
def test_the_name_on_the_bill_is_for_a_row_without_any_other(
    header: str, line: str, name: tuple[str | None, str | None]
) -> None:
    contact = read_contact(header, line)

    assert (contact.get("first_name"), contact.get("last_name")) == name
    assert contact["phone_number"] == "+61491570006"


def test_empty_words_are_empty_and_a_short_row_is_padded() -> None:
    assert read_contact("Mobile,First Name,Email", "0491570006,NULL") == {"phone_number": "+61491570006"}


def test_a_repaired_postcode_is_told_and_a_foreign_one_left_alone() -> None:
    assert ("postal_code", "the zero in front was given back") in list_warnings("Mobile,Postcode", "0491570006,800")
    assert read_contact("Mobile,Postcode,Country", "0491570006,101,Iceland")["postal_code"] == "101"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Dr. Maria van der Berg", "Maria", "van der Berg"),
        ("Mary Ann Evans", "Mary Ann", "Evans"),
        ("Madonna", "Madonna", None),
    ],
)
def test_a_full_name_is_split(name: str, first: str, last: str | None) -> None:
    contact = read_contact("Name,Mobile", f"{name},0491570006")

    assert (contact["first_name"], contact.get("last_name")) == (first, last)


@pytest.mark.parametrize(
    ("cell", "birthday", "warnings"),
    [
        ("17/12/1992", "1992-12-17", []),
        ("01/02/1990", "1990-02-01", ["day and month could be either; read as day first"]),
        ("31/02/1990", None, ["not a date"]),
        ("(blank)", None, []),
        ("NaN", None, []),
    ],
)
def test_a_birthday_that_is_not_certain_has_a_warning(cell: str, birthday: str | None, warnings: list[str]) -> None:
    contact = read_contact("Mobile,DOB", f"0491570006,{cell}")

    assert contact.get("birthday") == birthday
    assert [reason for _, reason in list_warnings("Mobile,DOB", f"0491570006,{cell}")] == warnings


def test_a_birthday_in_one_cell_comes_before_one_in_three() -> None:
    header = "Mobile,Birthday,Birth Year,Birth Month,Birth Day"

    assert read_contact(header, "0491570006,,1970,11,15")["birthday"] == "1970-11-15"
    assert read_contact(header, "0491570006,17/12/1992,1970,11,15")["birthday"] == "1992-12-17"


def test_the_first_e_mail_column_with_an_address_counts() -> None:
    header = "Mobile,Email,Secondary Email"

    assert read_contact(header, "0491570006,,bo@example.com")["email"] == "bo@example.com"
    assert list_warnings(header, "0491570006,junk,bo@example.com") == []
    assert list_warnings(header, "0491570006,junk,") == [("email", "not an e-mail address")]


def test_a_mobile_in_a_later_column_counts_where_the_best_column_has_none() -> None:
    columns, _ = detect_columns([Row(1, ("Mobile", "Home Phone"))])
    rows = [Row(2, ("0491 570 006", "")), Row(3, ("", "0491 570 156")), Row(4, ("", "(02) 5550 1234")), Row(5, ())]
    warnings = BlockWarnings()

    e164s, reasons = Normalizer(ValidationRules(TODAY)).normalize_phones(RowBlock(rows, columns), warnings)

    assert e164s == ["+61491570006", "+61491570156", "", ""]
    assert reasons == {2: "phone_number: a landline, not an Australian mobile", 3: "phone_number: missing"}
    assert warnings == {}


def test_a_warning_is_added_to_each_of_its_rows() -> None:
    warnings = BlockWarnings()

    warnings.add([0, 2], "email", "not an e-mail address")

    warning = RowWarning("email", "not an e-mail address")
    assert dict(warnings) == {0: [warning], 2: [warning]}


@pytest.mark.parametrize("name", ["\ufffdukasz", "\u00a3ukasz", "Jos\u00c3\u00a9", "N\u0153\u2013ez \u00b1"])
def test_a_name_with_signs_of_a_wrong_encoding_is_left_out_with_a_warning(name: str) -> None:
    row = Row(2, (name, "Moss", "0491570006"))
    columns, _ = detect_columns([Row(1, ("First Name", "Last Name", "Mobile")), row])
    warnings = BlockWarnings()

    (values,) = Normalizer(ValidationRules(TODAY)).normalize(RowBlock([row], columns), ["+61491570006"], warnings)

    assert values[:2] == ("", "Moss")
    assert [warning.field for warning in warnings[0]] == ["first_name"]


@pytest.mark.parametrize(
    "name", ["Zo\u00eb", "\u0418\u0432\u0430\u043d", "O\u2019Brien", "Anne\u2013Marie", "M\u00aa", "\U0001f600"]
)
def test_a_name_in_any_script_is_kept(name: str) -> None:
    assert is_readable(name)
