"""The one place that speaks with Step Functions."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from contact_import.aws.events import Upload
from contact_import.domain.ids import compute_import_id

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient


class Executions:
    """The runs of the state machine for large files."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, upload: Upload) -> None:
        """Begin the execution of this import, or bring it back to life; one that is under way is left alone.

        Its name is the id of the import, and a name is taken for 90 days, so that starting twice is one run
        (docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
        """
        name = compute_import_id(upload.bucket, upload.key, upload.version)
        execution_input = json.dumps({"import_id": name, **asdict(upload)})
        try:
            self._client.start_execution(stateMachineArn=self._state_machine_arn, name=name, input=execution_input)
        except self._client.exceptions.ExecutionAlreadyExists:
            self._redrive(f"{self._state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}")

    def _redrive(self, execution_arn: str) -> None:
        if self._client.describe_execution(executionArn=execution_arn)["status"] in ("FAILED", "TIMED_OUT", "ABORTED"):
            try:
                self._client.redrive_execution(executionArn=execution_arn)
            except ClientError as error:
                # Somebody else was quicker.
                if error.response["Error"]["Code"] != "ExecutionNotRedrivable":
                    raise
