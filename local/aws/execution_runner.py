"""Run the Step Functions executions of the embedded AWS, which moto only records."""

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from local.aws.state_machine import StateMachineInterpreter, TaskFailure, load_definition
from local.aws.template import StateMachine

_POLL_SECONDS = 0.05
_WAIT_SCALE = 1 / 3600  # an hour of the state machine takes a second here
_ROLE = "arn:aws:iam::123456789012:role/local"


class ExecutionRunner:
    """Polls for new executions of one state machine and runs each with the functions of this process.

    `read_object` returns a parsed JSON object by bucket and key. `on_failure` gets a sentence for each execution that
    failed. Once `is_interrupted`, no state is retried: the execution continues to the state that writes the results.
    """

    def __init__(
        self,
        machine: StateMachine,
        functions: Mapping[str, Callable[[Any], Any]],
        read_object: Callable[[str, str], Any],
        on_failure: Callable[[str], None],
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._functions, self._read = functions, read_object
        self._is_interrupted = is_interrupted
        self._on_failure, self._stop = on_failure, threading.Event()
        self._definition = load_definition(machine.definition, machine.substitutions)
        self._step_functions = boto3.client("stepfunctions")
        created = self._step_functions.create_state_machine(
            name=machine.name, definition=json.dumps(self._definition), roleArn=_ROLE
        )
        self._arn = created["stateMachineArn"]

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Run new executions one after the other until `stop` is set, which also ends the wait of a state."""
        done: set[str] = set()
        self._stop = stop
        while not self._stop.wait(_POLL_SECONDS):
            for execution in self._step_functions.list_executions(stateMachineArn=self._arn)["executions"]:
                if execution["name"] not in done:
                    done.add(execution["name"])
                    self._run(execution["executionArn"])

    def _run(self, arn: str) -> None:
        execution_input = json.loads(self._step_functions.describe_execution(executionArn=arn)["input"])
        interpreter = StateMachineInterpreter(
            self._definition, invoke=self._invoke, read_object=self._read, sleep=self._sleep, jitter=random.random
        )
        result = interpreter.run(execution_input)
        if not result.succeeded:
            self._on_failure(f"The state machine ({result.error})")

    def _invoke(self, function: str, payload: Any) -> Any:
        try:
            return self._functions[function.rpartition(":")[2]](payload)
        except Exception as error:
            raise TaskFailure(type(error).__name__, json.dumps({"errorMessage": str(error)})) from error

    def _sleep(self, seconds: float, stop_requested: threading.Event) -> None:
        deadline = time.monotonic() + seconds * _WAIT_SCALE
        while not stop_requested.is_set():
            if self._stop.is_set() or self._is_interrupted():
                stop_requested.set()
            elif time.monotonic() >= deadline:
                return
            else:
                stop_requested.wait(_POLL_SECONDS)
