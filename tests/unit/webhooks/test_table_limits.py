"""The outcomes of a delivery whose claims are in the table fit into an item, whatever it and Cellcast contain."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.aws.dynamodb import MAX_BODY_BYTES
from contact_import.cellcast import response_body
from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.ledger.leases import Claim, Committed
from contact_import.ledger.records import BatchRecord, encode_ledger_record
from contact_import.sending import attempts, merged
from contact_import.sending.deliver import BatchResult
from contact_import.webhooks import submission as limits
from contact_import.webhooks.submission_contacts import validate_submission
from tests.make_submissions import make_person, make_submission

_WIDEST = "\N{GRINNING FACE}"  # twelve bytes as JSON in ASCII: two escaped surrogates
_WORDS_OF_CELLCAST = _WIDEST * response_body._MAX_REASON_CHARS
_REASON = attempts._REFUSED_TOGETHER.format(_WORDS_OF_CELLCAST) + "; check in Cellcast before sending again"

_fields = st.builds(
    PersonField,
    st.text(st.sampled_from([_WIDEST, "\0", '"', "a"]), max_size=80),
    st.none() | st.sampled_from(Role),
    st.text(st.sampled_from([_WIDEST, "\0", '"', "0", " "]), max_size=3_000),
)
_people = st.lists(st.builds(Person, st.lists(_fields, max_size=200).map(tuple)), min_size=1, max_size=10)


def _fill(people: int, fields: int, label: str, value: str) -> list[Person]:
    """Return people with as many fields as fit, each in a separate column."""
    return [
        Person(tuple(PersonField(f"{label}{number}", None, value) for number in range(start, fields, people)))
        for start in range(people)
    ]


@pytest.mark.parametrize(
    "people",
    [
        # The most columns: nearly all cells are empty.
        _fill(limits._MAX_TABLE_PEOPLE, limits._MAX_TABLE_CHARS // (limits._FIELD_CHARS + 3), "", ""),
        _fill(1, 1, "", _WIDEST * (limits._MAX_TABLE_CHARS - limits._FIELD_CHARS - 1)),
        _fill(limits._MAX_TABLE_PEOPLE, 10, _WIDEST * 150, _WIDEST * (limits._MAX_TABLE_CHARS // 10 - 175)),
    ],
    ids=["columns", "one cell", "ten cells"],
)
def test_the_outcomes_of_the_largest_deliveries_of_the_table_fit_into_an_item(people: list[Person]) -> None:
    assert make_submission("a", *people).fits_table

    assert _measure_largest_item(people) < MAX_BODY_BYTES


@given(_people)
def test_the_outcomes_of_a_delivery_that_fits_the_table_fit_into_an_item(people: list[Person]) -> None:
    assume(make_submission("a", *people).fits_table)

    assert _measure_largest_item(people) < MAX_BODY_BYTES


def _measure_largest_item(people: list[Person]) -> int:
    """Return the bytes of a claim after a partial commit, with the longest texts of Cellcast and of ours.

    They are not compressed: how far that goes depends on the texts.
    """
    submission = make_submission("a", *people)
    _, validated = validate_submission(submission, frozenset())
    outcomes = tuple(
        Outcome(one.row, Status.REFUSED, _REASON, one.warnings) if isinstance(one, Contact) else _lengthen_reason(one)
        for one in validated
    )
    messages = tuple(f"{number:02}{_WORDS_OF_CELLCAST[2:]}" for number in range(merged._MAX_MESSAGES))
    requests = dict.fromkeys(("sent", "retried", "throttled", "possibly_repeated"), 10**6)
    rows = tuple(outcome.row.number for outcome in outcomes)
    records = (BatchRecord(1, 1, BatchResult(outcomes, requests, messages, rows)),)

    states = Committed("0" * 32, records, is_partial=True), Claim("0" * 32, 1e10, 400, records)
    return max(len(encode_ledger_record(state)) for state in states)


def _lengthen_reason(outcome: Outcome) -> Outcome:
    """Return the outcome with the longer one of its reason and Cellcast's longest."""
    return outcome._replace(reason=max(outcome.reason, _REASON, key=len))


def test_a_delivery_fits_the_table_up_to_ten_people_and_4000_characters() -> None:
    ann = make_person("0491570006")
    long = make_person("0491570006", first_name="A" * limits._MAX_TABLE_CHARS)

    assert make_submission("a", *[ann] * 10).fits_table
    assert make_submission("a").fits_table
    assert not make_submission("a", *[ann] * 11).fits_table
    assert not make_submission("a", long).fits_table
