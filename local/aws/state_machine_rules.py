"""What a definition may hold for `local.machine` to run it: anything else is an error with its place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PATH = re.compile(r"\$\$?(\.[A-Za-z_]\w*)*")
_TASK = re.compile(r"arn:[\w-]+:states:::lambda:invoke")
_READER = re.compile(r"arn:[\w-]+:states:::s3:getObject")
# concepts-error-handling.html: names that begin with `States.` are reserved, and these are the ones in use here.
_RESERVED = {"States.ALL", "States.TaskFailed", "States.Timeout"}

_STEP = {"Type": str, "Comment": str, "Next": str, "End": bool}
_RESULT = {"ResultSelector": dict, "ResultPath": (str, type(None)), "Retry": list, "Catch": list}
_FIELDS: dict[str, dict[str, Any]] = {
    "machine": {"Comment": str, "StartAt": str, "States": dict},
    "Task": {**_STEP, **_RESULT, "Resource": str, "Parameters": dict, "TimeoutSeconds": int},
    "Map": {
        **_STEP,
        **_RESULT,
        "Label": str,
        "ItemReader": dict,
        "ItemSelector": dict,
        "ItemProcessor": dict,
        "MaxConcurrency": int,
        "ToleratedFailurePercentage": int,
    },
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
_NEEDED = {
    "machine": ("StartAt", "States"),
    "Task": ("Resource", "Parameters"),
    "Map": ("ItemReader", "ItemSelector", "ItemProcessor", "MaxConcurrency"),
    "ItemReader": ("Resource", "ReaderConfig", "Parameters"),
    "ItemProcessor": ("ProcessorConfig", "StartAt", "States"),
    "Retry": ("ErrorEquals",),
    "Catch": ("ErrorEquals", "Next"),
}


def check(definition: Mapping[str, Any]) -> None:
    """Raise ValueError at the first thing that AWS would turn down, or that is not known here."""
    _check_fields(definition, "machine", "machine")
    _check_states(definition, "machine")


def _check_states(machine: Mapping[str, Any], place: str) -> None:
    states = machine["States"]
    reached = {machine["StartAt"]}
    for name, state in states.items():
        where = f"{place} > {name}"
        kind = state.get("Type")
        _need(kind in ("Task", "Map"), where, f"type {kind!r} is not known")
        _check_fields(state, kind, where)
        _need(bool(state.get("End")) != ("Next" in state), where, "it needs either Next or End")
        reached |= {state["Next"]} if "Next" in state else set()
        reached |= {catcher.get("Next") for catcher in state.get("Catch", ())}
        _check_result(state, where)
        _check_errors(state, where)
        (_check_task if kind == "Task" else _check_map)(state, where)
    _need(reached <= set(states), place, f"no state is called {sorted(map(str, reached - set(states)))}")
    _need(set(states) <= reached, place, f"nothing leads to {sorted(set(states) - reached)}")


def _check_task(state: Mapping[str, Any], where: str) -> None:
    _need(bool(_TASK.fullmatch(state["Resource"])), where, f"resource {state['Resource']} is not known")
    names = {name.removesuffix(".$") for name in state["Parameters"]}
    _need(names == {"FunctionName", "Payload"}, where, "Parameters must be FunctionName and Payload")
    _check_template(state["Parameters"], where)


def _check_map(state: Mapping[str, Any], where: str) -> None:
    reader, processor = state["ItemReader"], state["ItemProcessor"]
    _check_fields(reader, "ItemReader", f"{where} > ItemReader")
    _need(bool(_READER.fullmatch(reader["Resource"])), where, f"reader {reader['Resource']} is not known")
    _need(reader["ReaderConfig"] == {"InputType": "JSON"}, where, "the reader must read JSON")
    names = {name.removesuffix(".$") for name in reader["Parameters"]}
    _need(names == {"Bucket", "Key"}, where, "the reader's Parameters must be Bucket and Key")
    _check_template(reader["Parameters"], where)
    _check_template(state["ItemSelector"], where)
    _need(len(state.get("Label", "")) <= 40, where, "a Label has at most 40 letters")
    _need(state["MaxConcurrency"] >= 1, where, "MaxConcurrency must be 1 or more")
    _need(state.get("ToleratedFailurePercentage", 0) == 0, where, "only a tolerance of 0 is known")
    _check_fields(processor, "ItemProcessor", f"{where} > ItemProcessor")
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    _need(processor["ProcessorConfig"] == config, where, "only distributed, standard children are known")
    _check_states(processor, f"{where} > ItemProcessor")


def _check_result(state: Mapping[str, Any], where: str) -> None:
    _check_template(state.get("ResultSelector", {}), where)
    for one in (state, *state.get("Catch", ())):
        path = one.get("ResultPath")
        is_path = path is None or (bool(_PATH.fullmatch(path)) and not path.startswith("$$"))
        _need(is_path, where, f"ResultPath {path!r} is no path")


def _check_errors(state: Mapping[str, Any], where: str) -> None:
    for kind in ("Retry", "Catch"):
        rules = state.get(kind, [])
        for number, rule in enumerate(rules):
            _check_fields(rule, kind, f"{where} > {kind} {number}")
            errors = rule["ErrorEquals"]
            _need(bool(errors), where, "ErrorEquals is empty")
            unknown = {name for name in errors if name.startswith("States.")} - _RESERVED
            _need(not unknown, where, f"errors {sorted(unknown)} are not known")
            if "States.ALL" in errors:
                is_right = errors == ["States.ALL"] and number == len(rules) - 1
                _need(is_right, where, "States.ALL must stand alone and last")
        for rule in rules if kind == "Retry" else ():
            _need(rule.get("MaxAttempts", 0) >= 0, where, "MaxAttempts must not be below 0")
            _need(rule.get("IntervalSeconds", 1) >= 1, where, "IntervalSeconds must be 1 or more")
            _need(rule.get("BackoffRate", 1) >= 1, where, "BackoffRate must be 1 or more")
            longest, first = rule.get("MaxDelaySeconds", 31_622_400), rule.get("IntervalSeconds", 1)
            _need(first < longest <= 31_622_400, where, "MaxDelaySeconds must be above IntervalSeconds")
            _need(rule.get("JitterStrategy", "NONE") in ("FULL", "NONE"), where, "JitterStrategy is FULL or NONE")


def _check_template(template: Mapping[str, Any], where: str) -> None:
    for path in _paths(template):
        _need(isinstance(path, str) and bool(_PATH.fullmatch(path)), where, f"{path!r} is no path")


def _paths(template: Any) -> Iterator[Any]:
    if isinstance(template, Mapping):
        for name, one in template.items():
            if name.endswith(".$"):
                yield one
            else:
                yield from _paths(one)


def _check_fields(value: Any, kind: str, where: str) -> None:
    _need(isinstance(value, Mapping), where, "it is no object")
    known = _FIELDS[kind]
    _need(set(value) <= set(known), where, f"fields {sorted(set(value) - set(known))} are not known")
    missing = [name for name in _NEEDED[kind] if name not in value]
    _need(not missing, where, f"fields {missing} are missing")
    for name, one in value.items():
        wrong_bool = isinstance(one, bool) and known[name] is not bool
        _need(isinstance(one, known[name]) and not wrong_bool, where, f"{name} is of the wrong type")


def _need(is_right: bool, where: str, words: str) -> None:
    if not is_right:
        raise ValueError(f"{where}: {words}.")
