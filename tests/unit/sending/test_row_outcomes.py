"""The index of a contact in a request becomes the row of the file."""

from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.sending.row_outcomes import assign_refusals_to_rows, make_outcomes
from tests.unit.fake_endpoint import build_batch

LOST = (RowWarning("email", "x"),)


def test_the_warnings_of_a_contact_are_in_its_outcome_whether_it_is_accepted_or_refused() -> None:
    contacts = [contact._replace(warnings=LOST) for contact in build_batch(3).contacts]

    assert assign_refusals_to_rows(contacts, {1: "no"}) == [
        Outcome(Row(2, ("x",)), Status.ACCEPTED, "", LOST),
        Outcome(Row(3, ("x",)), Status.REFUSED, "no", LOST),
        Outcome(Row(4, ("x",)), Status.ACCEPTED, "", LOST),
    ]


@given(st.integers(0, 9), st.sets(st.integers(0, 8)))
def test_a_refusal_has_the_row_of_the_contact_at_its_index(count: int, indexes: set[int]) -> None:
    contacts = build_batch(count).contacts
    refused = {index: f"reason {index}" for index in indexes if index < count}

    outcomes = assign_refusals_to_rows(contacts, refused)

    assert [outcome.row for outcome in outcomes] == [contact.row for contact in contacts]
    assert [outcome.reason for outcome in outcomes] == [refused.get(index, "") for index in range(count)]
    assert [outcome.status is Status.REFUSED for outcome in outcomes] == [index in refused for index in range(count)]


def test_outcomes_made_in_bulk_are_those_made_one_by_one() -> None:
    contacts = build_batch(2).contacts

    outcomes = make_outcomes(contacts, Status.UNSENT, "why")

    assert outcomes == [Outcome(contact.row, Status.UNSENT, "why", contact.warnings) for contact in contacts]
    assert all(type(outcome) is Outcome for outcome in outcomes)
    assert make_outcomes([], Status.UNSENT, "why") == []
