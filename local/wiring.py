"""The deployed wiring, read from template.yaml: which rule wakes which handler, with which environment."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parent.parent / "template.yaml"


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
class Wired:
    """A function of the template: what runs, what wakes it and what it finds in its environment."""

    name: str
    handler: str
    patterns: tuple[Mapping[str, Any], ...]
    environment: Mapping[str, str]


def read_template(path: Path = TEMPLATE) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  a SafeLoader with tags
    return template


def wired_functions(template: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Wired]:
    """The functions, with `names` in place of what CloudFormation would fill in for `!Ref`."""
    defaults = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    known = defaults | dict(names)
    everywhere = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        variables = everywhere | properties.get("Environment", {}).get("Variables", {})
        yield Wired(
            name,
            properties["Handler"],
            tuple(_patterns(properties.get("Events", {}), known)),
            {key: str(_filled(value, known)) for key, value in variables.items()},
        )


def _patterns(events: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    for event in events.values():
        if event["Type"] == "EventBridgeRule":
            yield json.loads(json.dumps(_filled(event["Properties"]["Pattern"], known)))


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    """A part of the template with each reference replaced by what it stands for. Raise KeyError for others."""
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return known[value["Ref"]]
    if any(name.startswith("Fn::") for name in value):
        raise KeyError(f"the one-machine stack cannot fill in {value}")
    return {name: _filled(one, known) for name, one in value.items()}
