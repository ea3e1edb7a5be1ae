"""PlanFunction: the first state of the state machine."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.errors import EventError
from contact_import.handlers.plan import on_plan

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_the_manifest_of_the_units_is_where_it_says(
    s3: "S3Client", execution_input: dict[str, Any], context: Any
) -> None:
    key = on_plan(execution_input, context)["manifest"]

    units = json.loads(s3.get_object(Bucket="contacts", Key=key)["Body"].read())
    assert len(units) == 1


@pytest.mark.parametrize("event", [{}, {"bucket": "contacts"}])
def test_another_input_is_an_error(event: dict[str, Any], context: Any) -> None:
    with pytest.raises(EventError):
        on_plan(event, context)
