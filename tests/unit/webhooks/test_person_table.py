"""People as rows of one table."""

from datetime import date

from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.outcomes import Outcome
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.webhooks.person_table import build_person_table
from tests.make_submissions import validate_people

RULES = ValidationRules(date(2026, 2, 6))


def _person(*details: tuple[str, Role | None, str]) -> Person:
    return Person(tuple(PersonField(*detail) for detail in details))


def _validate(people: tuple[Person, ...]) -> list[Contact | Outcome]:
    return validate_people(people, RULES)


def test_each_person_is_a_row_numbered_by_its_place() -> None:
    people = (
        _person(("Mobile", Role.PHONE, "0491 570 006"), ("Name", Role.FULL_NAME, "Ada Moss"), ("Note", None, "hi")),
        _person(("Tel", Role.PHONE, "12")),
        _person(("Mobile", Role.PHONE, "0491 570 006")),
    )

    columns, rows = build_person_table(people)
    ada, short, again = _validate(people)

    assert [(row.number, row.cells) for row in rows] == [
        (1, ("0491 570 006", "Ada Moss", "hi")),
        (2, ("12", "", "")),
        (3, ("0491 570 006", "", "")),
    ]
    assert [(column.header, column.field) for column in columns.columns] == [
        ("Mobile", "phone_number"),
        ("Name", "name"),
        ("Note", None),
    ]
    assert isinstance(ada, Contact)
    assert dict(zip(CONTACT_FIELDS, ada.values, strict=True))["last_name"] == "Moss"
    assert isinstance(short, Outcome)
    assert (short.row.number, short.status) == (2, "invalid")
    assert isinstance(again, Outcome)
    assert again.reason.endswith(": same number as row 1")


def test_the_order_of_a_persons_phones_is_kept_beside_other_people() -> None:
    people = (
        _person(("Work", Role.PHONE, "02 7010 1234"), ("Mobile", Role.PHONE, "0491 570 006")),
        _person(("Mobile", Role.PHONE, "0491 570 156"), ("Work", Role.PHONE, "0491 570 157")),
    )

    assert [one.phone_number for one in _validate(people) if isinstance(one, Contact)] == [
        "+61491570006",
        "+61491570156",
    ]


def test_a_name_on_a_bill_takes_no_one_elses_name_away() -> None:
    people = (
        _person(("Billing First Name", Role.FIRST_NAME, "Ann"), ("Mobile", Role.PHONE, "0491 570 006")),
        _person(
            ("First Name", Role.FIRST_NAME, "Bob"),
            ("Last Name", Role.LAST_NAME, "Lee"),
            ("Mobile", Role.PHONE, "0491 570 156"),
        ),
    )

    assert [one.values[:2] for one in _validate(people) if isinstance(one, Contact)] == [("Ann", ""), ("Bob", "Lee")]


def test_who_said_no_does_not_go_in() -> None:
    (one,) = _validate((_person(("event", Role.OPT_OUT, "unsubscribed"), ("phone", Role.PHONE, "0491 570 006")),))

    assert isinstance(one, Outcome)
    assert one.status == "opted_out"


def test_a_country_ends_the_address_and_is_none_alone() -> None:
    full, alone = _validate(
        (
            _person(
                ("phone", Role.PHONE, "0491 570 006"),
                ("country", Role.COUNTRY, "AU"),
                ("street", Role.ADDRESS, "1 High St"),
                ("city", Role.ADDRESS, "Perth"),
            ),
            _person(("phone", Role.PHONE, "0491 570 156"), ("country", Role.COUNTRY, "AU")),
        )
    )

    assert isinstance(full, Contact)
    assert isinstance(alone, Contact)
    assert [one.values[4] for one in (full, alone)] == ["1 High St, Perth, AU", ""]
