import pytest

from contact_import.columns.detect import Column
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.files.table import ReadSummary
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.large_file.unit_store import PlanSummary, UnitStore
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult
from tests.unit.fakes import make_bucket

READING = ReadSummary({"encoding": "utf-8"}, (Column("Mobile", "phone_number"),), (RowWarning("file", "odd"),), "cut")


@pytest.fixture
def store() -> UnitStore:
    return UnitStore(make_bucket(), "one")


def _batch(number: int) -> Batch:
    contact = Contact(Row(number, ("x",)), ("Ann", "", "+61491570006", *[""] * 6))
    return Batch(number, number, Labels(), (contact,))


def test_units_read_back_by_their_numbers(store: UnitStore) -> None:
    units = [(_batch(1), _batch(2)), (_batch(3),)]

    store.write_units(units)
    store.write_units(units[:1], first_number=3)

    assert [store.read_unit(number) for number in (1, 2, 3)] == [list(unit) for unit in (*units, units[0])]
    with pytest.raises(LookupError):
        store.read_unit(4)


def test_a_plan_is_complete_when_its_summary_is_there(store: UnitStore) -> None:
    assert (store.is_planned, store.read_summary(), store.read_canary_unit()) == (False, None, 0)
    summary = PlanSummary(2, READING, "why", Labels(("a",), ("b",)), canary_unit=1)

    store.write_summary(summary)

    assert (store.is_planned, store.read_summary(), store.read_canary_unit()) == (True, summary, 1)


def test_a_plan_of_a_file_that_could_not_be_read_has_no_units(store: UnitStore) -> None:
    store.write_summary(PlanSummary(0, None, "The file is empty."))

    assert store.read_summary() == PlanSummary(0, None, "The file is empty.")


def test_a_unit_is_done_when_its_records_are_there(store: UnitStore) -> None:
    record = BatchRecord(1, 1, BatchResult((Outcome(Row(2, ("x",)), Status.REFUSED, "no"),), {"sent": 1}))
    assert (store.is_unit_done(1), store.read_records(1)) == (False, None)

    store.write_records(1, [record])

    assert (store.is_unit_done(1), store.read_records(1)) == (True, [record])
