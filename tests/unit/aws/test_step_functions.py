import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from contact_import.aws.events import Upload
from contact_import.aws.step_functions import Executions

MACHINE = "arn:aws:states:ap-southeast-2:123456789012:stateMachine:importer-large-file"
UPLOAD = Upload("contacts", "incoming/june.csv", "etag", "version", 7)
NAME = UPLOAD.import_id
EXECUTION = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{NAME}"


def _states() -> tuple[Any, Stubber]:
    client = boto3.client("stepfunctions")
    return client, Stubber(client)


def _there_already(stub: Stubber, status: str) -> None:
    stub.add_client_error("start_execution", "ExecutionAlreadyExists")
    described = {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": datetime(2026, 11, 23, tzinfo=UTC),
    }
    stub.add_response("describe_execution", described, {"executionArn": EXECUTION})


def test_an_execution_has_the_name_of_its_import() -> None:
    client, stub = _states()
    order = {"import_id": NAME, "bucket": "contacts", "key": "incoming/june.csv", "etag": "etag"}
    order |= {"version_id": "version", "size": 7}  # type: ignore[dict-item]
    stub.add_response(
        "start_execution",
        {"executionArn": EXECUTION, "startDate": datetime(2026, 11, 23, tzinfo=UTC)},
        {"stateMachineArn": MACHINE, "name": NAME, "input": json.dumps(order)},
    )

    with stub:
        Executions(client, MACHINE).start(UPLOAD)

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_an_execution_that_runs_or_is_done_is_left_alone(status: str) -> None:
    client, stub = _states()
    _there_already(stub, status)

    with stub:
        Executions(client, MACHINE).start(UPLOAD)

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("is_first", [True, False])
def test_an_execution_that_broke_off_is_brought_back_to_life_once(status: str, is_first: bool) -> None:
    client, stub = _states()
    _there_already(stub, status)
    if is_first:
        done = {"redriveDate": datetime(2026, 11, 23, tzinfo=UTC)}
        stub.add_response("redrive_execution", done, {"executionArn": EXECUTION})
    else:
        stub.add_client_error("redrive_execution", "ExecutionNotRedrivable")

    with stub:
        Executions(client, MACHINE).start(UPLOAD)

    stub.assert_no_pending_responses()


def test_a_redrive_that_aws_does_not_take_is_reported() -> None:
    client, stub = _states()
    _there_already(stub, "FAILED")
    stub.add_client_error("redrive_execution", "ThrottlingException")

    with stub, pytest.raises(ClientError):
        Executions(client, MACHINE).start(UPLOAD)
