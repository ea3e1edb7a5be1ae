"""The template as plain CloudFormation, made offline: much that is wrong inside of it shows only there.

`python -m tests.project.translated_template` prints it, for the tools that look at it.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from samtranslator.translator.transform import transform

import local  # noqa: F401  it puts src/ on the path
from local.aws.template import read_template

ROOT = Path(__file__).parents[2]


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def translate_template() -> dict[str, Any]:
    """Return the template with the definition of the state machine inside of it."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-southeast-2")
    template: dict[str, Any] = json.loads(json.dumps(read_template()))
    for one in template["Resources"].values():
        if one["Type"] == "AWS::Serverless::Function":
            one["Properties"]["CodeUri"] = "s3://bucket/key"
        if one["Type"] == "AWS::Serverless::StateMachine":
            path = ROOT / one["Properties"].pop("DefinitionUri")
            one["Properties"]["Definition"] = yaml.safe_load(path.read_text("utf-8"))
    template["Globals"]["Function"].pop("CodeUri", None)
    cloudformation: dict[str, Any] = transform(template, {}, _NoManagedPolicies())
    return cloudformation


def list_statements(function: str = "") -> list[dict[str, Any]]:
    """Return what the functions' own policies allow, with each setting that adds a statement switched on.

    `Action` and `Resource` are always lists. Without a name, those of all functions and of the state machine.
    """
    statements: list[dict[str, Any]] = []
    for name, one in translate_template()["Resources"].items():
        if one["Type"] == "AWS::IAM::Role" and name in (f"{function}Role", name if not function else ""):
            for policy in one["Properties"].get("Policies", []):
                policy = policy["Fn::If"][1] if "Fn::If" in policy else policy
                statements += policy["PolicyDocument"]["Statement"]
    allowed = [one for one in statements if one["Effect"] == "Allow"]
    return [one | {key: _make_list(one[key]) for key in ("Action", "Resource")} for one in allowed]


def _make_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    json.dump(translate_template(), sys.stdout, indent=1)
