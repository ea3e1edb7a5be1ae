"""Start executions of the state machine for large files."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from contact_import.aws.events import Upload

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient


class Executions:
    """The executions of one state machine, each named after its import."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, upload: Upload) -> None:
        """Start the execution of an import, or redrive a failed one. Do nothing for a running or finished one.

        Its name is the id of the import. Step Functions reserves a name for 90 days, so two starts of an import give
        one execution (docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
        """
        name = upload.import_id
        execution_input = json.dumps({"import_id": name, **asdict(upload)})
        try:
            self._client.start_execution(stateMachineArn=self._state_machine_arn, name=name, input=execution_input)
        except self._client.exceptions.ExecutionAlreadyExists:
            self._redrive(f"{self._state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}")

    def _redrive(self, execution_arn: str) -> None:
        # A redrive continues at the state that failed: units that are done are not run again
        # (docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
        if self._client.describe_execution(executionArn=execution_arn)["status"] in ("FAILED", "TIMED_OUT", "ABORTED"):
            try:
                self._client.redrive_execution(executionArn=execution_arn)
            except ClientError as error:
                # Another caller has redriven it since the description.
                if error.response["Error"]["Code"] != "ExecutionNotRedrivable":
                    raise
