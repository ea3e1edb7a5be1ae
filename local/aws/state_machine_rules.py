"""The fields and values that `local.aws.state_machine` implements; everything else is an error with its place."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_PATH = re.compile(r"\$\$?(\.[A-Za-z_]\w*)*")
_TASK_ARN = re.compile(r"arn:[\w-]+:states:::lambda:invoke")
_READER_ARN = re.compile(r"arn:[\w-]+:states:::s3:getObject")
# concepts-error-handling.html: names that begin with `States.` are reserved; the interpreter knows these.
_KNOWN_RESERVED_ERRORS = {"States.ALL", "States.TaskFailed", "States.Timeout"}

_COMMON_FIELDS = {"Type": str, "Comment": str, "Next": str, "End": bool}
_RESULT_FIELDS = {"ResultSelector": dict, "ResultPath": (str, type(None)), "Retry": list, "Catch": list}
_FIELDS: dict[str, dict[str, Any]] = {
    "machine": {"Comment": str, "StartAt": str, "States": dict},
    "Task": {**_COMMON_FIELDS, **_RESULT_FIELDS, "Resource": str, "Parameters": dict, "TimeoutSeconds": int},
    "Map": {
        **_COMMON_FIELDS,
        **_RESULT_FIELDS,
        "Label": str,
        "ItemReader": dict,
        "ItemSelector": dict,
        "ItemProcessor": dict,
        "MaxConcurrency": int,
    },
    "Choice": {"Type": str, "Comment": str, "Choices": list, "Default": str},
    "Rule": {"Variable": str, "BooleanEquals": bool, "Next": str},
    "ItemReader": {"Resource": str, "ReaderConfig": dict, "Parameters": dict},
    "ItemProcessor": {"ProcessorConfig": dict, "StartAt": str, "States": dict},
    "Retry": {
        "ErrorEquals": list,
        "IntervalSeconds": int,
        "BackoffRate": (int, float),
        "MaxDelaySeconds": int,
        "MaxAttempts": int,
        "JitterStrategy": str,
    },
    "Catch": {"ErrorEquals": list, "ResultPath": (str, type(None)), "Next": str},
}
_REQUIRED_FIELDS = {
    "machine": ("StartAt", "States"),
    "Task": ("Resource", "Parameters"),
    "Map": ("ItemReader", "ItemSelector", "ItemProcessor", "MaxConcurrency"),
    "Choice": ("Choices", "Default"),
    "Rule": ("Variable", "BooleanEquals", "Next"),
    "ItemReader": ("Resource", "ReaderConfig", "Parameters"),
    "ItemProcessor": ("ProcessorConfig", "StartAt", "States"),
    "Retry": ("ErrorEquals",),
    "Catch": ("ErrorEquals", "Next"),
}


def validate_definition(definition: Mapping[str, Any]) -> None:
    """Raise ValueError for the first field or value that AWS rejects or that the interpreter does not implement."""
    _check_fields(definition, "machine", "machine")
    _check_states(definition, "machine")


def choose_next_state(state: Mapping[str, Any], resolve: Callable[[str], Any]) -> str:
    """Return the state of a Choice's first rule whose variable is as it says, else its default (state-choice.html)."""
    matched = (rule["Next"] for rule in state["Choices"] if resolve(rule["Variable"]) is rule["BooleanEquals"])
    return str(next(matched, state["Default"]))


def _check_states(definition: Mapping[str, Any], location: str) -> None:
    states = definition["States"]
    reached = {definition["StartAt"]}
    for name, state in states.items():
        state_location = f"{location} > {name}"
        kind = state.get("Type")
        _require(kind in ("Task", "Map", "Choice"), state_location, f"type {kind!r} is not known")
        _check_fields(state, kind, state_location)
        if kind == "Choice":
            reached |= set(_check_choice(state, state_location))
            continue
        _require(bool(state.get("End")) != ("Next" in state), state_location, "it needs either Next or End")
        reached |= {state["Next"]} if "Next" in state else set()
        reached |= {catcher.get("Next") for catcher in state.get("Catch", ())}
        _check_result(state, state_location)
        _check_errors(state, state_location)
        (_check_task if kind == "Task" else _check_map)(state, state_location)
    _require(reached <= set(states), location, f"no state is called {sorted(map(str, reached - set(states)))}")
    _require(set(states) <= reached, location, f"nothing leads to {sorted(set(states) - reached)}")


def _check_choice(state: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the states that a Choice leads to (state-choice.html)."""
    yield state["Default"]
    for number, rule in enumerate(state["Choices"]):
        _check_fields(rule, "Rule", f"{where} > Choices {number}")
        _require(bool(_PATH.fullmatch(rule["Variable"])), where, f"{rule['Variable']!r} is no path")
        yield rule["Next"]


def _check_task(state: Mapping[str, Any], where: str) -> None:
    _require(bool(_TASK_ARN.fullmatch(state["Resource"])), where, f"resource {state['Resource']} is not known")
    names = {name.removesuffix(".$") for name in state["Parameters"]}
    _require(names == {"FunctionName", "Payload"}, where, "Parameters must be FunctionName and Payload")
    _check_template(state["Parameters"], where)


def _check_map(state: Mapping[str, Any], where: str) -> None:
    reader, processor = state["ItemReader"], state["ItemProcessor"]
    _check_fields(reader, "ItemReader", f"{where} > ItemReader")
    _require(bool(_READER_ARN.fullmatch(reader["Resource"])), where, f"reader {reader['Resource']} is not known")
    _require(reader["ReaderConfig"] == {"InputType": "JSON"}, where, "the reader must read JSON")
    names = {name.removesuffix(".$") for name in reader["Parameters"]}
    _require(names == {"Bucket", "Key"}, where, "the reader's Parameters must be Bucket and Key")
    _check_template(reader["Parameters"], where)
    _check_template(state["ItemSelector"], where)
    _require(len(state.get("Label", "")) <= 40, where, "a Label has at most 40 letters")
    _require(state["MaxConcurrency"] >= 1, where, "MaxConcurrency must be 1 or more")
    _check_fields(processor, "ItemProcessor", f"{where} > ItemProcessor")
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    _require(processor["ProcessorConfig"] == config, where, "only distributed, standard children are known")
    _check_states(processor, f"{where} > ItemProcessor")


def _check_result(state: Mapping[str, Any], where: str) -> None:
    _check_template(state.get("ResultSelector", {}), where)
    for one in (state, *state.get("Catch", ())):
        path = one.get("ResultPath")
        is_path = path is None or (bool(_PATH.fullmatch(path)) and not path.startswith("$$"))
        _require(is_path, where, f"ResultPath {path!r} is no path")


def _check_errors(state: Mapping[str, Any], where: str) -> None:
    for kind in ("Retry", "Catch"):
        rules = state.get(kind, [])
        for number, rule in enumerate(rules):
            _check_fields(rule, kind, f"{where} > {kind} {number}")
            errors = rule["ErrorEquals"]
            _require(bool(errors), where, "ErrorEquals is empty")
            unknown = {name for name in errors if name.startswith("States.")} - _KNOWN_RESERVED_ERRORS
            _require(not unknown, where, f"errors {sorted(unknown)} are not known")
            if "States.ALL" in errors:
                is_right = errors == ["States.ALL"] and number == len(rules) - 1
                _require(is_right, where, "States.ALL must be alone and last")
        for rule in rules if kind == "Retry" else ():
            _require(rule.get("MaxAttempts", 0) >= 0, where, "MaxAttempts must not be below 0")
            _require(rule.get("IntervalSeconds", 1) >= 1, where, "IntervalSeconds must be 1 or more")
            _require(rule.get("BackoffRate", 1) >= 1, where, "BackoffRate must be 1 or more")
            max_delay, interval = rule.get("MaxDelaySeconds", 31_622_400), rule.get("IntervalSeconds", 1)
            _require(interval < max_delay <= 31_622_400, where, "MaxDelaySeconds must be above IntervalSeconds")
            _require(rule.get("JitterStrategy", "NONE") in ("FULL", "NONE"), where, "JitterStrategy is FULL or NONE")


def _check_template(template: Mapping[str, Any], where: str) -> None:
    for path in _find_paths(template):
        _require(isinstance(path, str) and bool(_PATH.fullmatch(path)), where, f"{path!r} is no path")


def _find_paths(template: Any) -> Iterator[Any]:
    if isinstance(template, Mapping):
        for name, one in template.items():
            if name.endswith(".$"):
                yield one
            else:
                yield from _find_paths(one)


def _check_fields(value: Any, kind: str, where: str) -> None:
    _require(isinstance(value, Mapping), where, "it is not an object")
    known = _FIELDS[kind]
    _require(set(value) <= set(known), where, f"fields {sorted(set(value) - set(known))} are not known")
    missing = [name for name in _REQUIRED_FIELDS[kind] if name not in value]
    _require(not missing, where, f"fields {missing} are missing")
    for name, one in value.items():
        wrong_bool = isinstance(one, bool) and known[name] is not bool
        _require(isinstance(one, known[name]) and not wrong_bool, where, f"{name} is of the wrong type")


def _require(is_right: bool, where: str, words: str) -> None:
    if not is_right:
        raise ValueError(f"{where}: {words}.")
