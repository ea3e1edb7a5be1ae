"""One batch: what earlier runs decided, what a crashed one leaves in doubt, and who opted out since."""

from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import MAX_ATTEMPTS, BatchResult, dry_run, mark_unsent, send_batch, split_remaining
from tests.unit.fake_endpoint import YES, Endpoint, build_batch, build_number, respond_success


def _get_statuses(result: BatchResult) -> list[str]:
    return [outcome.status.value for outcome in result.outcomes]


def _build_previous(batch: Batch, *statuses: Status, retry_rows: tuple[int, ...] = ()) -> BatchResult:
    outcomes = (Outcome(one.row, status, "") for one, status in zip(batch.contacts, statuses, strict=True))
    return BatchResult(tuple(outcomes), {"sent": 2}, ("odd words",), retry_rows)


def test_outcomes_are_in_file_order_with_those_that_were_decided_before() -> None:
    decided = (Outcome(Row(9, ()), Status.INVALID, "x"), Outcome(Row(1, ()), Status.DUPLICATE, "y"))

    result = send_batch(build_batch(3, decided), Endpoint(respond_success("contact[1] error : no")).build_client())

    assert [(one.row.number, one.status.value) for one in result.outcomes] == [
        (1, "duplicate"),
        (2, "accepted"),
        (3, "refused"),
        (4, "accepted"),
        (9, "invalid"),
    ]


def test_a_batch_without_contacts_makes_no_call() -> None:
    endpoint = Endpoint(YES)

    send_batch(Batch(1, 1, decided=(Outcome(Row(1, ()), Status.INVALID, "x"),)), endpoint.build_client())

    assert endpoint.seen == []


def test_a_retry_sends_only_the_rows_that_were_left_and_adds_to_the_counts() -> None:
    batch, endpoint = build_batch(3), Endpoint(YES)
    previous = _build_previous(batch, Status.ACCEPTED, Status.REFUSED, Status.UNSENT, retry_rows=(4,))

    result = send_batch(batch, endpoint.build_client(), previous=previous)

    assert _get_statuses(result) == ["accepted", "refused", "accepted"]
    assert [numbers for numbers, _ in endpoint.seen] == [{build_number(4)}]
    assert (result.requests["sent"], result.requests["possibly_repeated"]) == (3, 0)
    assert result.messages == ("odd words",)


def test_rows_that_were_unknown_are_repeats_and_those_that_were_unsent_are_not() -> None:
    batch, endpoint = build_batch(2), Endpoint(YES)
    previous = _build_previous(batch, Status.UNSENT, Status.UNKNOWN, retry_rows=(2, 3))

    result = send_batch(batch, endpoint.build_client(), previous=previous)

    assert [numbers for numbers, _ in endpoint.seen] == [{build_number(2)}, {build_number(3)}]
    assert result.requests["possibly_repeated"] == 1


def test_after_a_crash_a_batch_is_sent_again_and_counted_as_a_repeat() -> None:
    endpoint = Endpoint(YES)

    result = send_batch(build_batch(2), endpoint.build_client(), attempts=2)

    assert _get_statuses(result) == ["accepted"] * 2
    assert result.requests["possibly_repeated"] == 1


def test_after_a_crash_nothing_is_sent_again_when_it_is_to_be_held_or_crashed_too_often() -> None:
    held, given_up = Endpoint(YES), Endpoint(YES)

    first = send_batch(build_batch(2), held.build_client(on_ambiguous="hold"), attempts=2)
    second = send_batch(build_batch(2), given_up.build_client(), attempts=MAX_ATTEMPTS + 1)

    assert _get_statuses(first) == _get_statuses(second) == ["unknown"] * 2
    assert held.seen == given_up.seen == []


def test_what_is_left_at_the_end_is_unsent_or_after_a_crash_unknown() -> None:
    batch = build_batch(2)
    previous = _build_previous(batch, Status.ACCEPTED, Status.UNSENT, retry_rows=(3,))

    assert _get_statuses(mark_unsent(batch, "no time")) == ["unsent"] * 2
    assert _get_statuses(mark_unsent(batch, "no time", attempts=2)) == ["unknown"] * 2
    assert _get_statuses(mark_unsent(batch, "no time", previous=previous, attempts=2)) == ["accepted", "unknown"]
    assert mark_unsent(batch, "no time", previous=previous).outcomes == previous.outcomes
    assert mark_unsent(batch, "no time", previous=previous).retry_rows == ()


def test_a_dry_run_accepts_each_contact_without_a_request() -> None:
    result = dry_run(build_batch(2, (Outcome(Row(1, ()), Status.INVALID, "x"),)))

    assert (_get_statuses(result), result.requests) == (["invalid", "accepted", "accepted"], {})


ROWS = 8
ENDED = (Status.ACCEPTED, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)


def _build_partly_decided(decided: set[int]) -> Batch:
    contacts = [Contact(Row(row, ()), ("", "", f"+{row}", *[""] * 6)) for row in range(ROWS) if row not in decided]
    outcomes = [Outcome(Row(row, ()), Status.DUPLICATE, "as row 0") for row in sorted(decided)]
    return Batch(1, 1, contacts=tuple(contacts), decided=tuple(outcomes))


@st.composite
def interrupted_batches(draw: st.DrawFn) -> tuple[Batch, BatchResult | None]:
    batch = _build_partly_decided(draw(st.sets(st.integers(0, ROWS - 1))))
    if draw(st.booleans()):
        return batch, None
    ended = [Outcome(one.row, draw(st.sampled_from(ENDED)), "") for one in batch.contacts]
    open_ones = [one.row.number for one in ended if one.status in (Status.UNSENT, Status.UNKNOWN)]
    retry_rows = draw(st.sets(st.sampled_from(open_ones))) if open_ones else set()
    return batch, BatchResult((*batch.decided, *ended), {}, retry_rows=tuple(retry_rows))


@given(interrupted_batches(), st.booleans(), st.sets(st.integers(0, ROWS - 1)))
def test_each_row_is_there_once_and_no_one_on_the_list_is_sent_or_falsely_called_left_out(
    one: tuple[Batch, BatchResult | None], is_ambiguous: bool, listed: set[int]
) -> None:
    batch, before = one
    outcomes = {row: Outcome(Row(row, ()), Status.OPTED_OUT, "on the list") for row in listed}
    _, clean_before, ambiguous_before = split_remaining(batch, before, is_ambiguous=is_ambiguous)

    settled, clean, ambiguous = split_remaining(batch, before, is_ambiguous=is_ambiguous, opted_out=outcomes)

    rows = [outcome.row.number for outcome in settled] + [contact.row.number for contact in (*clean, *ambiguous)]
    assert sorted(rows) == list(range(ROWS))
    assert listed.isdisjoint(contact.row.number for contact in (*clean, *ambiguous))
    said = {outcome.row.number: outcome.status for outcome in settled}
    assert all(said[each.row.number] is Status.OPTED_OUT for each in clean_before if each.row.number in listed)
    assert all(said[each.row.number] is Status.UNKNOWN for each in ambiguous_before if each.row.number in listed)
    if before:
        kept = {outcome.row.number: outcome.status for outcome in before.outcomes} | dict.fromkeys(before.retry_rows)
        assert all(said[row] is status for row, status in kept.items() if status)
