from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.ledger.leases import Committed
from contact_import.ledger.records import BatchRecord, decode_ledger_record, encode_ledger_record
from contact_import.reports.accepted_csv import AcceptedCsv, build_compactor
from contact_import.sending.deliver import BatchResult

HEADER = ("Name", "Mobile")
ABRIDGED = build_compactor(HEADER)
CAUTION = RowWarning("birthday", "not a date")
texts = st.text(st.characters(codec=None), max_size=8)  # lone surrogates as well: a broken export can hold one


def _there_and_back(part: BatchRecord) -> BatchRecord:
    record = decode_ledger_record(encode_ledger_record(Committed("nonce", part)))
    assert isinstance(record, Committed)
    assert isinstance(record.outcomes, BatchRecord)
    return record.outcomes


@given(st.lists(st.tuples(st.lists(texts, max_size=4), st.sampled_from(Status), st.booleans()), max_size=12))
def test_an_abridged_part_has_each_row_once_and_gives_the_same_sheet(
    rows: list[tuple[list[str], Status, bool]],
) -> None:
    outcomes = tuple(
        Outcome(Row(number, tuple(cells)), status, "", (CAUTION,) if has_lost else ())
        for number, (cells, status, has_lost) in enumerate(rows, start=2)
    )
    whole: list[str] = []
    kept: list[str] = []

    part = _there_and_back(ABRIDGED(BatchRecord(1, 1, BatchResult(outcomes, {}))))
    AcceptedCsv(whole.append, HEADER).write_rows(outcomes)
    AcceptedCsv(kept.append, HEADER).write_rows(part.result.outcomes, [part.accepted])

    others = [one.row.number for one in part.result.outcomes]
    assert sorted([*part.accepted.row_numbers, *others]) == [one.row.number for one in outcomes]
    assert set(part.result.outcomes) <= set(outcomes)
    assert all(one.warnings or one.status is not Status.ACCEPTED for one in part.result.outcomes)
    assert "".join(kept) == "".join(whole)


def test_what_a_later_run_goes_on_with_is_kept_whole() -> None:
    outcomes = (Outcome(Row(2, ("a",)), Status.ACCEPTED), Outcome(Row(3, ("b",)), Status.UNSENT, "no answer"))
    part = BatchRecord(1, 1, BatchResult(outcomes, {}, retry_rows=(3,)))

    assert ABRIDGED(part) == part
    assert _there_and_back(part) == part
