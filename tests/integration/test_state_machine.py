"""The deployed state machine: what it retries and for how long, and that a report is always written."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from contact_import.pipelines.large_file.plan import UNIT_ROWS
from local.aws.state_machine import ExecutionResult, StateMachineInterpreter, TaskFailure, load_definition
from tests.conftest import STAGES, STATE_MACHINE_PATH

ORDER = {"import_id": "1", "bucket": "contacts", "key": "incoming/june.csv", "etag": "e", "version_id": "", "size": 1}
HOUR = 3600.0


@dataclass
class Play:
    """The functions of the state machine, which fail according to `faults`, and the waits between."""

    faults: Callable[[str, int], str]  # the name of a state and how often it was tried
    units: int = 1
    chance: float = 1.0
    verify: bool = False
    plans: int = 1  # calls until the plan is complete
    orders: list[tuple[str, Any]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)

    def run(self) -> ExecutionResult:
        states = load_definition(
            STATE_MACHINE_PATH, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"}
        )
        # One unit at a time makes the order certain.
        states["States"]["Deliver all"]["MaxConcurrency"] = 1
        return StateMachineInterpreter(
            states, invoke=self._invoke, read_object=self._read, sleep=self._sleep, jitter=lambda: self.chance
        ).run(ORDER)

    def _invoke(self, name: str, payload: Any) -> Any:
        if name == "Batch" and payload["unit"] == 0:
            name = "Verify"  # which is done by the same function
        self.tries[name] += 1
        self.orders.append((name, payload))
        if fault := self.faults(name, self.tries[name]):
            raise TaskFailure(fault, "why")
        if name == "Plan":
            is_complete = self.tries["Plan"] >= self.plans
            manifest = "work/1/plan/manifest.json" if is_complete else ""
            return {"manifest": manifest, "verify": self.verify, "is_complete": is_complete}
        return {"import_id": "1", "status": "completed", "rows": {}} if name == "Finish" else None

    def _read(self, _bucket: str, _key: str) -> Any:
        if self.units < 0:
            raise OSError
        return [{"unit": number} for number in range(1, self.units + 1)]

    def _sleep(self, seconds: float, _ending: threading.Event) -> None:
        self.waits.append(seconds)

    @property
    def reported_failure(self) -> dict[str, Any]:
        """Return the failure that FinishFunction received."""
        name, payload = self.orders[-1]
        assert name == "Finish"
        return dict(payload.get("failure", {}))


def _always(state: str, error: str) -> Callable[[str, int], str]:
    return lambda name, _count: error if name == state else ""


def test_all_goes_well_in_one_try_each() -> None:
    play = Play(lambda _name, _count: "", units=3)

    assert play.run().succeeded
    assert [name for name, _ in play.orders] == ["Plan", "Batch", "Batch", "Batch", "Finish"]
    assert [order["unit"] for name, order in play.orders if name == "Batch"] == [1, 2, 3]
    assert play.reported_failure == {}


def test_a_file_that_takes_several_invocations_to_plan_is_planned_to_its_end() -> None:
    play = Play(lambda _name, _count: "", plans=4)

    assert play.run().succeeded
    assert [name for name, _ in play.orders] == ["Plan"] * 4 + ["Batch", "Finish"]


def test_a_plan_is_tried_again_as_often_after_each_pause() -> None:
    play = Play(lambda name, count: "States.Timeout" if name == "Plan" and count % 9 else "", plans=30)

    assert play.run().succeeded
    assert play.reported_failure == {}


def test_100_million_rows_exceed_no_limit_of_a_state() -> None:
    units = 100_000_000 // UNIT_ROWS + 1
    play = Play(lambda _name, _count: "", units=units, plans=6)

    ended = play.run()

    assert ended.succeeded
    assert play.reported_failure == {}
    assert play.tries == {"Plan": 6, "Batch": units, "Finish": 1}


def test_an_endpoint_that_is_away_is_asked_for_hours_ever_more_rarely() -> None:
    play = Play(_always("Batch", "EndpointUnavailableError"), units=3)

    ended = play.run()

    assert ended.succeeded
    assert play.waits[:7] == [30, 60, 120, 240, 480, 960, 1800]
    assert max(play.waits) == 1800
    assert 10 * HOUR < sum(play.waits) < 24 * HOUR
    assert play.tries["Batch"] == 41
    assert play.reported_failure["Error"] == "States.ExceedToleratedFailureThreshold"


def test_the_waits_are_a_random_part_of_that() -> None:
    play = Play(_always("Batch", "EndpointUnavailableError"), chance=0.5)

    play.run()

    assert play.waits[:3] == [15, 30, 60]


def test_an_endpoint_that_comes_back_ends_the_waiting() -> None:
    play = Play(lambda name, count: "EndpointUnavailableError" if name == "Batch" and count < 9 else "", units=2)

    assert play.run().succeeded
    assert play.tries["Batch"] == 8 + 2
    assert play.reported_failure == {}


def test_a_denied_key_is_not_tried_again_and_no_other_unit_begins() -> None:
    play = Play(_always("Batch", "KeyDeniedError"), units=50)

    assert play.run().succeeded
    assert play.tries == {"Plan": 1, "Batch": 1, "Finish": 1}
    assert play.waits == []
    assert play.reported_failure


def test_arrival_is_verified_only_where_it_is_asked_for() -> None:
    play = Play(lambda _name, _count: "", verify=True)

    assert play.run().succeeded
    assert [name for name, _ in play.orders] == ["Plan", "Batch", "Verify", "Finish"]


@pytest.mark.parametrize("state", ["Batch", "Verify"])
def test_a_unit_waits_for_an_execution_to_spare_for_more_than_a_day(state: str) -> None:
    error = "Lambda.TooManyRequestsException"
    play = Play(lambda name, count: error if name == state and count <= 1500 else "", verify=True)

    assert play.run().succeeded
    assert max(play.waits) == 120
    assert sum(play.waits) > 24 * HOUR
    assert play.reported_failure == {}


@pytest.mark.parametrize("error", ["UnfinishedError", "UnexpectedError", "Lambda.ServiceException", "States.Timeout"])
def test_what_may_be_better_a_moment_later_is_tried_again(error: str) -> None:
    play = Play(lambda name, count: error if name == "Batch" and count <= 15 else "")

    assert play.run().succeeded
    assert len(play.waits) == 15
    assert play.reported_failure == {}


@pytest.mark.parametrize("error", ["UnexpectedError", "States.Timeout", "Lambda.ServiceException", "States.Runtime"])
@pytest.mark.parametrize("state", ["Plan", "Batch"])
def test_whatever_keeps_failing_there_is_a_report(state: str, error: str) -> None:
    play = Play(_always(state, error), units=3)

    ended = play.run()

    assert ended.succeeded
    assert ended.output == {"import_id": "1", "status": "completed", "rows": {}}
    assert play.reported_failure["Error"]
    assert play.orders[-1][1] | {"failure": 0, "plan": 0} == ORDER | {"failure": 0, "plan": 0}


def test_a_plan_that_cannot_be_read_leads_to_a_report_too() -> None:
    play = Play(lambda _name, _count: "", units=-1)

    assert play.run().succeeded
    assert play.reported_failure["Error"] == "States.ItemReaderFailed"


def test_only_a_report_that_cannot_be_written_for_hours_fails_the_execution() -> None:
    play = Play(_always("Finish", "UnexpectedError"))

    ended = play.run()

    assert (ended.succeeded, ended.error) == (False, "UnexpectedError")
    assert play.tries["Finish"] == 13
    assert sum(play.waits) > HOUR


def test_a_look_afterwards_that_fails_costs_no_report() -> None:
    play = Play(_always("Verify", "UnexpectedError"), verify=True)

    assert play.run().succeeded
    assert play.reported_failure == {}
    assert play.orders[-1][1]["unverified"]["Error"] == "UnexpectedError"
