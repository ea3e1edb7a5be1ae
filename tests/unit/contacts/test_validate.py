from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.contacts import validate
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.fields.birthday import DateOrder
from tests.unit.contacts.row_validation import TODAY, list_warnings, read_contact, validate_lines


def test_a_row_becomes_the_nine_fields() -> None:
    header = "First Name,Surname,Mobile,DOB,Street,Suburb,State,Email,Postcode,Sex,Last purchase"
    line = " Ann ,O&#39;Neil,0491 570 006,14/05/1990,1 High St,Perth,WA,ann@example.com,800,F,boots"

    assert read_contact(header, line) == {
        "first_name": "Ann",
        "last_name": "O'Neil",
        "phone_number": "+61491570006",
        "birthday": "1990-05-14",
        "address": "1 High St, Perth, WA",
        "email": "ann@example.com",
        "postal_code": "0800",
        "gender": "female",
        "purchase": "boots",
    }


def test_only_the_phone_decides_and_the_rest_is_a_warning() -> None:
    assert list_warnings("Mobile,Email,Birthday", "0491570006,junk,31/02/1990") == [
        ("email", "not an e-mail address"),
        ("birthday", "not a date"),
    ]


def test_a_surplus_of_cells_is_reported() -> None:
    assert list_warnings("Mobile,Note", "0491570006,x,y") == [("row", "more cells than the header has")]


def test_the_same_number_in_another_spelling_is_a_duplicate_that_names_its_row() -> None:
    _, second = validate_lines("Mobile", "0491 570 006", "+61491570006")

    assert second == Outcome(second.row, Status.DUPLICATE, "Mobile: same number as row 2")


@pytest.mark.parametrize(
    ("header", "cell", "goes"),
    [
        ("Accepts SMS marketing", "no", False),
        ("Accepts SMS marketing", "FALSE", False),
        ("Accepts SMS marketing", "0", False),
        ("Accepts SMS marketing", "yes", True),
        ("Accepts SMS marketing", "", True),
        ("Accepts SMS marketing", "perhaps", False),
        ("Unsubscribed", "Yes", False),
        ("Unsubscribed", "2024-03-01 10:00", False),
        ("Unsubscribed", "no", True),
        ("Do not call", "TRUE", False),
        ("Status", "Unsubscribed", False),
        ("Status", "cleaned", False),
        ("Status", "Do not contact", False),
        ("Status", "Hot lead", True),
        ("Status", "no", True),
    ],
)
def test_a_no_to_sms_is_respected_and_silence_is_no_no(header: str, cell: str, goes: bool) -> None:
    (one,) = validate_lines(f"Mobile,{header}", f"0491570006,{cell}")

    assert isinstance(one, Contact) == goes
    if isinstance(one, Outcome):
        assert one.status is Status.OPTED_OUT


def test_someone_who_said_no_is_not_sent_by_a_later_row() -> None:
    first, second = validate_lines("Mobile,SMS consent", "0491570006,no", "0491570006,yes")

    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert (first.status, second.status) == (Status.OPTED_OUT, Status.DUPLICATE)


def test_the_kind_beside_a_number_decides_row_by_row() -> None:
    header = "Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value"
    first, second = validate_lines(header, "Work,0491570006,Mobile,0491570156", "Mobile,0491570157,Home Fax,0491570158")

    assert isinstance(first, Contact)
    assert isinstance(second, Contact)
    assert (first.phone_number, second.phone_number) == ("+61491570156", "+61491570157")


def test_tags_and_lists_of_a_row_join_those_of_the_import() -> None:
    rules = ValidationRules(TODAY, labels=Labels(("VIP",), ("News",)))
    (one,) = validate_lines("Mobile,Tags,List", "0491570006,VIP;Perth,Staff", rules=rules)

    assert isinstance(one, Contact)
    assert one.labels == Labels(("VIP", "Perth"), ("News", "Staff"))


def test_an_unreadable_row_is_invalid_with_its_reason() -> None:
    rows = [Row(1, ("Mobile",)), Row(2, ("0491570006",), parse_error="row: the line is longer than 2 MiB")]
    columns, skip = detect_columns(rows)

    (one,) = validate_rows(rows[skip:], columns, ValidationRules(TODAY))

    assert one == Outcome(rows[1], Status.INVALID, "row: the line is longer than 2 MiB")


CELL = st.one_of(st.text(max_size=20), st.sampled_from(["0491570006", "0491 570 156", "a@b.co", "1/2/1990", "no"]))


@given(st.lists(st.lists(CELL, max_size=8), max_size=8))
def test_every_row_has_one_result_in_order_and_no_reason_repeats_a_cell(cells: list[list[str]]) -> None:
    header = Row(1, ("Mobile", "Name", "Email", "DOB", "Postcode", "Address", "SMS consent"))
    rows = [Row(number, tuple(one)) for number, one in enumerate(cells, 2)]
    columns, _ = detect_columns([header])

    results = list(validate_rows(rows, columns, ValidationRules(TODAY)))

    assert [one.row for one in results] == rows
    for one in results:
        told = [caution.reason for caution in one.warnings] + ([one.reason] if isinstance(one, Outcome) else [])
        # Letters alone may happen to be a word of a reason.
        tellings = [cell for cell in one.row.cells if len(cell.strip()) > 6 and not cell.replace("_", "").isalpha()]
        consent = one.row.cells[6:7]
        assert not any(cell in reason for cell in tellings for reason in told if cell not in consent)


USUAL = st.tuples(
    st.integers(400_000_000, 400_000_009).map("0{}".format),
    st.sampled_from(["Ann", "Zoë", "Ann Lee", ""]),
    st.integers(0, 99).map("person{}@example.com".format),
    st.sampled_from(["17/12/1992", "01/02/1990"]),
    st.sampled_from(["2000", "0800", "800"]),
    st.sampled_from(["1 High St", "1 High St, Perth"]),
    st.sampled_from(["yes", ""]),
)
ODD = st.lists(st.one_of(CELL, st.sampled_from(["n/a", " x ", "a\nb", "x" * 300, "\ud800", "😀", "\0"])), max_size=9)
WRONG = st.sampled_from(["", "", "", "", "wrong"])


@given(st.lists(st.tuples(st.one_of(USUAL, USUAL, ODD), WRONG, WRONG), max_size=30), st.integers(1, 12))
def test_many_rows_at_once_are_judged_as_each_alone(drawn: list[tuple[Iterable[str], str, str]], few: int) -> None:
    header = Row(1, ("Mobile", "Name", "Email", "DOB", "Postcode", "Address", "SMS consent"))
    rows = [Row(number, tuple(cells), flaw, unreadable) for number, (cells, flaw, unreadable) in enumerate(drawn, 2)]
    columns, _ = detect_columns([header])
    rules = ValidationRules(TODAY, date_order=DateOrder.DAY_FIRST, opted_out=frozenset({"+61400000003"}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "_BLOCK_ROWS", 1)
        alone = list(validate_rows(rows, columns, rules))
        patch.setattr(validate, "_BLOCK_ROWS", 7)
        patch.setattr(validate, "Seen", lambda: Seen(few))
        together = list(validate_rows(rows, columns, rules))

    assert list(map(repr, together)) == list(map(repr, alone))


@pytest.mark.parametrize(
    "name",
    [
        "Bo Lee (DO NOT CONTACT)",
        "Cy Orr - DECEASED",
        "ZZZ DO NOT USE Cy",
        "Ed *OPTED OUT*",
        "(Unsubscribed) Fi",
        "Bo DNC",
    ],
)
@pytest.mark.parametrize("header", ["Name", "First Name", "Last Name"])
def test_a_name_that_says_not_to_contact_someone_holds_the_row_back(name: str, header: str) -> None:
    (outcome,) = validate_lines(f"{header},Mobile", f"{name},0491570006")

    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == (
        Status.OPTED_OUT,
        "consent: the name says not to contact this person",
    )


@pytest.mark.parametrize("name", ["Donna Stop", "Dont\u00e9 Text", "No Call", "Noel Contact"])
def test_a_name_of_such_words_does_not(name: str) -> None:
    (result,) = validate_lines("Name,Mobile", f"{name},0491570006")

    assert isinstance(result, Contact)


@pytest.mark.parametrize("header", ["Member", "Mailing List", "Groups", "Tags"])
@pytest.mark.parametrize("answers", [("Yes", "No"), ("TRUE", "FALSE"), ("1", "0"), ("Y", "N")])
def test_answers_are_no_names_lists_or_tags(header: str, answers: tuple[str, str]) -> None:
    lines = (f"{answer},049157000{place}" for place, answer in zip((6, 6), answers, strict=True))
    first = validate_lines(f"{header},Mobile", *lines)[0]

    assert isinstance(first, Contact)
    assert (first.labels, first.values[:2]) == (Labels(), ("", ""))
