from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from contact_import.checks.canary import CanaryBatch, find_blocking_error
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch, split_batches
from contact_import.sending.deliver import BatchResult
from contact_import.sending.payload import build_body

PHONE = "phone_number is not valid"


def _contact(number: int, label: str = "") -> Contact:
    values = ("Ann", "", f"+614000{number:05d}", "", "", "", "", "", "")
    return Contact(Row(number, ()), values, Labels(tags=(label,)) if label else Labels())


def _invalid(number: int) -> Outcome:
    return Outcome(Row(number, ()), Status.INVALID, "no")


def _record(*outcomes: tuple[Status, str]) -> BatchRecord:
    rows = tuple(Outcome(Row(number, ()), status, reason) for number, (status, reason) in enumerate(outcomes))
    return BatchRecord(1, 1, BatchResult(rows, {}))


def _sizes(batches: Iterator[Batch]) -> list[tuple[int, int]]:
    return [(batch.row_group, len(batch.contacts)) for batch in batches]


def test_the_first_window_has_so_many_contacts_and_the_rest_is_cut_as_ever() -> None:
    batches = split_batches(map(_contact, range(30)), max_contacts=10, max_bytes=9000, canary_contacts=5)

    assert _sizes(batches) == [(1, 5), (2, 10), (3, 10), (4, 5)]


def test_the_limits_of_a_request_hold_for_the_first_contacts_too() -> None:
    few = split_batches(map(_contact, range(9)), max_contacts=2, max_bytes=9000, canary_contacts=5)
    light = list(split_batches(map(_contact, range(9)), max_contacts=9, max_bytes=150, canary_contacts=5))

    assert _sizes(few) == [(1, 2), (1, 2), (1, 1), (2, 2), (3, 2)]
    assert max(len(build_body(batch.contacts, batch.labels)) for batch in light) <= 150
    assert sum(len(batch.contacts) for batch in light if batch.row_group == 1) == 5


def test_the_first_contacts_are_counted_whatever_their_labels() -> None:
    batches = split_batches(
        (_contact(n, "AB"[n % 2]) for n in range(20)), max_contacts=10, max_bytes=9000, canary_contacts=5
    )

    assert _sizes(batches) == [(1, 3), (1, 2), (2, 8), (2, 7)]


def test_rows_without_a_contact_may_come_before_the_first_ones() -> None:
    rows: list[Contact | Outcome] = [*map(_invalid, range(45)), *map(_contact, range(45, 60))]
    batches = list(split_batches(rows, max_contacts=2, max_bytes=9000, canary_contacts=3))

    canary = CanaryBatch(iter(batches))
    first, rest = list(canary.read_first()), list(canary.read_rest())

    assert [len(batch.contacts) for batch in first] == [0, 0, 2, 1]
    assert canary.commit_groups == [3, 4]
    assert [*first, *rest] == batches


@given(
    st.lists(st.sampled_from(["A", "B", "no"]), max_size=60),
    st.integers(1, 7),
    st.integers(1, 9),
    st.sampled_from([120, 200, 9000]),
)
def test_no_row_is_lost_and_no_more_than_the_first_ones_are_in_the_canary_batch(
    kinds: list[str], most: int, first: int, size: int
) -> None:
    rows = [_invalid(n) if kind == "no" else _contact(n, kind) for n, kind in enumerate(kinds)]
    batches = list(split_batches(rows, max_contacts=most, max_bytes=size, canary_contacts=first))

    canary = CanaryBatch(iter(batches))
    parted = [*canary.read_first(), *canary.read_rest()]

    assert parted == batches
    assert sum(len(batch.contacts) for batch in batches if batch.commit_group in canary.commit_groups) <= first
    assert bool(canary.commit_groups) == any(kind != "no" for kind in kinds)
    rows_of = [one.row for batch in batches for one in batch.contacts] + [
        one.row for batch in batches for one in batch.decided
    ]
    assert sorted(row.number for row in rows_of) == list(range(len(kinds)))


def test_more_than_half_refused_is_an_objection_that_says_what_may_be_wrong() -> None:
    phones = _record(*[(Status.REFUSED, PHONE)] * 2, (Status.ACCEPTED, ""))
    others = _record(*[(Status.REFUSED, "not today")] * 2, (Status.ACCEPTED, ""))

    assert find_blocking_error([phones]) == (
        "Cellcast rejected 2 of the first 3 contacts, so nothing more was sent: "
        "check the column of phone numbers and the file."
    )
    assert find_blocking_error([others]).endswith("check the file and the account.")
    assert "today" not in find_blocking_error([others])


def test_half_is_none_and_neither_are_rows_of_the_file_or_answers_that_never_came() -> None:
    half = _record((Status.REFUSED, PHONE), (Status.ACCEPTED, ""))
    invalid = _record((Status.REFUSED, PHONE), (Status.ACCEPTED, ""), *[(Status.INVALID, "no")] * 9)
    silent = _record((Status.REFUSED, PHONE), (Status.UNKNOWN, "?"), (Status.UNSENT, "?"))

    assert [find_blocking_error([record]) for record in (half, invalid, silent)] == ["", "", ""]
    assert find_blocking_error([]) == ""
    assert find_blocking_error([half, _record((Status.REFUSED, PHONE))])


def test_rows_that_are_kept_as_lines_count_as_taken() -> None:
    refused = tuple(Outcome(Row(number, ()), Status.REFUSED, PHONE) for number in range(3))

    def record(taken: int) -> BatchRecord:
        return BatchRecord(
            1, 1, BatchResult(refused, {}), AcceptedLines(tuple(range(3, 3 + taken)), ("a,2\r\n",) * taken)
        )

    assert find_blocking_error([record(2)]).startswith("Cellcast rejected 3 of the first 5 contacts")
    assert find_blocking_error([record(3)]) == ""
