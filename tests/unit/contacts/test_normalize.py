"""The cells of rows to the values of Cellcast's fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.contacts.normalize import BlockWarnings, Normalizer, ValidationRules
from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.row import Row
from contact_import.fields.person_name import find_unreadable_names
from tests.unit.contacts.row_validation import TODAY, list_warnings, read_contact, validate_lines


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


def test_a_repaired_postcode_is_reported_and_a_foreign_one_left_alone() -> None:
    assert ("postal_code", "leading zero restored") in list_warnings("Mobile,Postcode", "0491570006,800")
    assert read_contact("Mobile,Postcode,Country", "+61491570006,101,Iceland")["postal_code"] == "101"


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
    assert reasons == {2: "Home Phone: a landline, not an Australian mobile", 3: "Mobile: empty"}
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
    assert find_unreadable_names(["Ann", name]) == []


_PLACEHOLDERS = (
    *(
        "NULL",
        "\\N",
        "[NULL]",
        "(null)",
        "<NA>",
        "#REF!",
        "#NAME?",
        "#ERROR!",
        "#VALUE!",
        "#DIV/0!",
        "N/A",
        "none",
        ".",
    ),
    *("Yes", "NO", "true", "False", "test", "{{first_name}}", "*|FNAME|*", "[First Name]", "%FNAME%", "12345", "???"),
    *("ann@example.com", "ann_moss", "=A2", "a#b", "0491570156", "<test lead: dummy>", "-"),
)


@given(st.sampled_from(_PLACEHOLDERS), st.sampled_from(["First Name", "Last Name", "Name"]))
def test_a_placeholder_is_no_name(cell: str, header: str) -> None:
    contact = read_contact(f"{header},Mobile", f"{cell},0491570006")

    assert not contact.keys() & {"first_name", "last_name"}


@given(st.text(st.characters(exclude_categories=("L", "Cs"), exclude_characters=","), max_size=12))
def test_no_name_without_a_letter_is_sent(cell: str) -> None:
    contact = read_contact("First Name,Last Name,Mobile", f"{cell},Moss,0491570006")

    assert any(map(str.isalpha, contact.get("first_name", "a")))


@pytest.mark.parametrize("name", ["Ann", "O'Brien", "Moss-Lee", "J.", "Moss 3rd", "Ann2", "\u738b", "D\u2019Arcy"])
def test_a_name_of_letters_is_one(name: str) -> None:
    assert read_contact("First Name,Mobile", f"{name},0491570006")["first_name"] == name


@pytest.mark.parametrize("cell", ["{{first_name}}", "[NULL]", "#REF!", "\\N", "Ann#"])
def test_a_name_that_is_left_out_is_reported(cell: str) -> None:
    warnings = list_warnings("First Name,Last Name,Mobile", f"{cell},Moss,0491570006")

    assert warnings == [("first_name", "not a name, so it was left out")]


@pytest.mark.parametrize("cell", ["", " ", "-", "--"])
def test_an_empty_name_is_not_reported(cell: str) -> None:
    assert not list_warnings("First Name,Last Name,Mobile", f"{cell},Moss,0491570006")


def test_a_name_in_the_order_of_a_vcard_is_split() -> None:
    contact = read_contact("Name,Mobile", "Moss;Ann;;;,0491570006")

    assert (contact["first_name"], contact["last_name"]) == ("Ann", "Moss")


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Name,Country Code,Area Code,Mobile", "Ann,61,491,570006"),
        ("Name,MobileCountryCode,MobileAreaCode,MobileNumber", "Ann,61,0491,570006"),
        ("Name,Dial Code,Mobile", "Ann,+61,491570006"),
        ("Name,Mobile,Country", "Ann,0491570006,Australia"),
        ("Name,Mobile,Country", "Ann,+61491570006,Belgium"),
        ("Area Code,Phone,Mobile Country Code,Mobile", "02,5550 1234,61,491570006"),
    ],
)
def test_the_codes_and_the_country_of_a_row_are_part_of_its_number(header: str, line: str) -> None:
    assert read_contact(header, line)["phone_number"] == "+61491570006"


@given(
    st.sampled_from(["Country", "Default Address Country Code", "Dial Code", "Mobile Country Code", "Billing Country"]),
    st.sampled_from(["BE", "Belgium", "+32", "NZ", "Nederland", "USA", "France (+33)", "Wakanda"]),
    st.sampled_from(["0491570006", "491570006", "0491 57 00 06", "+0491570006", "61491570006", "$491570006"]),
)
def test_a_number_in_the_row_of_another_country_is_never_sent_as_australian(
    header: str, country: str, number: str
) -> None:
    results = validate_lines(f"Name,{header},Mobile", f"Bo,{country},{number}", "Ann,AU,0491570156")

    assert [isinstance(result, Contact) for result in results] == [False, True]
