"""PlanFunction: the first state of the state machine."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.plan import RESERVE_SECONDS, on_plan

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_the_manifest_of_the_units_is_where_it_says(
    s3: "S3Client", execution_input: dict[str, Any], context: Any
) -> None:
    key = on_plan(execution_input, context)["manifest"]

    units = json.loads(s3.get_object(Bucket="contacts", Key=key)["Body"].read())
    assert len(units) == 1


def test_an_invocation_without_time_asks_for_another(
    execution_input: dict[str, Any], context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(dependencies, "get_remaining_seconds", lambda _: RESERVE_SECONDS)
        first = on_plan(execution_input, context)

    second = on_plan(execution_input | {"plan": first}, context)

    assert first == {"manifest": "", "verify": False, "is_complete": False}
    assert (bool(second["manifest"]), second["is_complete"]) == (True, True)


@pytest.mark.parametrize("event", [{}, {"bucket": "contacts"}])
def test_another_input_is_an_error(event: dict[str, Any], context: Any) -> None:
    with pytest.raises(EventError):
        on_plan(event, context)
