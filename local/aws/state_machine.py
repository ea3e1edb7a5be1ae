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

from local.aws.state_machine_rules import check

_MAX_BYTES = 262_144  # service-quotas.html: input or output of a state
_MAP_OUTPUT = "States.DataLimitExceeded"


class Failure(Exception):  # noqa: N818  States Language's own word
    """What a task ends with: the name of an error, and its cause."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution ended: with an output, or with an error."""

    output: Any = None
    error: str = ""
    cause: str = ""

    @property
    def succeeded(self) -> bool:
        return not self.error


def load(path: Path, substitutions: Mapping[str, str]) -> dict[str, Any]:
    """The definition in a file, with each `${Name}` replaced. Raise KeyError for a name that nobody gives."""
    text = re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], path.read_text("utf-8"))
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


class Machine:
    """Runs a definition.

    `invoke` calls a Lambda by its ARN and raises Failure; `read` gives an object of a bucket as parsed JSON;
    `sleep` waits some seconds, or less when it is told by the event that it need not any more.
    """

    def __init__(
        self,
        definition: Mapping[str, Any],
        *,
        invoke: Callable[[str, Any], Any],
        read: Callable[[str, str], Any],
        sleep: Callable[[float, threading.Event], None],
        chance: Callable[[], float],
    ) -> None:
        check(definition)
        self._definition = definition
        self._invoke, self._read, self._sleep, self._chance = invoke, read, sleep, chance

    def run(self, value: Any) -> Ended:
        try:
            return Ended(self._run_states(self._definition, value, {}, threading.Event()))
        except Failure as failure:
            return Ended(None, failure.error, failure.cause)

    def _run_states(self, states: Mapping[str, Any], value: Any, context: Any, ending: threading.Event) -> Any:
        name = states["StartAt"]
        while True:
            state = states["States"][name]
            value, caught = self._run_state(state, value, context, ending)
            if caught:
                name = caught
            elif state.get("End"):
                return value
            else:
                name = state["Next"]

    def _run_state(self, state: Mapping[str, Any], value: Any, context: Any, ending: threading.Event) -> Any:
        """The state's output, and the state that a Catch leads to, "" when nothing was caught."""
        try:
            result = self._retried(state, value, context, ending)
            return _limited(_placed(state, value, result)), ""
        except Failure as failure:
            # concepts-error-handling.html: the first catcher that names the error, `States.ALL` names every one.
            for catcher in state.get("Catch", ()):
                if _names(catcher["ErrorEquals"], failure.error):
                    told = {"Error": failure.error, "Cause": failure.cause}
                    return _limited(_placed(catcher, value, told)), catcher["Next"]
            raise

    def _retried(self, state: Mapping[str, Any], value: Any, context: Any, ending: threading.Event) -> Any:
        retriers: Sequence[Mapping[str, Any]] = state.get("Retry", ())
        counts = [0] * len(retriers)  # each retrier counts for itself
        while True:
            try:
                result = self._task(state, value, context) if state["Type"] == "Task" else self._map(state, value)
                return _filled(state["ResultSelector"], result, {}) if "ResultSelector" in state else result
            except Failure as failure:
                at = next((n for n, one in enumerate(retriers) if _names(one["ErrorEquals"], failure.error)), None)
                if at is None or counts[at] >= retriers[at].get("MaxAttempts", 3) or ending.is_set():
                    raise
                self._sleep(self._delay(retriers[at], counts[at]), ending)
                if ending.is_set():
                    raise
                counts[at] += 1

    def _delay(self, retrier: Mapping[str, Any], count: int) -> float:
        """concepts-error-handling.html: the interval grows by the rate up to the maximum; FULL takes any part of it."""
        longest = float(retrier.get("MaxDelaySeconds", math.inf))
        seconds = min(longest, float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count))
        return seconds * self._chance() if retrier.get("JitterStrategy") == "FULL" else seconds

    def _task(self, state: Mapping[str, Any], value: Any, context: Any) -> Any:
        """connect-lambda.html: the optimized integration gives the payload among other things."""
        order = _filled(state["Parameters"], value, context)
        return {"StatusCode": 200, "Payload": self._invoke(order["FunctionName"], _limited(order["Payload"]))}

    def _map(self, state: Mapping[str, Any], value: Any) -> Any:
        """state-map-distributed.html: each item is an execution of its own, so many at a time.

        The first child that fails for good ends the map (tolerance 0): none is begun after it, and those that are
        under way are stopped; a Lambda in the middle of its work runs to its end.
        """
        items, ending = self._items(state["ItemReader"], value), threading.Event()
        failures: list[Failure] = []

        def child(item: tuple[int, Any]) -> Any:
            if ending.is_set():
                return None
            context = {"Map": {"Item": {"Index": item[0], "Value": item[1]}}}
            try:
                start = _limited(_filled(state["ItemSelector"], value, context))
                return self._run_states(state["ItemProcessor"], start, {}, ending)
            except Failure as failure:
                failures.append(failure)
                ending.set()
                return None

        with ThreadPoolExecutor(state["MaxConcurrency"]) as pool:
            outputs = list(pool.map(child, enumerate(items)))
        if failures:
            cause = f"The specified tolerated failure threshold was exceeded ({failures[0].error})"
            raise Failure("States.ExceedToleratedFailureThreshold", cause)
        # Without a ResultWriter the outputs of the children together are the map's own result.
        return _limited(outputs)

    def _items(self, reader: Mapping[str, Any], value: Any) -> Iterator[Any]:
        """input-output-itemreader.html: a JSON array in an object of S3."""
        where = _filled(reader["Parameters"], value, {})
        try:
            items = self._read(where["Bucket"], where["Key"])
        except Exception as error:
            raise Failure("States.ItemReaderFailed", type(error).__name__) from error
        if not isinstance(items, list):
            raise Failure("States.ItemReaderFailed", "The object is no JSON array.")
        return iter(items)


def _names(errors: Sequence[str], error: str) -> bool:
    """concepts-error-handling.html: `States.TaskFailed` stands for every error but a time-out."""
    if errors == ["States.ALL"]:
        return error != _MAP_OUTPUT  # which is terminal: no State.ALL takes it
    return error in errors or ("States.TaskFailed" in errors and error not in ("States.Timeout", _MAP_OUTPUT))


def _placed(where: Mapping[str, Any], value: Any, result: Any) -> Any:
    """input-output-resultpath.html: `$` or none replaces the input, null keeps it, a path puts the result into it."""
    path = where.get("ResultPath", "$")
    if path is None:
        return value
    if path == "$":
        return result
    whole = json.loads(json.dumps(value))
    *parents, last = path.removeprefix("$.").split(".")
    at = whole
    for name in parents:
        at = at.setdefault(name, {})
    at[last] = result
    return whole


def _filled(template: Any, value: Any, context: Any) -> Any:
    """input-output-inputpath-params.html: a name that ends in `.$` takes what its path leads to."""
    if isinstance(template, list):
        return [_filled(one, value, context) for one in template]
    if not isinstance(template, Mapping):
        return template
    return {
        name.removesuffix(".$"): _at(one, value, context) if name.endswith(".$") else _filled(one, value, context)
        for name, one in template.items()
    }


def _at(path: str, value: Any, context: Any) -> Any:
    at, steps = (context, path[2:]) if path.startswith("$$") else (value, path[1:])
    for name in steps.strip(".").split(".") if steps else ():
        try:
            at = at[name]
        except (KeyError, TypeError, IndexError) as error:
            raise Failure("States.ParameterPathFailure", path) from error
    return at


def _limited(value: Any) -> Any:
    """A plain copy: what states hand over travels as JSON, within AWS's limit."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > _MAX_BYTES:
        raise Failure("States.DataLimitExceeded", "The state returned a result with a size exceeding the maximum.")
    return json.loads(text)
