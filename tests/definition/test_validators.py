"""The definition of the state machine, by the validators that AWS's editors and other projects use.

`make template` installs them and runs these tests.
"""

import copy
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.project.translated_template import translate_template

ROOT = Path(__file__).parents[2]
_ARNS = {
    "Partition": "aws",
    "PlanFunctionArn": "arn:aws:lambda:ap-southeast-2:123456789012:function:plan",
    "BatchFunctionArn": "arn:aws:lambda:ap-southeast-2:123456789012:function:batch",
    "FinishFunctionArn": "arn:aws:lambda:ap-southeast-2:123456789012:function:finish",
}


def _read_definition() -> dict[str, Any]:
    """Return the definition with its substitutions filled in, as Step Functions gets it."""
    (machine,) = (
        one for one in translate_template()["Resources"].values() if one["Type"] == "AWS::StepFunctions::StateMachine"
    )
    text = "\n".join(machine["Properties"]["DefinitionString"]["Fn::Join"][1])
    assert set(machine["Properties"]["DefinitionSubstitutions"]) == set(_ARNS)
    for name, value in _ARNS.items():
        text = text.replace(f"${{{name}}}", value)
    definition: dict[str, Any] = json.loads(text)
    return definition


def _find_faults(definitions: Sequence[Any]) -> list[list[str]]:
    done = subprocess.run(
        [ROOT / ".venvs" / "node" / "bin" / "node", ROOT / ".ci" / "asl" / "check.cjs"],
        input=json.dumps(definitions),
        env=os.environ | {"NODE_PATH": str(ROOT / ".venvs" / "asl" / "node_modules")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    faults: list[list[str]] = json.loads(done.stdout)
    return faults


def _get_unit(definition: Any) -> Any:
    return definition["States"]["Deliver all"]["ItemProcessor"]["States"]["Deliver"]


def _get_retrier(definition: Any) -> Any:
    return definition["States"]["Plan"]["Retry"][0]


# One fault of each kind, and what makes it.
FAULTS: dict[str, Callable[[Any], object]] = {
    "no first state": lambda one: one.pop("StartAt"),
    "the first state does not exist": lambda one: one.update(StartAt="Nowhere"),
    "the next state does not exist": lambda one: one["States"]["Plan"].update(Next="Nowhere"),
    "the default does not exist": lambda one: one["States"]["Is it planned"].update(Default="Nowhere"),
    "an error leads to no state": lambda one: one["States"]["Plan"]["Catch"][0].update(Next="Nowhere"),
    "a state of the map leads out of it": lambda one: (_get_unit(one).pop("End"), _get_unit(one).update(Next="Finish")),
    "no state leads there": lambda one: one["States"].update(Lost={"Type": "Succeed"}),
    "neither next nor end": lambda one: one["States"]["Plan"].pop("Next"),
    "next and end": lambda one: one["States"]["Finish"].update(Next="Plan"),
    "an unknown field": lambda one: one["States"]["Plan"].update(TimeoutSecond=960),
    "an unknown type": lambda one: one["States"]["Plan"].update(Type="Tasks"),
    "a task without a resource": lambda one: one["States"]["Plan"].pop("Resource"),
    "a map without a processor": lambda one: one["States"]["Deliver all"].pop("ItemProcessor"),
    "an unknown mode of the map": lambda one: one["States"]["Deliver all"]["ItemProcessor"]["ProcessorConfig"].update(
        Mode="DISTRIBUTE"
    ),
    "a comparison without an operator": lambda one: one["States"]["Is it planned"]["Choices"][0].pop("BooleanEquals"),
    "a negative time-out": lambda one: one["States"]["Plan"].update(TimeoutSeconds=-1),
    "attempts as text": lambda one: _get_retrier(one).update(MaxAttempts="8"),
    "waits that shrink": lambda one: _get_retrier(one).update(BackoffRate=0.5),
    "a retry of no error": lambda one: _get_retrier(one).update(ErrorEquals=[]),
    "an unknown jitter": lambda one: _get_retrier(one).update(JitterStrategy="HALF"),
    "a path that is none": lambda one: one["States"]["Plan"]["Parameters"].update({"Payload.$": "$[bad"}),
    "a text in place of a path": lambda one: one["States"]["Deliver all"]["ItemSelector"].update(
        {"bucket.$": "bucket"}
    ),
}


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """Return what the validators find in the definition, "", and in each that was broken."""
    definitions = [_read_definition()]
    for break_it in FAULTS.values():
        definitions.append(copy.deepcopy(definitions[0]))
        break_it(definitions[-1])
    return dict(zip(["", *FAULTS], _find_faults(definitions), strict=True))


def test_the_validators_find_no_fault(faults: dict[str, list[str]]) -> None:
    assert faults[""] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_definition_is_rejected(name: str, faults: dict[str, list[str]]) -> None:
    assert faults[name]
