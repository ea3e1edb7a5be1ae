"""A strict interpreter of just the states and fields that `statemachine/` uses, for the laptop and the tests.

Anything else is turned down when the definition is loaded, with its place. The rules are those of the Amazon States
Language (states-language.net) and of docs.aws.amazon.com/step-functions/latest/dg; the page stands beside each.
AWS's own bookkeeping (history, redrive, time-outs) is not here: a state's `TimeoutSeconds` is not enforced.
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

from local.aws.state_machine_rules import validate_definition

_MAX_BYTES = 262_144  # service-quotas.html: input or output of a state
_DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"


class TaskFailure(Exception):  # noqa: N818  States Language's own word
    """What a task ends with: the name of an error, and its cause."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """How an execution ended: with an output, or with an error."""

    output: Any = None
    error: str = ""
    cause: str = ""

    @property
    def succeeded(self) -> bool:
        return not self.error


def load_definition(path: Path, substitutions: Mapping[str, str]) -> dict[str, Any]:
    """The definition in a file, with each `${Name}` replaced. Raise KeyError for a name that nobody gives."""
    text = re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], path.read_text("utf-8"))
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


class StateMachineInterpreter:
    """Runs a definition.

    `invoke` calls a Lambda by its ARN and raises Failure; `read_object` gives an object of a bucket as parsed JSON;
    `sleep` waits some seconds, or less when it is told by the event that it need not any more.
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
            if caught:
                name = caught
            elif state.get("End"):
                return value
            else:
                name = state["Next"]

    def _run_state(self, state: Mapping[str, Any], value: Any, context: Any, stop_requested: threading.Event) -> Any:
        """The state's output, and the state that a Catch leads to, "" when nothing was caught."""
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
        retry_counts = [0] * len(retriers)  # each retrier counts for itself
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
        """concepts-error-handling.html: the interval grows by the rate up to the maximum; FULL takes any part of it."""
        max_delay = float(retrier.get("MaxDelaySeconds", math.inf))
        seconds = min(max_delay, float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count))
        return seconds * self._jitter() if retrier.get("JitterStrategy") == "FULL" else seconds

    def _run_task(self, state: Mapping[str, Any], value: Any, context: Any) -> Any:
        """connect-lambda.html: the optimized integration gives the payload among other things."""
        parameters = _resolve_template(state["Parameters"], value, context)
        return {
            "StatusCode": 200,
            "Payload": self._invoke(parameters["FunctionName"], _copy_within_limit(parameters["Payload"])),
        }

    def _run_map(self, state: Mapping[str, Any], value: Any) -> Any:
        """state-map-distributed.html: each item is an execution of its own, so many at a time.

        The first child that fails for good ends the map (tolerance 0): none is begun after it, and those that are
        under way are stopped; a Lambda in the middle of its work runs to its end.
        """
        items, stop_requested = self._read_items(state["ItemReader"], value), threading.Event()
        failures: list[TaskFailure] = []

        def child(item: tuple[int, Any]) -> Any:
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
            outputs = list(pool.map(child, enumerate(items)))
        if failures:
            cause = f"The specified tolerated failure threshold was exceeded ({failures[0].error})"
            raise TaskFailure("States.ExceedToleratedFailureThreshold", cause)
        # Without a ResultWriter the outputs of the children together are the map's own result.
        return _copy_within_limit(outputs)

    def _read_items(self, reader: Mapping[str, Any], value: Any) -> Iterator[Any]:
        """input-output-itemreader.html: a JSON array in an object of S3."""
        parameters = _resolve_template(reader["Parameters"], value, {})
        try:
            items = self._read_object(parameters["Bucket"], parameters["Key"])
        except Exception as error:
            raise TaskFailure("States.ItemReaderFailed", type(error).__name__) from error
        if not isinstance(items, list):
            raise TaskFailure("States.ItemReaderFailed", "The object is no JSON array.")
        return iter(items)


def _matches_error(errors: Sequence[str], error: str) -> bool:
    """concepts-error-handling.html: `States.TaskFailed` stands for every error but a time-out."""
    if errors == ["States.ALL"]:
        return error != _DATA_LIMIT_EXCEEDED  # which is terminal: no State.ALL takes it
    return error in errors or ("States.TaskFailed" in errors and error not in ("States.Timeout", _DATA_LIMIT_EXCEEDED))


def _apply_result_path(state: Mapping[str, Any], value: Any, result: Any) -> Any:
    """input-output-resultpath.html: `$` or none replaces the input, null keeps it, a path puts the result into it."""
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
    """input-output-inputpath-params.html: a name that ends in `.$` takes what its path leads to."""
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
    """A plain copy: what states hand over travels as JSON, within AWS's limit."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > _MAX_BYTES:
        raise TaskFailure("States.DataLimitExceeded", "The state returned a result with a size exceeding the maximum.")
    return json.loads(text)
