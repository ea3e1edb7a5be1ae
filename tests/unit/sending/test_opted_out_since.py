"""Who is on the opt-out list when a batch is about to be sent, whatever an earlier try came to."""

from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult, split_remaining

ROWS = 8
ENDED = (Status.ACCEPTED, Status.REFUSED, Status.UNSENT, Status.UNKNOWN)


def _batch(decided: set[int]) -> Batch:
    contacts = [Contact(Row(row, ()), ("", "", f"+{row}", *[""] * 6)) for row in range(ROWS) if row not in decided]
    outcomes = [Outcome(Row(row, ()), Status.DUPLICATE, "as row 0") for row in sorted(decided)]
    return Batch(1, 1, contacts=tuple(contacts), decided=tuple(outcomes))


@st.composite
def tries(draw: st.DrawFn) -> tuple[Batch, BatchResult | None]:
    batch = _batch(draw(st.sets(st.integers(0, ROWS - 1))))
    if draw(st.booleans()):
        return batch, None
    ended = [Outcome(one.row, draw(st.sampled_from(ENDED)), "") for one in batch.contacts]
    open_ones = [one.row.number for one in ended if one.status in (Status.UNSENT, Status.UNKNOWN)]
    again = draw(st.sets(st.sampled_from(open_ones))) if open_ones else set()
    return batch, BatchResult((*batch.decided, *ended), {}, retry_rows=tuple(again))


@given(tries(), st.booleans(), st.sets(st.integers(0, ROWS - 1)))
def test_each_row_is_there_once_and_nobody_on_the_list_is_sent_or_falsely_called_left_out(
    one: tuple[Batch, BatchResult | None], is_doubtful: bool, listed: set[int]
) -> None:
    batch, before = one
    outcomes = {row: Outcome(Row(row, ()), Status.OPTED_OUT, "on the list") for row in listed}
    _, clean_before, doubtful_before = split_remaining(batch, before, is_ambiguous=is_doubtful)

    settled, clean, doubtful = split_remaining(batch, before, is_ambiguous=is_doubtful, opted_out=outcomes)

    rows = [outcome.row.number for outcome in settled] + [contact.row.number for contact in (*clean, *doubtful)]
    assert sorted(rows) == list(range(ROWS))
    assert listed.isdisjoint(contact.row.number for contact in (*clean, *doubtful))
    said = {outcome.row.number: outcome.status for outcome in settled}
    assert all(said[each.row.number] is Status.OPTED_OUT for each in clean_before if each.row.number in listed)
    assert all(said[each.row.number] is Status.UNKNOWN for each in doubtful_before if each.row.number in listed)
    if before:
        kept = {outcome.row.number: outcome.status for outcome in before.outcomes} | dict.fromkeys(before.retry_rows)
        assert all(said[row] is status for row, status in kept.items() if status)
