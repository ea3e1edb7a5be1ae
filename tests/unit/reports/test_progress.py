from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.records import BatchRecord
from contact_import.reports.html.running_page import RUNNING_MARKER
from contact_import.reports.progress import (
    READ_AHEAD_BYTES,
    READING,
    SENDING,
    UPDATE_INTERVAL_SECONDS,
    WAITING,
    ProgressReporter,
    load_progress,
)
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult
from tests.unit.fakes import IN_MEMORY_PREFIX, make_bucket

SIZE = 1000


class Run:
    """Runs of one import, with a clock that the test moves."""

    def __init__(self) -> None:
        self.bucket: Bucket = make_bucket()
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.identity = ImportIdentity(Upload("contacts", "incoming/a.csv", size=SIZE), "0" * 24, IN_MEMORY_PREFIX)

    def start(self) -> ProgressReporter:
        return ProgressReporter(self.identity, self.now, self.bucket, lambda: self.now)

    def wait(self, seconds: float = UPDATE_INTERVAL_SECONDS) -> None:
        self.now += timedelta(seconds=seconds)

    def read(self) -> dict[str, Any]:
        found = load_progress(self.bucket, IN_MEMORY_PREFIX)
        assert found is not None
        return found


@pytest.fixture
def run() -> Run:
    return Run()


def _record(number: int, *, accepted: int = 0, failed: int = 0) -> BatchRecord:
    outcomes = tuple(Outcome(Row(row, ()), Status.INVALID, "no") for row in range(failed))
    lines = AcceptedLines(tuple(range(accepted)), ("x",) * accepted)
    return BatchRecord(number, 1, BatchResult(outcomes, {"sent": 1}), lines)


def _batch(contacts: int) -> Batch:
    return Batch(1, 1, Labels(), (Contact(Row(1, ()), ("",) * 9),) * contacts)


def test_an_import_that_waits_does_not_hide_what_an_earlier_run_reported(run: Run) -> None:
    run.start().start_stage(SENDING)

    run.start().start_stage(WAITING)

    assert run.read()["stage"] == SENDING


def test_a_report_is_written_once_in_an_interval(run: Run) -> None:
    progress = run.start()
    progress.start_stage(SENDING)
    progress.add_record(_record(1, accepted=3, failed=1))

    progress.update(4)
    assert run.read()["rows"]["accepted"] == 0
    run.wait()
    progress.update()

    assert (run.read()["rows"]["accepted"], run.read()["rows"]["failed"], run.read()["calls"]) == (3, 1, 1)


def test_the_percentage_counts_settled_rows_and_never_falls(run: Run) -> None:
    progress, percents = run.start(), list[float]()
    progress.start_stage(SENDING)
    positions = iter(READ_AHEAD_BYTES + SIZE * quarter // 4 for quarter in range(4))

    for _ in progress.track([_batch(10)] * 4, lambda: next(positions)):
        run.wait()
        progress.update(5)
        percents.append(run.read()["percent"])
    progress.update(20)

    assert percents == sorted(percents)
    assert max(percents) <= 50.0


def test_while_nothing_is_sent_the_percentage_counts_what_was_read(run: Run) -> None:
    progress = run.start()
    progress.start_stage(READING)

    for _ in progress.track([_batch(10)], lambda: READ_AHEAD_BYTES + SIZE // 2):
        pass
    run.wait()
    progress.update()

    assert run.read()["percent"] == 100.0


def test_units_add_up_and_one_that_is_finished_twice_counts_once(run: Run) -> None:
    planner = run.start()
    for _ in planner.track([_batch(10)], lambda: SIZE):
        pass
    planner.mark_planned()

    for unit in (1, 2, 2):
        progress = run.start()
        progress.start_unit(unit)
        progress.finish_unit(unit, [_record(unit, accepted=2)])
    assert (run.read()["rows"], run.read()["percent"]) == ({"read": 10, "accepted": 4, "failed": 0}, 40.0)

    finisher = run.start()
    finisher.load_unit_counts()
    finisher.start_stage(SENDING)
    assert run.read()["rows"]["accepted"] == 4


def test_a_unit_that_runs_is_counted_beside_the_others(run: Run) -> None:
    planner = run.start()
    for _ in planner.track([_batch(10)], lambda: SIZE):
        pass
    planner.mark_planned()
    done = run.start()
    done.start_unit(1)
    done.finish_unit(1, [_record(1, accepted=2)])

    running = run.start()
    running.start_unit(2)
    running.add_record(_record(2, accepted=3))
    run.wait()
    running.update(3)

    assert (run.read()["rows"]["accepted"], run.read()["percent"]) == (5, 50.0)


def test_a_page_that_shows_a_result_is_never_replaced(run: Run) -> None:
    key = f"{IN_MEMORY_PREFIX}report.html"
    run.start().start_stage(SENDING)
    assert RUNNING_MARKER.encode() in (run.bucket.read(key) or b"")
    run.bucket.put(key, b"the result")

    run.start().start_stage(SENDING)

    assert run.bucket.read(key) == b"the result"


def test_a_finished_import_has_the_counts_of_its_result(run: Run) -> None:
    progress = run.start()
    progress.started_at = run.now - timedelta(hours=1)

    progress.finish({"rows": {"read": 5, "accepted": 3}, "requests": {"sent": 2}})

    found = run.read()
    assert (found["status"], found["percent"], found["calls"]) == ("finished", 100.0, 2)
    assert found["rows"] == {"read": 5, "accepted": 3, "failed": 2}
    assert found["started_at"] == "2026-11-22T23:00:00Z"
