"""A no anywhere in a list wins for its number, and labels of a duplicate are added to its first row."""

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import detect_columns
from contact_import.contacts.first_pass import FirstPass, read_first_pass
from contact_import.contacts.held_numbers import HeldNumbers
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import Contact, validate_rows
from contact_import.domain.consent import Consent
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from tests.unit.contacts.row_validation import TODAY

_RULES = ValidationRules(TODAY)
_HEADER = Row(1, ("Name", "Mobile", "Home phone", "SMS consent"))
_SPELLINGS = ["0491 570 006", "+61491570006", "(0491) 570-006", "61491570006"]
_OTHERS = ["0491570156", "0491570157"]


def _validate(rows: list[tuple[str, ...]]) -> list[Contact | Outcome]:
    numbered = [Row(number, cells) for number, cells in enumerate(rows, 2)]
    columns, _ = detect_columns([_HEADER, *numbered])
    held_numbers = read_first_pass(numbered, columns, _RULES).held_numbers
    return list(validate_rows(numbered, columns, replace(_RULES, held_numbers=held_numbers)))


_CONSENTS = st.sampled_from(["", "Yes", "No", "Pending"])
_ROWS = st.lists(st.tuples(st.just("Ann"), st.sampled_from(_SPELLINGS + _OTHERS), st.just(""), _CONSENTS), max_size=8)


@given(_ROWS, st.randoms())
def test_the_order_of_rows_changes_nobodys_verdict(rows: list[tuple[str, ...]], shuffle: Random) -> None:
    shuffled = list(rows)
    shuffle.shuffle(shuffled)

    sent = [{one.phone_number for one in _validate(order) if isinstance(one, Contact)} for order in (rows, shuffled)]

    assert sent[0] == sent[1]
    held = {row[1].replace(" ", "")[-4:] for row in rows if row[3] in ("No", "Pending")}
    assert not any(number[-4:] in {end.replace("-", "")[-4:] for end in held} for number in sent[0])


def test_the_reason_names_the_row_that_says_no() -> None:
    first, second = _validate([("Ann", "0491570006", "", ""), ("Ann", "+61 491 570 006", "", "No")])

    assert isinstance(first, Outcome)
    assert (first.status, first.reason) == (Status.OPTED_OUT, "consent: row 3 says no to SMS for the same number")
    assert isinstance(second, Outcome)
    assert second.reason == "SMS consent: “No” means no SMS"


def test_every_number_of_a_row_that_says_no_is_held() -> None:
    _, second = _validate([("Ann", "0491570006", "0491570156", "No"), ("Bo", "0491570156", "", "Yes")])

    assert isinstance(second, Outcome)
    assert second.status is Status.OPTED_OUT


def test_the_scan_counts_rows_and_values() -> None:
    rows = [Row(number, ("Ann", "0491570006", "", cell)) for number, cell in enumerate(["Yes", "", "Pending"] * 2, 2)]
    columns, _ = detect_columns([_HEADER, *rows])

    tally = read_first_pass(rows, columns, _RULES).tally

    assert tally.verdicts == {Consent.YES: 2, Consent.SILENT: 2, Consent.UNCLEAR: 2}
    assert tally.unclear == {"Pending": 2}
    assert tally.columns == {"SMS consent": {("Yes", Consent.YES): 2, ("Pending", Consent.UNCLEAR): 2}}
    assert type(tally).from_json(json.loads(json.dumps(tally.to_json()))) == tally


def test_a_scan_without_time_says_so() -> None:
    rows = [Row(2, ("Ann", "0491570006", "", "No"))]
    columns, _ = detect_columns([_HEADER, *rows])

    assert not read_first_pass(rows, columns, _RULES, has_time=lambda: False).is_complete


@given(st.lists(st.tuples(st.integers(0, 99), st.booleans()), max_size=20))
def test_held_numbers_are_stored_and_read_back(pairs: list[tuple[int, bool]]) -> None:
    held = HeldNumbers()
    for row, (end, is_no) in enumerate(pairs, 2):
        held.add(f"+614915700{end:02}", row, Consent.NO if is_no else Consent.UNCLEAR)

    again = FirstPass.from_lines(FirstPass(held_numbers=held).to_lines()).held_numbers

    numbers = [f"+614915700{end:02}" for end in range(100)]
    assert again.find(numbers) == held.find(numbers)
    assert bool(again) == bool(pairs)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ann", "Bo O'Neill", "Bo (DO NOT CONTACT)", "DECEASED", "never text"]),
            st.sampled_from(_SPELLINGS + _OTHERS),
            st.just(""),
            st.just("Yes"),
        ),
        max_size=8,
    )
)
def test_a_name_that_refuses_holds_its_number_in_every_row(rows: list[tuple[str, ...]]) -> None:
    sent = {one.phone_number[-3:] for one in _validate(rows) if isinstance(one, Contact)}

    assert sent.isdisjoint(row[1].replace("-", "")[-3:] for row in rows if row[0] not in ("Ann", "Bo O'Neill"))


@pytest.mark.parametrize(
    "header",
    ["Marketing preference", "Channel preferences", "Preferred contact method", "Comms", "Contact preferences"],
)
@pytest.mark.parametrize(
    ("value", "is_sent"),
    [
        *((no, False) for no in ("Email only", "Email; Post", "No SMS", "Do not contact", "No marketing", "email")),
        *((yes, True) for yes in ("SMS", "Email, SMS", "All", "", "Any", "Loyalty")),
    ],
)
def test_a_preference_decides_by_whether_sms_is_among_its_channels(header: str, value: str, *, is_sent: bool) -> None:
    rows = [Row(1, ("Name", "Mobile", header)), Row(2, ("Ann", "0491570006", value))]
    columns, skip = detect_columns(rows)

    (result,) = validate_rows(rows[skip:], columns, _RULES)

    assert isinstance(result, Contact) == is_sent


@pytest.mark.parametrize(("header", "ended"), [("Membership end date", "2022-06-30"), ("Membership status", "Expired")])
def test_the_end_of_a_membership_does_not_hold_the_next_one_back(header: str, ended: str) -> None:
    file_header = Row(1, ("Name", "Mobile", header, "SMS consent"))
    old, new = ("Ann", "0491570006", ended, ""), ("Ann", "0491570006", "", "")
    pending = ("Ann", "0491570006", ended, "Pending")
    for cells, sent in (((old, new), [False, True]), ((new, old), [True, False]), ((pending, new), [False, False])):
        rows = [Row(number, one) for number, one in enumerate(cells, 2)]
        columns, _ = detect_columns([file_header, *rows])
        held = read_first_pass(rows, columns, _RULES).held_numbers

        results = validate_rows(rows, columns, replace(_RULES, held_numbers=held))

        assert [isinstance(one, Contact) for one in results] == sent
