"""A contact of a file comes from the columns of one record, whatever the others are called."""

from string import ascii_lowercase

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.columns.header_match import match_role
from contact_import.columns.header_words import EXCLUDED_WORDS
from contact_import.columns.records.column_records import find_foreign_phones
from contact_import.columns.records.owner import Standing, classify_owner, split_owner
from contact_import.columns.records.owner_words import RESPONSIBLE_WORDS
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.fields.consent.header import classify_consent_header
from tests.unit.columns.column_reader import list_headers, parse_rows, read_columns
from tests.unit.contacts.row_validation import validate_lines

OWN_PHONE, OTHER_PHONE = "0491570006", "0491570156"
OWN = {"First Name": "Ann", "Last Name": "Moss", "Date of Birth": "1990-05-14", "Email": "ann@example.com"}

words = st.text(ascii_lowercase, min_size=3, max_size=9)
# `Remove Mobile` asks whether to remove somebody: it names no owner.
owners = (st.lists(words, min_size=1, max_size=2).map(" ".join) | st.sampled_from(sorted(EXCLUDED_WORDS))).filter(
    lambda owner: classify_consent_header((*owner.split(), "mobile")) is None
)


def _is_someone_else(owner: str) -> bool:
    return (
        match_role(owner) is None
        and split_owner(f"{owner} Mobile").owner != ()
        and classify_owner(split_owner(f"{owner} Mobile").owner) is Standing.OTHER
    )


def _read_contacts(*rows: dict[str, str]) -> list[dict[str, str]]:
    results = validate_lines(",".join(rows[0]), *(",".join(row.values()) for row in rows))
    return [dict(zip(CONTACT_FIELDS, one.values, strict=True)) for one in results if isinstance(one, Contact)]


@given(owners, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_no_other_persons_number_is_sent(owner: str, random: object, has_own: bool, has_name: bool) -> None:
    assume(_is_someone_else(owner))
    other = {f"{owner} Mobile": OTHER_PHONE, f"{owner} Email": "bo@example.com"}
    row = OWN | {"Mobile": OWN_PHONE if has_own else ""} | other | ({f"{owner} Name": "Bo Lee"} if has_name else {})
    headers = list(row)
    random.shuffle(headers)  # type: ignore[attr-defined]
    another = dict.fromkeys(row, "") | {"First Name": "Kit", "Mobile": "0491574632"}

    contacts = _read_contacts(*({header: one[header] for header in headers} for one in (row, another)))

    sent = [contact for contact in contacts if contact["first_name"] != "Kit"]
    assert [contact["phone_number"] for contact in sent] == (["+61491570006"] if has_own else [])
    assert all((contact["first_name"], contact["email"]) == ("Ann", "ann@example.com") for contact in sent)


_LETTERS_ONLY = owners.filter(lambda owner: owner.isalpha() and len(owner) > 3)


@given(
    _LETTERS_ONLY,
    st.sampled_from(["{}{} mobile", "{}{}_phone", "{}{}Mobile", "{}_{}_phone", "Mobile ({} {})", "phone_{}{}"]),
    st.integers(1, 99),
)
def test_a_numbered_owner_is_someone_else_however_it_is_written(owner: str, form: str, number: int) -> None:
    assume(_is_someone_else(owner) and not {"number", "type"} & {owner})
    other = {form.format(owner, number): OTHER_PHONE}

    contacts = _read_contacts(OWN | {"Mobile": OWN_PHONE} | other, OWN | {"Mobile": ""} | other)

    assert [contact["phone_number"] for contact in contacts] == ["+61491570006"]


@pytest.mark.parametrize("header", ["Contact2 mobile", "guest_2_phone", "Attendee 3 Mobile", "passenger4Phone"])
@pytest.mark.parametrize("has_name", [True, False])
def test_a_further_guest_is_a_contact_under_the_own_name_only(header: str, has_name: bool) -> None:
    name = header.replace("mobile", "name").replace("Mobile", "Name").replace("phone", "name").replace("Phone", "Name")
    other = {header: OTHER_PHONE} | ({name: "Bo Lee"} if has_name else {})

    contacts = _read_contacts(OWN | {"Mobile": OWN_PHONE} | dict.fromkeys(other, ""), OWN | {"Mobile": ""} | other)

    assert [one["first_name"] for one in contacts] == (["Ann", "Bo"] if has_name else ["Ann"])


def test_a_label_behind_the_only_phone_is_no_owner() -> None:
    (contact,) = _read_contacts(OWN | {"Mobile (Sydney office)": OWN_PHONE})

    assert contact["phone_number"] == "+61491570006"


@given(st.sampled_from(sorted(RESPONSIBLE_WORDS - {"holder", "p1", "p2"})), st.sampled_from(["", " 1"]), st.booleans())
def test_a_parents_number_never_goes_with_the_childs_name_or_birthday(owner: str, number: str, has_name: bool) -> None:
    parent = {f"{owner}{number} Mobile": OTHER_PHONE} | ({f"{owner}{number} Name": "Bo Lee"} if has_name else {})

    contacts = _read_contacts(OWN | parent)

    # Without a name the parent is not the contact: the one who has a name has no phone.
    assert [(one["first_name"], one["birthday"], one["phone_number"]) for one in contacts] == (
        [("Bo", "", "+61491570156")] if has_name else []
    )


@given(st.sampled_from(sorted(RESPONSIBLE_WORDS - {"holder", "p1", "p2"})))
def test_parents_are_the_contacts_where_every_person_of_the_file_is_one(owner: str) -> None:
    (contact,) = _read_contacts({"Score": "12", f"{owner} Mobile": OTHER_PHONE})

    assert (contact["first_name"], contact["phone_number"]) == ("", "+61491570156")


@given(owners)
def test_where_all_are_someone_else_they_are_the_contacts(owner: str) -> None:
    assume(_is_someone_else(owner))

    (contact,) = _read_contacts({"Pet Name": "Rex", f"{owner} First Name": "Bo", f"{owner} Mobile": OTHER_PHONE})

    assert (contact["first_name"], contact["phone_number"]) == ("Bo", "+61491570156")


@pytest.mark.parametrize(
    ("header", "line", "name"),
    [
        ("Billing Name,Billing Phone,Shipping Name,Shipping Phone", "Ed Quo,,Quo Ed,0491570156", "Ed"),
        ("Billing Name,Billing Phone,Shipping Name,Shipping Phone", "Ed Quo,,Bo Lee,0491570156", None),
        ("Buyer Name,Buyer Email,Post To Name,Post To Phone", "Ed Quo,e@example.com,Ed Quo,0491570156", "Ed"),
        ("Buyer Name,Buyer Email,Post To Name,Post To Phone", "Ed Quo,e@example.com,Bo Lee,0491570156", None),
        ("Name,Email,Mobile,Rep Email,Rep Mobile", "Ed,e@example.com,,e@example.com,0491570156", "Ed"),
    ],
)
def test_another_record_lends_its_phone_in_a_row_that_names_the_same_person(
    header: str, line: str, name: str | None
) -> None:
    rows = _read_contacts(*(dict(zip(header.split(","), row.split(","), strict=True)) for row in (line, line)))

    assert [row["first_name"] for row in rows] == ([name] if name else [])


def test_two_parties_are_not_guessed_and_the_first_is_named() -> None:
    columns = read_columns("From,From Mobile,To,To Mobile\nAnn Moss,0491570006,Lee Motors,0491570156")

    assert list_headers(columns, Role.PHONE) == []
    assert find_foreign_phones(columns.header) == ["From Mobile", "To Mobile"]


def test_a_number_of_members_or_tickets_is_no_phone_beside_one() -> None:
    columns = read_columns("Member No,Ticket,Name,Mobile\n491570110,491570313,Ann Moss,\n491570157,491570313,Bo,")

    assert list_headers(columns, Role.PHONE) == ["Mobile"]


def test_the_owner_of_a_mapped_phone_is_the_contact() -> None:
    rows = parse_rows("Name,Mobile,Owner Name,Owner Mobile\nAnn Moss,0491570006,Bo Lee,0491570156")

    columns, _ = detect_columns(rows, mapping=ColumnMapping({"Owner Mobile": Role.PHONE}, "mapping.json"))

    assert list_headers(columns, Role.PHONE) == ["Owner Mobile"]
    assert list_headers(columns, Role.FULL_NAME) == ["Owner Name"]


PLAYERS = "Title,Player First Name,Player Last Name,Player DOB,Player Mobile,Parent Name,Parent Mobile,Suburb"


def test_in_a_row_without_a_phone_of_the_contacts_a_parent_is_the_contact() -> None:
    rows = [
        "Mr,Zac,Moss,2008-05-14,0491570006,Ann Moss,0491574632,Perth",
        "Mr,Ivy,Lee,2016-05-14,,Bo Lim,0491570156,Perth",
        "Mr,Kit,Vale,2016-05-14,,,,Perth",
    ]

    results = validate_lines(PLAYERS, *rows)

    zac, bo = (dict(zip(CONTACT_FIELDS, one.values, strict=True)) for one in results if isinstance(one, Contact))
    assert (zac["first_name"], zac["birthday"], zac["phone_number"]) == ("Zac", "2008-05-14", "+61491570006")
    assert (bo["first_name"], bo["last_name"], bo["phone_number"]) == ("Bo", "Lim", "+61491570156")
    assert (bo["birthday"], bo["gender"], bo["address"]) == ("", "", "Perth")
    assert [result.row.cells for result in results] == [tuple(row.split(",")) for row in rows]


def test_the_columns_that_lend_a_phone_are_not_called_ignored() -> None:
    header = ("Player Name", "Player Mobile", "Parent Name", "Parent Mobile", "Coach Name", "Coach Mobile")
    rows = [Row(1, header), Row(2, ("Tom", "", "Ann Moss", "0491570156", "Kim", "0491570157"))]

    columns, _ = detect_columns(rows)

    assert [one.field for one in columns.columns] == ["name", "phone_number"] * 2 + [None, None]


def test_the_only_phone_of_a_file_is_not_called_ignored() -> None:
    rows = [Row(1, ("Buyer Name", "Post To Name", "Post To Phone")), Row(2, ("Ed Quo", "Ed Quo", "0491570156"))]

    columns, _ = detect_columns(rows)

    assert [one.field for one in columns.columns] == ["name", None, "phone_number"]


@pytest.mark.parametrize("word", ["Alternate", "Alternative", "Secondary"])
def test_a_second_phone_is_the_contacts_own_unless_it_has_a_name(word: str) -> None:
    own, other = f"Name,Mobile,{word} Mobile", f"Name,Mobile,{word} Name,{word} Mobile"

    (contact,) = validate_lines(own, "Ann,,0491570156")
    (outcome,) = validate_lines(other, "Ann,,Bo,0491570156")

    assert isinstance(contact, Contact)
    assert not isinstance(outcome, Contact)


@pytest.mark.parametrize(
    "header",
    [
        *("office_phone", "Office Mobile", "user_phone", "Phone (secondContact)", "Phone (altContact)"),
        *("Mobile - Alternate Contact", "phone_other_contact", "additionalContactMobile", "Backup contact phone"),
        "Second contact's mobile",
    ],
)
def test_the_only_phone_is_not_the_contacts_if_its_header_names_someone_else(header: str) -> None:
    assert _read_contacts({"Name": "Ann Moss", header: OTHER_PHONE}) == []


def test_an_office_phone_beside_a_mobile_is_the_contacts_own() -> None:
    (contact,) = _read_contacts({"Name": "Ann Moss", "Office Phone": OWN_PHONE, "Mobile": ""})

    assert contact["phone_number"] == f"+61{OWN_PHONE[1:]}"


def test_the_phone_of_an_account_with_an_email_is_the_contacts_own() -> None:
    (contact,) = _read_contacts({"user_email": "ann@example.com", "First name": "Ann", "user_phone": OWN_PHONE})

    assert (contact["first_name"], contact["phone_number"]) == ("Ann", f"+61{OWN_PHONE[1:]}")


def test_the_number_of_an_app_for_messages_is_the_contacts_own() -> None:
    (contact,) = _read_contacts({"Name": "Ann Moss", "WhatsApp number": OWN_PHONE})

    assert contact["first_name"] == "Ann"
