from hypothesis import given
from hypothesis import strategies as st

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.leases import Claim, Committed
from contact_import.ledger.records import (
    BatchRecord,
    GroupRecord,
    decode_ledger_record,
    encode_ledger_record,
    parse_batch_records,
    parse_batches,
    serialize_batch_records,
    serialize_batches,
)
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult
from tests.unit.ledger.json_copy import copy_as_json

texts = st.text(st.characters(codec=None), max_size=8)  # lone surrogates as well: a broken export can hold one
rows = st.tuples(st.integers(1), st.lists(texts, max_size=3).map(tuple)).map(lambda both: Row(*both))
warnings = st.lists(st.builds(RowWarning, texts, texts), max_size=2).map(tuple)
outcomes = st.builds(Outcome, rows, st.sampled_from(Status), texts, warnings)
results = st.builds(
    BatchResult,
    st.lists(outcomes, max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(["sent", "retried"]), st.integers(0)),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(st.integers(1), max_size=2).map(tuple),
)
records = st.builds(
    BatchRecord, st.integers(1), st.integers(1), results, st.just(AcceptedLines((7, 8), ("a,7\r\n", "b,8\r\n")))
)
groups = st.lists(records, min_size=1, max_size=3).map(tuple)
labels = st.builds(Labels, st.lists(texts, max_size=2).map(tuple), st.lists(texts, max_size=2).map(tuple))
batches = labels.flatmap(
    lambda own: st.builds(
        Batch,
        st.integers(1),
        st.integers(1),
        st.just(own),
        st.lists(
            st.builds(Contact, rows, st.lists(texts, min_size=9, max_size=9).map(tuple), st.just(own), warnings),
            max_size=3,
        ).map(tuple),
        st.lists(outcomes, max_size=3).map(tuple),
        st.integers(1),
    )
)


@given(groups, st.booleans())
def test_a_commit_reads_back_as_it_was(record: GroupRecord, is_partial: bool) -> None:
    committed = Committed("attempt", record, is_partial=is_partial)

    assert decode_ledger_record(encode_ledger_record(committed)) == committed


@given(st.none() | groups, st.integers(1, 9))
def test_a_claim_reads_back_with_the_outcomes_of_the_partial_commit_before_it(
    previous: GroupRecord | None, attempts: int
) -> None:
    claim = Claim("attempt", 1764000000.5, attempts, previous)

    assert decode_ledger_record(encode_ledger_record(claim)) == claim


@given(st.lists(records, max_size=3))
def test_the_records_of_a_unit_read_back_as_they_were(unit: list[BatchRecord]) -> None:
    assert parse_batch_records(copy_as_json(serialize_batch_records(unit))) == unit


@given(st.lists(batches, max_size=3))
def test_the_batches_of_a_unit_read_back_as_they_were(unit: list[Batch]) -> None:
    assert parse_batches(copy_as_json(serialize_batches(unit))) == unit
