"""FinishFunction: the last state of the state machine."""

import gc
from typing import Any

import pytest

from contact_import.errors import EventError
from contact_import.handlers.batch import on_batch
from contact_import.handlers.finish import on_finish
from contact_import.handlers.plan import on_plan


def test_the_counts_of_all_units_are_returned(execution_input: dict[str, Any], context: Any) -> None:
    on_plan(execution_input, context)
    on_batch({"bucket": "contacts", "import_id": execution_input["import_id"], "unit": 1}, context)

    summary = on_finish(execution_input, context)

    assert summary["import_id"] == execution_input["import_id"]
    assert (summary["status"], summary["rows"]["accepted"]) == ("completed", 2)


def test_after_a_failed_unit_its_rows_are_unsent(execution_input: dict[str, Any], context: Any) -> None:
    on_plan(execution_input, context)

    summary = on_finish(execution_input | {"failure": {"Error": "States.Timeout"}}, context)

    assert summary["rows"]["unsent"] == 2


def test_another_input_is_an_error(context: Any) -> None:
    with pytest.raises(EventError):
        on_finish({}, context)


def test_each_state_looks_for_garbage_less_often(
    execution_input: dict[str, Any], context: Any, request: pytest.FixtureRequest
) -> None:
    before = gc.get_threshold()
    request.addfinalizer(lambda: gc.set_threshold(*before))
    unit = {"bucket": "contacts", "import_id": execution_input["import_id"], "unit": 1}
    for state, event in ((on_plan, execution_input), (on_batch, unit), (on_finish, execution_input)):
        gc.set_threshold(2000)

        state(event, context)

        assert gc.get_threshold()[0] > 10_000
