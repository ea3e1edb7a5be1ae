"""The deployed wiring, read from template.yaml: which rule fills which queue, which handler is woken by it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref Bucket` becomes {"Ref": "Bucket"}."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(suffix)


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template: what runs, for how long at most, and what it finds in its environment."""

    name: str
    handler: str
    environment: Mapping[str, str]
    seconds: int = 900


@dataclass(frozen=True, slots=True)
class Route:
    """What an EventBridge rule lets through goes into a queue, and wakes a function at most `tries` times."""

    rule: str
    pattern: Mapping[str, Any]
    queue: str
    function: str
    tries: int


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine, its definition's file, and what is filled into that."""

    name: str
    definition: Path
    substitutions: Mapping[str, str]


class Wiring:
    """The template with `names` in place of what CloudFormation would fill in for `!Ref`, `!Sub` and `!GetAtt`."""

    def __init__(self, names: Mapping[str, str], path: Path = TEMPLATE) -> None:
        self._template = read_template(path)
        defaults = {name: str(one.get("Default", "")) for name, one in self._template["Parameters"].items()}
        arns = {f"{name}.Arn": function_arn(name) for name, _ in self._of_type("AWS::Serverless::Function")}
        self._known = defaults | arns | dict(names)

    def functions(self) -> Iterator[Function]:
        usual = self._template["Globals"]["Function"]
        everywhere = usual.get("Environment", {}).get("Variables", {})
        for name, properties in self._of_type("AWS::Serverless::Function"):
            variables = everywhere | properties.get("Environment", {}).get("Variables", {})
            environment = {key: str(self._filled(value)) for key, value in variables.items()}
            yield Function(name, properties["Handler"], environment, properties.get("Timeout", usual["Timeout"]))

    def routes(self) -> Iterator[Route]:
        woken = {
            event["Properties"]["Queue"]["Fn::GetAtt"].partition(".")[0]: name
            for name, properties in self._of_type("AWS::Serverless::Function")
            for event in properties.get("Events", {}).values()
            if event["Type"] == "SQS"
        }
        for rule, properties in self._of_type("AWS::Events::Rule"):
            pattern = json.loads(json.dumps(self._filled(properties["EventPattern"])))
            for target in properties["Targets"]:
                queue = target["Arn"]["Fn::GetAtt"].partition(".")[0]
                tries = self._template["Resources"][queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
                yield Route(rule, pattern, queue, woken[queue], tries)

    def state_machines(self) -> Iterator[StateMachine]:
        for _, properties in self._of_type("AWS::Serverless::StateMachine"):
            substitutions = self._filled(properties["DefinitionSubstitutions"])
            path = TEMPLATE.parent / properties["DefinitionUri"]
            yield StateMachine(self._filled(properties["Name"]), path, substitutions)

    def _of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self._template["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource["Properties"]

    def _filled(self, value: Any) -> Any:
        """A part of the template with each reference replaced by what it stands for. Raise KeyError for others."""
        match value:
            case list():
                return [self._filled(one) for one in value]
            case {"Ref": name} | {"Fn::GetAtt": name}:
                return self._known[name]
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._known[found[1]], text)
            case dict():
                if any(name.startswith("Fn::") for name in value):
                    raise KeyError(f"the one-machine stack cannot fill in {value}")
                return {name: self._filled(one) for name, one in value.items()}
        return value


def read_template(path: Path = TEMPLATE) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  a SafeLoader with tags
    return template


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:local:000000000000:function:{name}"
