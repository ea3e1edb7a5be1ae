"""What runs the executions that are started in the embedded AWS: moto itself only notes them down."""

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from local.aws.state_machine import Failure, Machine, load
from local.aws.template import StateMachine

_LOOK_SECONDS = 0.05
_WAIT_SHARE = 1 / 3600  # of the waits of the state machine: an hour is a second here
_ROLE = "arn:aws:iam::123456789012:role/local"


class Engine:
    """Looks for new executions of one state machine, and runs each with the functions of this process."""

    def __init__(
        self,
        machine: StateMachine,
        functions: Mapping[str, Callable[[Any], Any]],
        s3: Any,
        on_failure: Callable[[str], None],
    ) -> None:
        self._functions, self._s3 = functions, s3
        self._on_failure, self._stop = on_failure, threading.Event()
        self._definition = load(machine.definition, machine.substitutions)
        self._states = boto3.client("stepfunctions")
        made = self._states.create_state_machine(
            name=machine.name, definition=json.dumps(self._definition), roleArn=_ROLE
        )
        self._arn = made["stateMachineArn"]

    def pump(self, stop: threading.Event) -> None:
        """Until it is told to stop; a machine that waits is stopped too."""
        done: set[str] = set()
        self._stop = stop
        while not self._stop.wait(_LOOK_SECONDS):
            for execution in self._states.list_executions(stateMachineArn=self._arn)["executions"]:
                if execution["name"] not in done:
                    done.add(execution["name"])
                    self._run(execution["executionArn"])

    def _run(self, arn: str) -> None:
        order = json.loads(self._states.describe_execution(executionArn=arn)["input"])
        machine = Machine(
            self._definition, invoke=self._invoke, read=self._read, sleep=self._sleep, chance=random.random
        )
        ended = machine.run(order)
        if not ended.succeeded:
            self._on_failure(f"The state machine ({ended.error})")

    def _invoke(self, function: str, payload: Any) -> Any:
        try:
            return self._functions[function.rpartition(":")[2]](payload)
        except Exception as error:
            raise Failure(type(error).__name__, json.dumps({"errorMessage": str(error)})) from error

    def _read(self, bucket: str, key: str) -> Any:
        return json.loads(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _sleep(self, seconds: float, ending: threading.Event) -> None:
        until = time.monotonic() + seconds * _WAIT_SHARE
        while time.monotonic() < until and not ending.wait(_LOOK_SECONDS):
            if self._stop.is_set():
                ending.set()
