from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.checks.arrival import (
    INTERRUPTED_REASON,
    SentContacts,
    VerificationResult,
    _PhoneNumberSet,
    find_sent_contacts,
    load_verification,
    save_verification,
    verify_arrival,
)
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult
from tests.unit.fakes import make_bucket, make_client

TAG = "import-1"
ANN, BEN, CAT = "+61491570006", "+61491570156", "+61491570157"


def _contact(row: int, number: str) -> Contact:
    return Contact(Row(row, ()), ("", "", number, *[""] * 6))


def _contacts(*contacts: tuple[int, str, Status]) -> SentContacts:
    return iter(contacts)


def test_a_contact_counts_when_it_was_imported_or_may_have_been() -> None:
    batch = Batch(1, 1, Labels(), tuple(_contact(row, number) for row, number in ((2, ANN), (3, BEN), (4, CAT))))
    outcomes = (Outcome(Row(3, ()), Status.UNKNOWN, "?"), Outcome(Row(4, ()), Status.REFUSED, "no"))
    record = BatchRecord(1, 1, BatchResult(outcomes, {}), AcceptedLines((2,), ("line",)))

    assert list(find_sent_contacts([(batch, record)])) == [(2, ANN, Status.ACCEPTED), (3, BEN, Status.UNKNOWN)]


def test_accepted_rows_are_found_or_missing_and_unknown_rows_only_found() -> None:
    client = make_client(lambda _path: {"data": [{"Number": "491570006"}, {"Number": "491570157"}]})
    sent = ((2, ANN, Status.ACCEPTED), (3, BEN, Status.ACCEPTED), (4, CAT, Status.UNKNOWN), (5, BEN, Status.UNKNOWN))

    found = verify_arrival(client, TAG, lambda: _contacts(*sent))

    assert found == VerificationResult(1, 1, (3,), (4,))
    assert list(found.messages) == [
        "Cellcast accepted 2 contacts but does not list 1 of them: rows 3.",
        "Cellcast lists some of the unknown rows: rows 4.",
    ]


def test_a_contact_that_cellcast_lists_a_moment_later_is_found() -> None:
    answers: Iterator[Any] = iter([{"data": []}, {"data": [ANN]}])

    found = verify_arrival(make_client(lambda _path: next(answers)), TAG, lambda: _contacts((2, ANN, Status.ACCEPTED)))

    assert found == VerificationResult(found=1)


@pytest.mark.parametrize(
    ("tags", "found"),
    [([], 0), (["other"], 0), ([TAG], 1), ([{"Name": TAG}], 1), ([{"name": "other"}], 0), ([{"id": 7}], 1), (None, 1)],
)
def test_an_entry_counts_unless_its_tags_say_that_it_is_of_another_import(tags: Any, found: int) -> None:
    client = make_client(lambda _path: {"data": [{"Number": ANN, "Tags": tags}]})

    assert verify_arrival(client, TAG, lambda: _contacts((2, ANN, Status.ACCEPTED))).found == found


def test_nothing_is_queried_when_nothing_was_sent_or_nothing_may_be() -> None:
    def fail(path: str) -> Any:
        raise AssertionError(path)

    stopped = make_client(fail)
    stopped.stop("the key is denied", is_failure=True)

    assert verify_arrival(make_client(fail), TAG, _contacts) == VerificationResult()
    assert verify_arrival(stopped, TAG, lambda: _contacts((2, ANN, Status.ACCEPTED))).error == INTERRUPTED_REASON


def test_a_list_that_cannot_be_read_says_so() -> None:
    found = verify_arrival(make_client(lambda _path: 404), TAG, lambda: _contacts((2, ANN, Status.ACCEPTED)))

    assert found.error
    assert next(found.messages).startswith("Arrival could not be verified: ")


def test_a_result_is_saved_for_the_report() -> None:
    bucket, result = make_bucket(), VerificationResult(3, 1, (7,), (9,))
    assert load_verification(bucket, "one") is None

    save_verification(bucket, "one", result)

    assert load_verification(bucket, "one") == result


@given(st.sets(st.integers(0, 10**8 - 1), max_size=20), st.integers(0, 10**8 - 1))
def test_a_set_of_numbers_has_what_was_added_and_nothing_else(members: set[int], other: int) -> None:
    numbers = _PhoneNumberSet()
    for number in members:
        numbers.add(f"+614{number:08d}")
    numbers.add("+64211234567")

    assert all(f"+614{number:08d}" in numbers for number in members)
    assert (f"+614{other:08d}" in numbers) == (other in members)
    assert "+64211234567" in numbers
    assert "+64211234568" not in numbers
