"""BatchFunction: one unit of a large file."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.errors import EventError
from contact_import.handlers.batch import on_batch
from contact_import.handlers.plan import on_plan
from local.sandbox.endpoint import Sandbox

if TYPE_CHECKING:
    pass


def test_a_unit_is_sent_and_counted(
    sandbox: Sandbox, execution_input: dict[str, Any], context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    on_plan(execution_input, context)

    on_batch({"bucket": "contacts", "import_id": execution_input["import_id"], "unit": 1}, context)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    assert sorted(sandbox.numbers) == ["+61400000000", "+61400000001"]
    assert metrics["Units"] == [1.0]
    assert metrics["SlowestResponse"][0] > 0


@pytest.mark.parametrize("event", [{}, {"bucket": "contacts", "import_id": "x", "unit": "first"}])
def test_another_input_is_an_error(event: dict[str, Any], context: Any) -> None:
    with pytest.raises(EventError, match="not a unit of a plan"):
        on_batch(event, context)
