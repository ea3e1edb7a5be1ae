from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.detect import Column, Columns
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines, build_compactor, keep_outcomes
from contact_import.ledger.leases import Committed
from contact_import.ledger.records import BatchRecord, decode_ledger_record, encode_ledger_record
from contact_import.reports.accepted_csv import AcceptedCsv, build_accepted_formatter
from contact_import.sending.deliver import BatchResult

HEADER = ("Name", "Mobile")
WARNING = RowWarning("birthday", "not a date")
compact = build_compactor(build_accepted_formatter(Columns(1, tuple(Column(name, None) for name in HEADER), {})))
texts = st.text(st.characters(codec=None), max_size=8)  # lone surrogates as well: a broken export can hold one


def _store_and_read(record: BatchRecord) -> BatchRecord:
    stored = decode_ledger_record(encode_ledger_record(Committed("attempt", (record,))))
    assert isinstance(stored, Committed)
    assert isinstance(stored.outcomes, tuple)
    (only,) = stored.outcomes
    assert isinstance(only, BatchRecord)
    return only


@given(st.lists(st.tuples(st.lists(texts, max_size=4), st.sampled_from(Status), st.booleans()), max_size=12))
def test_a_compacted_record_has_each_row_once_and_gives_the_same_accepted_csv(
    rows: list[tuple[list[str], Status, bool]],
) -> None:
    outcomes = tuple(
        Outcome(Row(number, tuple(cells)), status, "", (WARNING,) if has_lost else ())
        for number, (cells, status, has_lost) in enumerate(rows, start=2)
    )
    whole: list[str] = []
    compacted: list[str] = []

    record = _store_and_read(BatchRecord(1, 1, *compact(BatchResult(outcomes, {}))))
    AcceptedCsv(whole.append, HEADER).write_rows(outcomes)
    AcceptedCsv(compacted.append, HEADER).write_rows(record.result.outcomes, [record.accepted])

    others = [one.row.number for one in record.result.outcomes]
    assert sorted([*record.accepted.row_numbers, *others]) == [one.row.number for one in outcomes]
    assert set(record.result.outcomes) <= set(outcomes)
    assert all(one.warnings or one.status is not Status.ACCEPTED for one in record.result.outcomes)
    assert "".join(compacted) == "".join(whole)


def test_compaction_leaves_the_outcomes_that_the_report_counts() -> None:
    outcomes = (
        Outcome(Row(2, ("a", "b")), Status.ACCEPTED),
        Outcome(Row(3, ("c", "d")), Status.ACCEPTED, "", (WARNING,)),
        Outcome(Row(4, ("e", "f")), Status.REFUSED, "why"),
    )

    result, accepted = compact(BatchResult(outcomes, {"sent": 1}))

    assert accepted == AcceptedLines((2,), ("a,b,2,silent\r\n",))
    assert result == BatchResult(outcomes[1:], {"sent": 1})


def test_a_partial_result_that_a_later_run_continues_is_stored_whole() -> None:
    outcomes = (Outcome(Row(2, ("a",)), Status.ACCEPTED), Outcome(Row(3, ("b",)), Status.UNSENT, "no answer"))
    result = BatchResult(outcomes, {}, retry_rows=(3,))
    record = BatchRecord(1, 1, *compact(result))

    assert record == BatchRecord(1, 1, result)
    assert _store_and_read(record) == record


def test_without_compaction_every_outcome_is_stored() -> None:
    result = BatchResult((Outcome(Row(2, ("a",)), Status.ACCEPTED),), {"sent": 1})

    assert keep_outcomes(result) == (result, AcceptedLines())
