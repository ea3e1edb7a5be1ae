"""Read template.yaml: the functions, and the rules and queues that invoke them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# An installed package contains template.yaml and src/; a checkout has them at its top.
_PACKAGED_PATH = Path(__file__).parents[1] / "deployed" / "template.yaml"
TEMPLATE_PATH = _PACKAGED_PATH if _PACKAGED_PATH.exists() else Path(__file__).parents[2] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref Bucket` becomes {"Ref": "Bucket"}."""


def _construct_short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(suffix)


_Loader.add_multi_constructor("!", _construct_short_form)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template: its handler, environment variables and time-out."""

    name: str
    handler: str
    environment: Mapping[str, str]
    timeout_seconds: int = 900


@dataclass(frozen=True, slots=True)
class EventRoute:
    """An EventBridge rule, its queue, and the function that gets each message, `max_receives` times at most."""

    rule: str
    pattern: Mapping[str, Any]
    queue: str
    function: str
    max_receives: int


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine: the file of its definition and the substitutions for it."""

    name: str
    definition: Path
    substitutions: Mapping[str, str]


class Template:
    """The template with `values` for what `!Ref`, `!Sub` and `!GetAtt` refer to."""

    def __init__(self, values: Mapping[str, str], path: Path = TEMPLATE_PATH) -> None:
        self._template = read_template(path)
        defaults = {name: str(one.get("Default", "")) for name, one in self._template["Parameters"].items()}
        arns = {
            f"{name}.Arn": build_function_arn(name) for name, _ in self._find_resources("AWS::Serverless::Function")
        }
        self._values = defaults | arns | dict(values)

    def read_functions(self) -> Iterator[Function]:
        global_properties = self._template["Globals"]["Function"]
        global_variables = global_properties.get("Environment", {}).get("Variables", {})
        for name, properties in self._find_resources("AWS::Serverless::Function"):
            variables = global_variables | properties.get("Environment", {}).get("Variables", {})
            environment = {key: str(self._resolve(value)) for key, value in variables.items()}
            yield Function(
                name, properties["Handler"], environment, properties.get("Timeout", global_properties["Timeout"])
            )

    def read_event_routes(self) -> Iterator[EventRoute]:
        functions_by_queue = {
            event["Properties"]["Queue"]["Fn::GetAtt"].partition(".")[0]: name
            for name, properties in self._find_resources("AWS::Serverless::Function")
            for event in properties.get("Events", {}).values()
            if event["Type"] == "SQS"
        }
        for rule, properties in self._find_resources("AWS::Events::Rule"):
            pattern = json.loads(json.dumps(self._resolve(properties["EventPattern"])))
            for target in properties["Targets"]:
                queue = target["Arn"]["Fn::GetAtt"].partition(".")[0]
                yield EventRoute(rule, pattern, queue, functions_by_queue[queue], self.read_max_receives(queue))

    def read_max_receives(self, queue: str) -> int:
        """Return how often a queue delivers a message that fails."""
        return int(self._template["Resources"][queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"])

    def read_state_machines(self) -> Iterator[StateMachine]:
        for _, properties in self._find_resources("AWS::Serverless::StateMachine"):
            substitutions = self._resolve(properties["DefinitionSubstitutions"])
            path = TEMPLATE_PATH.parent / properties["DefinitionUri"]
            yield StateMachine(self._resolve(properties["Name"]), path, substitutions)

    def _find_resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self._template["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource["Properties"]

    def _resolve(self, value: Any) -> Any:
        """Return a part of the template with each reference replaced. Raise KeyError for an unknown one."""
        match value:
            case list():
                return [self._resolve(one) for one in value]
            case {"Ref": name} | {"Fn::GetAtt": name}:
                return self._values[name]
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._values[found[1]], text)
            case {"Fn::If": [str(name), if_true, if_false]}:
                return self._resolve(if_true if self._is_true(self._template["Conditions"][name]) else if_false)
            case dict():
                if any(name.startswith("Fn::") for name in value):
                    raise KeyError(f"the one-machine stack cannot fill in {value}")
                return {name: self._resolve(one) for name, one in value.items()}
        return value

    def _is_true(self, condition: Any) -> bool:
        match condition:
            case {"Fn::Not": [one]}:
                return not self._is_true(one)
            case {"Fn::Equals": [left, right]}:
                return bool(self._resolve(left) == self._resolve(right))
        raise KeyError(f"the one-machine stack does not know the condition {condition}")


def read_template(path: Path = TEMPLATE_PATH) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  a SafeLoader with tags
    return template


def build_function_arn(name: str) -> str:
    return f"arn:aws:lambda:local:000000000000:function:{name}"
