"""Which column of a file holds what, on files such as tools and people write them."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_import.columns.detect import Columns, detect_columns
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.domain.roles import Role
from contact_import.domain.row import Row


def _rows(text: str) -> list[Row]:
    lines = csv.reader(text.strip("\n").splitlines())
    return [Row(number, tuple(cells)) for number, cells in enumerate(lines, 1) if any(cells)]


def _read(text: str) -> Columns:
    return detect_columns(_rows(text))[0]


def _names(columns: Columns, role: Role) -> list[str]:
    return [columns.header[index] for index in columns.role_indexes.get(role, ())]


def _fields(columns: Columns) -> dict[str, str | None]:
    return {column.header: column.field for column in columns.columns}


def test_a_plain_file_is_understood_without_a_caution() -> None:
    columns, skip = detect_columns(_rows("First Name,Surname,Mobile,Notes\nAda,Moss,0491 570 006,called twice"))

    assert (columns.header_line, skip, columns.warnings) == (1, 1, ())
    assert _fields(columns) == {
        "First Name": "first_name",
        "Surname": "last_name",
        "Mobile": "phone_number",
        "Notes": None,
    }


def test_a_file_of_a_header_only_is_understood() -> None:
    columns, skip = detect_columns(_rows("Name,Mobile"))

    assert (columns.header_line, skip) == (1, 1)
    assert _names(columns, Role.PHONE) == ["Mobile"]


def test_a_mobile_comes_before_home_and_work_and_a_fax_is_none() -> None:
    columns = _read("Work Phone,Fax,Home Phone,Phone,Business Mobile,Mobile,Spouse Mobile,Emergency Contact Phone")

    assert _names(columns, Role.PHONE) == ["Mobile", "Business Mobile", "Phone", "Home Phone", "Work Phone"]


def test_googles_kinds_of_phones_stand_beside_their_numbers() -> None:
    columns = _read(
        "First Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\nAda,Fax,,Mobile,0491570006"
    )

    assert dict(columns.phone_type_indexes) == {2: 1, 4: 3}
    assert _fields(columns)["Phone 1 - Type"] is None


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
    assert _names(_read(file), Role.PHONE) == phones


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
def test_a_guess_at_the_phones_is_told(file: str) -> None:
    assert {caution.field for caution in _read(file).warnings} == {"phone_number"}


def test_a_mobile_column_with_lost_digits_stays_the_column_of_phones() -> None:
    assert _names(_read("Name,Mobile,Fax\nAda,6.14E+10,02 7010 0000"), Role.PHONE) == ["Mobile"]


def test_the_first_of_two_equal_headers_wins_when_its_values_are_right() -> None:
    columns = _read("name,Name,email,Email,phone\nAda,ada@example.com,ada@example.com,0491,0491 570 006")

    assert columns.role_indexes[Role.FULL_NAME] == (0,)
    assert columns.role_indexes[Role.EMAIL] == (2,)


def test_an_order_number_under_name_gives_way_to_the_billing_name() -> None:
    columns = _read("Name,Billing Name,Billing Phone\n#1001,Ada Moss,0491 570 006\n#1002,Bo Lee,0491 570 156")

    assert _names(columns, Role.FULL_NAME) == ["Billing Name"]


@pytest.mark.parametrize(
    ("file", "first", "last", "full"),
    [
        ("Vorname,Name,Handy\nAda,Moos,0491570006", ["Vorname"], ["Name"], []),
        ("Prénom,Nom,Portable\nAda,Moos,0491570006", ["Prénom"], ["Nom"], []),
        ("Name,Last name,Mobile\nAda,Moss,0491570006", [], ["Last name"], ["Name"]),
        ("First; what is your name?,Mobile\nAda Moss,0491570006", [], [], ["First; what is your name?"]),
        ("First Name,Name,Mobile\nAda,Ada Moss,0491570006", ["First Name"], [], ["Name"]),
        ("Nombre,Móvil\nAda Moss,0491570006\nBo Lee,0491570156", [], [], ["Nombre"]),
        ("Nombre,Apellidos,Móvil\nAda,Moss,0491570006", ["Nombre"], ["Apellidos"], []),
    ],
)
def test_names_in_one_or_in_two_columns(file: str, first: list[str], last: list[str], full: list[str]) -> None:
    columns = _read(file)

    assert [_names(columns, role) for role in (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)] == [first, last, full]


@pytest.mark.parametrize(
    ("header", "deciding"),
    [
        ("Mobile,Accepts Marketing", {Role.CONSENT: ["Accepts Marketing"]}),
        ("Mobile,Accepts Marketing,Accepts SMS Marketing", {Role.CONSENT: ["Accepts SMS Marketing"]}),
        ("Mobile,Status,SMS_BLACKLISTED", {Role.OPT_OUT: ["SMS_BLACKLISTED"]}),
        ("Mobile,SMS Consent,Do Not Contact", {Role.CONSENT: ["SMS Consent"], Role.OPT_OUT: ["Do Not Contact"]}),
        ("Mobile,Status", {Role.STATUS: ["Status"]}),
        ("Mobile,EMAIL_BLACKLISTED,Accepts Email Marketing,Email subscriber status,WhatsApp consent", {}),
    ],
)
def test_consent_to_sms_decides_and_other_consent_does_not(header: str, deciding: dict[Role, list[str]]) -> None:
    columns = _read(header)

    found = {role: _names(columns, role) for role in (Role.CONSENT, Role.OPT_OUT, Role.STATUS)}
    assert {role: names for role, names in found.items() if names} == deciding


@pytest.mark.parametrize("answers", [("Opted in", "Opted out"), ("Subscribed", "Unsubscribed"), ("yes", "no thanks")])
def test_answers_under_sms_are_consent_in_other_words_too(answers: tuple[str, str]) -> None:
    columns = _read(f"SMS,Mobile\n{answers[0]},0491 570 006\n{answers[1]},0491 570 156")

    assert _fields(columns) == {"SMS": "consent", "Mobile": "phone_number"}


@pytest.mark.parametrize(
    ("header", "role"), [("SMS", Role.CONSENT), ("SMS Einwilligung", Role.CONSENT), ("SMS gesperrt", Role.OPT_OUT)]
)
def test_yes_and_no_under_sms_is_consent(header: str, role: Role) -> None:
    columns = _read(f"{header},Mobile\nYes,0491 570 006\nNo,0491 570 156")

    assert _fields(columns) == {header: "consent", "Mobile": "phone_number"}
    assert _names(columns, role) == [header]


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (
            "Country,State,Suburb,Address 2,Address 1,Postcode",
            ["Address 1", "Address 2", "Suburb", "State", "Country"],
        ),
        ("Shipping City,Shipping Street,Billing Street,Billing City", ["Billing Street", "Billing City"]),
        ("Work Street,Home Street,Work City,Home City", ["Home Street", "Home City"]),
        ("Business Street,Business City", ["Business Street", "Business City"]),
        ("Home Address,Home Address 2,Home City", ["Home Address", "Home Address 2", "Home City"]),
        ("Address 1 - Street,Address 1 - City,Address 2 - Street", ["Address 1 - Street", "Address 1 - City"]),
        ("Default Address Address1,Default Address City,Default Address Country Code", None),
        ("State,Country", []),
    ],
)
def test_one_address_is_put_together_in_its_order(header: str, address: list[str] | None) -> None:
    everything = header.split(",")
    cells = ",".join("abcdefgh"[: len(everything)])
    columns = _read(f"Name,Mobile,{header}\nAda,0491 570 006,{cells}")

    found = [columns.header[index] for index in columns.role_indexes.get(Role.ADDRESS, ())]
    assert found == (everything if address is None else address)


@pytest.mark.parametrize(
    ("cells", "address"),
    [
        (("1 High St, Perth", "", ""), ["Home Address"]),
        (("1 High St", "1 High St", "Perth"), ["Home Street", "Home City"]),
    ],
)
def test_a_whole_address_and_its_parts_are_never_both_sent(cells: tuple[str, ...], address: list[str]) -> None:
    header = Row(1, ("Mobile", "Home Address", "Home Street", "Home City"))

    columns, _ = detect_columns([header, Row(2, ("0491 570 006", *cells))])

    assert _names(columns, Role.ADDRESS) == address


def test_the_postcode_is_of_the_same_address() -> None:
    columns = _read(
        "Mobile,Business Street,Business Postal Code,Home Street,Home Postal Code\n0491570006,a,3000,b,6000"
    )

    assert _names(columns, Role.POSTAL_CODE) == ["Home Postal Code"]


def test_the_postcode_is_of_the_same_address_in_french() -> None:
    columns = _read(
        "Tél. mobile,Rue (bureau),Code postal (bureau),Rue (domicile),Code postal (domicile)\n,a,3000,b,6000"
    )

    assert _names(columns, Role.POSTAL_CODE) == ["Code postal (domicile)"]


def test_parts_of_two_addresses_with_the_same_headers_are_not_mixed() -> None:
    columns = _read("Mobile,Addr 1 - Line 1,- City,Addr 2 - Line 1,- City\n0491570006,1 High St,Perth,2 Low Rd,Hobart")

    assert columns.role_indexes[Role.ADDRESS] == (1, 2)


def test_a_birthday_in_three_columns() -> None:
    columns = _read("Mobile,Birth Year,Birth Month,Birth Day\n0491570006,1990,5,14")

    assert [_fields(columns)[f"Birth {part}"] for part in ("Year", "Month", "Day")] == ["birthday"] * 3


def test_a_buyer_does_not_stand_in_for_the_attendee() -> None:
    columns = _read("Buyer First Name,Buyer Email,First Name,Email,Mobile\nBo,bo@example.com,Ada,,0491 570 006")

    assert _names(columns, Role.FIRST_NAME) == ["First Name"]
    assert _names(columns, Role.EMAIL) == ["Email"]


def test_a_job_title_says_nothing_about_the_gender() -> None:
    assert _fields(_read("Title,Mobile\nDirector,0491 570 006"))["Title"] is None
    assert _fields(_read("Title,Mobile\nMrs,0491 570 006"))["Title"] == "gender"


def test_a_salutation_is_one_whatever_stands_below_the_people() -> None:
    assert _fields(_read("Salutation,Mobile\nMrs,0491 570 006\nA report,\nConfidential,"))["Salutation"] == "gender"


def test_email_and_phone_in_one_cell_are_a_phone() -> None:
    columns = _read("Contact,Email / Phone,Owner\nAda Moss,ada@example.com / 0491 570 006,Bo Lee")

    assert _names(columns, Role.PHONE) == _names(columns, Role.EMAIL) == ["Email / Phone"]
    assert _fields(columns) == {"Contact": "name", "Email / Phone": "phone_number", "Owner": None}


# Where the header stands


@pytest.mark.parametrize(
    ("file", "line", "skip"),
    [
        ("Customer list June 2026\n\nName,Mobile\nAda,0491 570 006", 3, 2),
        ("Report,,\nCreated by,bo@example.com,\nName,Mobile,Suburb\nAda,0491 570 006,Perth", 3, 3),
        ("Contact list,,\n,,\nName,Mobile,Suburb\nAda,0491 570 006,Perth", 3, 2),
        ("Please check each mobile number before you call\nName,Mobile\nAda,0491 570 006", 2, 2),
        ("Name,Mobile\nNAME,MOBILE\nAda,0491 570 006", 1, 2),
        ("姓名,电话\n王 小明,0491 570 006", 1, 1),
        ("Name,Mobile\n,\nAda,", 1, 1),
        ("Contact list\n姓名,电话\n王 小明,0491 570 006", 2, 2),
        ("Numbers\n0491 570 006", 1, 1),
        ("Name,Mobile,Email\nName,Mobile,email@example.com", 1, 1),
        ("Name,Mobile (0400 000 000)\nAda,0491 570 006", 1, 1),
    ],
)
def test_the_header_is_found_below_a_title(file: str, line: int, skip: int) -> None:
    columns, skipped = detect_columns(_rows(file))

    assert (columns.header_line, skipped) == (line, skip)
    assert Role.PHONE in columns.role_indexes


@pytest.mark.parametrize(
    "file",
    [
        "Ada,Moss,0491 570 006,ada@example.com",
        "Ada,Moss,0491 570 006\nBo,Lee,0491 570 156",
        "Ada,Client,0491 570 006\nBo,Client,\nCy,Client,0491 570 157",
        "Ada,Moss,0491 570 006\nFirst,Last,\nMobile,Phone,",
        "Ada,Moss,\nBo,Lee,0491 570 156",
        "Ada,Mobile,\nBo,Mobile,0491 570 156",
        "Ada,Client,\nBo,Guest,0491 570 156",
        "0491 570 006\n0491 570 156",
        "0491 570 006,Ada\nMobile,Name",
        "Mobile Mary,0491 570 006\nBo,0491 570 156",
    ],
)
def test_no_person_is_taken_for_a_header(file: str) -> None:
    columns, skip = detect_columns(_rows(file))

    assert (columns.header_line, skip) == (None, 0)
    assert Role.PHONE in columns.role_indexes
    assert all(cell not in "".join(columns.header) for cell in ("Ada", "0491"))
    assert [caution.reason for caution in columns.warnings] == [
        "the file has no header: its columns were recognised by their values"
    ]


@pytest.mark.parametrize(
    ("file", "header"),
    [
        ("Ada,Moss,0491 570 006,ada@example.com", ("first_name", "last_name", "phone_number", "email")),
        ("7,Ada Moss,2024-01-31,0491 570 006,6000", ("column 1", "full_name", "column 3", "phone_number", "column 5")),
    ],
)
def test_a_file_without_a_header_is_read_by_its_values(file: str, header: tuple[str, ...]) -> None:
    columns = _read(file)

    assert columns.header == header


def test_an_unknown_language_is_read_by_its_values_and_says_so() -> None:
    columns = _read("Imię i nazw.,Kontakt,Poczta\nAda Moss,0491 570 006,ada@example.com")

    assert _fields(columns) == {"Imię i nazw.": "name", "Kontakt": "phone_number", "Poczta": "email"}
    assert {caution.field for caution in columns.warnings} == {"name", "phone_number", "email"}


SURVEY = "Respondent ID,Collector ID,Start Date,Email Address,First Name,"


@pytest.mark.parametrize(
    ("lines", "skip", "phone", "name"),
    [
        (
            [
                f"{SURVEY}What is your name?,Your mobile number?,Why did you come?,",
                ",,,,,Open-Ended Response,Open-Ended Response,Response,Other (please specify)",
                "1001,77,05/03/2026,,,Ann Moss,0491570006,Friends,",
            ],
            2,
            ["Your mobile number?"],
            ["What is your name?"],
        ),
        (
            [
                f"{SURVEY}Your details,,,Reach you by,",
                ",,,,,Name,Phone Number,City/Town,Phone,Email",
                "1001,77,05/03/2026,,,Ann Moss,0491570006,Perth,Phone,",
                "1002,77,05/03/2026,,,Bob Lee,0491570156,Perth,,Email",
            ],
            2,
            ["Phone Number"],
            ["Name"],
        ),
        (
            [
                "StartDate,Q1,Q2",
                "Start Date,What is your name?,Your mobile number?",
                '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"',
                "2026-03-05,Ann Moss,0491570006",
            ],
            3,
            ["Your mobile number?"],
            ["What is your name?"],
        ),
    ],
)
def test_the_second_line_of_a_surveys_header_is_no_person(
    lines: list[str], skip: int, phone: list[str], name: list[str]
) -> None:
    columns, skipped = detect_columns(_rows("\n".join(lines)))

    assert (skipped, _names(columns, Role.PHONE), _names(columns, Role.FULL_NAME)) == (skip, phone, name)


@pytest.mark.parametrize(
    "second",
    [
        ",,,,,Ann Moss,",  # somebody without a number is a row that fails
        "1001,77,,,,Response,",
        ",,,,,Response,0491570006",
    ],
)
def test_a_row_that_may_be_a_person_is_no_second_line_of_a_header(second: str) -> None:
    _, skip = detect_columns(
        _rows(f"{SURVEY}What is your name?,Your mobile number?\n{second}\n1002,77,,,,Bob,0491570156")
    )

    assert skip == 1


def test_a_mapping_can_take_the_place_of_the_table() -> None:
    mapping = ColumnMapping({"Kenn": Role.LAST_NAME}, "mapping.json")

    columns, _ = detect_columns(_rows("Kenn,Mobile\nMoss,0491 570 006"), mapping=mapping)

    assert _names(columns, Role.LAST_NAME) == ["Kenn"]


_CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "Name", "Mobile", "Email / Phone", "_row", "0491 570 006", "a@example.com", "Yes", "6.14E+10"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_CELLS, max_size=6), max_size=8), st.sampled_from(["AU", "US", "DE"]))
def test_whatever_stands_in_a_file_is_understood_somehow(cells: list[list[str]], region: str) -> None:
    rows = [Row(number, tuple(row)) for number, row in enumerate(cells, 1)]

    columns, skip = detect_columns(rows, region=region)

    assert 0 <= skip <= len(rows)
    assert columns.header_line is None or columns.header == rows[skip - 1].cells or skip > 1
    assert all(0 <= index < len(columns.columns) for places in columns.role_indexes.values() for index in places)
    assert not any(column.field for column in columns.columns if column.header.startswith("_"))


_FILE = (
    (
        "Notes",
        "Mobile",
        "Work Phone",
        "First Name",
        "Last Name",
        "Email",
        "Suburb",
        "Street",
        "Status",
        "Title",
        "DOB",
        "Zip",
    ),
    (
        "-",
        "0491 570 006",
        "02 7010 0000",
        "Ada",
        "Moss",
        "ada@example.com",
        "Perth",
        "1 High St",
        "New",
        "Ms",
        "1/2/90",
        "6000",
    ),
    ("", "0491 570 156", "", "Bo", "Lee", "", "Cairns", "2 Low St", "", "Mr", "", "0800"),
)


@given(st.permutations(range(len(_FILE[0]))))
def test_the_order_of_the_columns_does_not_matter(order: list[int]) -> None:
    def read(places: list[int]) -> Columns:
        rows = [Row(n, tuple(row[index] for index in places)) for n, row in enumerate(_FILE, 1)]
        return detect_columns(rows)[0]

    straight, mixed = read(sorted(order)), read(order)

    assert _fields(mixed) == _fields(straight)
    assert {role: _names(mixed, role) for role in mixed.role_indexes} == {
        role: _names(straight, role) for role in straight.role_indexes
    }
