"""A strict interpreter of the states and fields that `statemachine/` uses, for `local` and the tests.

`local.aws.state_machine_rules` rejects every other field when the definition is loaded. The rules are those of the
Amazon States Language (states-language.net) and of docs.aws.amazon.com/step-functions/latest/dg; each function names
its page. History, redrive and `TimeoutSeconds` are not implemented.
"""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.aws.state_machine_rules import choose_next_state, validate_definition

_MAX_BYTES = 262_144  # service-quotas.html: input or output of a state
_DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"


class TaskFailure(Exception):  # noqa: N818  the word of the States Language
    """The error name and the cause with which a task failed."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The output of an execution, or the error that failed it."""

    output: Any = None
    error: str = ""
    cause: str = ""

    @property
    def succeeded(self) -> bool:
        return not self.error


def load_definition(path: Path, substitutions: Mapping[str, str]) -> dict[str, Any]:
    """Read a definition and replace each `${Name}`. Raise KeyError for a name without a substitution."""
    text = re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], path.read_text("utf-8"))
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


class StateMachineInterpreter:
    """Runs a definition. Raises ValueError for one that AWS would reject or that uses an unknown field.

    `invoke` calls a Lambda by its ARN and raises `TaskFailure`; `read_object` returns a parsed JSON object by bucket
    and key; `sleep` waits for some seconds and may end early once its event is set; `jitter` returns 0 to 1.
    """

    def __init__(
        self,
        definition: Mapping[str, Any],
        *,
        invoke: Callable[[str, Any], Any],
        read_object: Callable[[str, str], Any],
        sleep: Callable[[float, threading.Event], None],
        jitter: Callable[[], float],
    ) -> None:
        validate_definition(definition)
        self._definition = definition
        self._invoke, self._read_object, self._sleep, self._jitter = invoke, read_object, sleep, jitter

    def run(self, value: Any) -> ExecutionResult:
        try:
            return ExecutionResult(self._run_states(self._definition, value, {}, threading.Event()))
        except TaskFailure as failure:
            return ExecutionResult(None, failure.error, failure.cause)

    def _run_states(self, states: Mapping[str, Any], value: Any, context: Any, stop_requested: threading.Event) -> Any:
        name = states["StartAt"]
        while True:
            state = states["States"][name]
            value, caught = self._run_state(state, value, context, stop_requested)
            if not caught and state.get("End"):
                return value
            name = caught or state["Next"]

    def _run_state(self, state: Mapping[str, Any], value: Any, context: Any, stop_requested: threading.Event) -> Any:
        """Return the output of a state, and the state that its Choice or Catch names, "" when none does."""
        if state["Type"] == "Choice":
            return value, choose_next_state(state, lambda path: _resolve_path(path, value, {}))
        try:
            result = self._run_with_retries(state, value, context, stop_requested)
            return _copy_within_limit(_apply_result_path(state, value, result)), ""
        except TaskFailure as failure:
            # concepts-error-handling.html: the first catcher that names the error, `States.ALL` names every one.
            for catcher in state.get("Catch", ()):
                if _matches_error(catcher["ErrorEquals"], failure.error):
                    error_output = {"Error": failure.error, "Cause": failure.cause}
                    return _copy_within_limit(_apply_result_path(catcher, value, error_output)), catcher["Next"]
            raise

    def _run_with_retries(
        self, state: Mapping[str, Any], value: Any, context: Any, stop_requested: threading.Event
    ) -> Any:
        retriers: Sequence[Mapping[str, Any]] = state.get("Retry", ())
        retry_counts = [0] * len(retriers)  # each retrier counts its own retries
        while True:
            try:
                result = (
                    self._run_task(state, value, context) if state["Type"] == "Task" else self._run_map(state, value)
                )
                return _resolve_template(state["ResultSelector"], result, {}) if "ResultSelector" in state else result
            except TaskFailure as failure:
                retrier_index = next(
                    (n for n, one in enumerate(retriers) if _matches_error(one["ErrorEquals"], failure.error)), None
                )
                if (
                    retrier_index is None
                    or retry_counts[retrier_index] >= retriers[retrier_index].get("MaxAttempts", 3)
                    or stop_requested.is_set()
                ):
                    raise
                self._sleep(
                    self._compute_retry_delay(retriers[retrier_index], retry_counts[retrier_index]), stop_requested
                )
                if stop_requested.is_set():
                    raise
                retry_counts[retrier_index] += 1

    def _compute_retry_delay(self, retrier: Mapping[str, Any], count: int) -> float:
        """Return the seconds: the interval grows by the rate up to the maximum; FULL jitter takes a random part of it.

        concepts-error-handling.html
        """
        max_delay = float(retrier.get("MaxDelaySeconds", math.inf))
        seconds = min(max_delay, float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count))
        return seconds * self._jitter() if retrier.get("JitterStrategy") == "FULL" else seconds

    def _run_task(self, state: Mapping[str, Any], value: Any, context: Any) -> Any:
        """Invoke the Lambda and return its payload as the optimized integration does (connect-lambda.html)."""
        parameters = _resolve_template(state["Parameters"], value, context)
        return {
            "StatusCode": 200,
            "Payload": self._invoke(parameters["FunctionName"], _copy_within_limit(parameters["Payload"])),
        }

    def _run_map(self, state: Mapping[str, Any], value: Any) -> Any:
        """Run each item as a child execution, `MaxConcurrency` at a time (state-map-distributed.html).

        The first child that fails after its retries ends the map (tolerance 0): no other one starts, and the running
        ones stop before their next state; a Lambda that is running finishes.
        """
        items, stop_requested = self._read_items(state["ItemReader"], value), threading.Event()
        failures: list[TaskFailure] = []

        def run_child(item: tuple[int, Any]) -> Any:
            if stop_requested.is_set():
                return None
            context = {"Map": {"Item": {"Index": item[0], "Value": item[1]}}}
            try:
                start = _copy_within_limit(_resolve_template(state["ItemSelector"], value, context))
                return self._run_states(state["ItemProcessor"], start, {}, stop_requested)
            except TaskFailure as failure:
                failures.append(failure)
                stop_requested.set()
                return None

        with ThreadPoolExecutor(state["MaxConcurrency"]) as pool:
            outputs = list(pool.map(run_child, enumerate(items)))
        if failures:
            cause = f"The specified tolerated failure threshold was exceeded ({failures[0].error})"
            raise TaskFailure("States.ExceedToleratedFailureThreshold", cause)
        # Without a ResultWriter the result of the map is the list of its children's outputs.
        return _copy_within_limit(outputs)

    def _read_items(self, reader: Mapping[str, Any], value: Any) -> Iterator[Any]:
        """Return the items of a JSON array in S3 (input-output-itemreader.html)."""
        parameters = _resolve_template(reader["Parameters"], value, {})
        try:
            items = self._read_object(parameters["Bucket"], parameters["Key"])
        except Exception as error:
            raise TaskFailure("States.ItemReaderFailed", type(error).__name__) from error
        if not isinstance(items, list):
            raise TaskFailure("States.ItemReaderFailed", "The object is no JSON array.")
        return iter(items)


def _matches_error(errors: Sequence[str], error: str) -> bool:
    """Return whether a retrier or catcher takes the error (concepts-error-handling.html).

    `States.TaskFailed` takes every error but a time-out.
    """
    if errors == ["States.ALL"]:
        return error != _DATA_LIMIT_EXCEEDED  # it is terminal: States.ALL does not take it
    return error in errors or ("States.TaskFailed" in errors and error not in ("States.Timeout", _DATA_LIMIT_EXCEEDED))


def _apply_result_path(state: Mapping[str, Any], value: Any, result: Any) -> Any:
    """Return the output: the result for `$` or no path, the input for null, else the input with the result at the path.

    input-output-resultpath.html
    """
    path = state.get("ResultPath", "$")
    if path is None:
        return value
    if path == "$":
        return result
    document = json.loads(json.dumps(value))
    *parents, last = path.removeprefix("$.").split(".")
    target = document
    for name in parents:
        target = target.setdefault(name, {})
    target[last] = result
    return document


def _resolve_template(template: Any, value: Any, context: Any) -> Any:
    """Replace each name that ends in `.$` with the value at its path (input-output-inputpath-params.html)."""
    if isinstance(template, list):
        return [_resolve_template(one, value, context) for one in template]
    if not isinstance(template, Mapping):
        return template
    return {
        name.removesuffix(".$"): _resolve_path(one, value, context)
        if name.endswith(".$")
        else _resolve_template(one, value, context)
        for name, one in template.items()
    }


def _resolve_path(path: str, value: Any, context: Any) -> Any:
    current, steps = (context, path[2:]) if path.startswith("$$") else (value, path[1:])
    for name in steps.strip(".").split(".") if steps else ():
        try:
            current = current[name]
        except (KeyError, TypeError, IndexError) as error:
            raise TaskFailure("States.ParameterPathFailure", path) from error
    return current


def _copy_within_limit(value: Any) -> Any:
    """Copy a value through JSON, as AWS passes it between states. Raise TaskFailure above AWS's limit."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > _MAX_BYTES:
        raise TaskFailure("States.DataLimitExceeded", "The state returned a result with a size exceeding the maximum.")
    return json.loads(text)
