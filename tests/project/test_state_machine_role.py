"""The role of the state machine against the calls of its definition, both ways: nothing missing, nothing unused."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from contact_import.domain.object_keys import make_manifest_key
from local.aws.state_machine import load_definition
from local.aws.template import Template
from local.stack_values import BUCKET, build_template_values
from tests.project.translated_template import list_statements, translate_template

IMPORT_ID = "0" * 24
TEMPLATE = Template(build_template_values())
(MACHINE,) = TEMPLATE.read_state_machines()
DEFINITION = load_definition(MACHINE.definition, MACHINE.substitutions)

type Need = tuple[str, str]  # an IAM action, and the ARN of its resource


def _make_arn(kind: str, name: str) -> str:
    values = build_template_values()
    return f"arn:aws:states:{values['AWS::Region']}:{values['AWS::AccountId']}:{kind}:{name}"


def _find_needs(states: dict[str, Any]) -> Iterator[Need]:
    """Yield what the role must allow. Raise KeyError for a kind of state or of resource that is not known here."""
    for state in states.values():
        if state["Type"] == "Task":
            yield {"arn:aws:states:::lambda:invoke": "lambda:InvokeFunction"}[state["Resource"]], _get_function(state)
        elif state["Type"] == "Map":
            yield from _find_map_needs(state)
            yield from _find_needs(state["ItemProcessor"]["States"])
        else:
            assert state["Type"] == "Choice"


def _get_function(state: dict[str, Any]) -> str:
    return str(state["Parameters"]["FunctionName"])


def _find_map_needs(state: dict[str, Any]) -> Iterator[Need]:
    """Yield what a Distributed Map needs (docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).

    Its children are executions of the same state machine, whose names have the label. The page names DescribeExecution
    on executions without a label. Its earlier version also named StopExecution: a run that fails stops its children.
    """
    assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert "ResultWriter" not in state
    yield {"arn:aws:states:::s3:getObject": "s3:GetObject"}[state["ItemReader"]["Resource"]], _get_manifest(state)
    parent, child = (
        _make_arn("execution", f"{name}:{IMPORT_ID}") for name in (MACHINE.name, f"{MACHINE.name}/{state['Label']}")
    )
    yield "states:StartExecution", _make_arn("stateMachine", MACHINE.name)
    for execution in (parent, child):
        yield "states:DescribeExecution", execution
        yield "states:StopExecution", execution
    yield "states:RedriveExecution", child


def _get_manifest(state: dict[str, Any]) -> str:
    assert state["ItemReader"]["Parameters"] == {"Bucket.$": "$.bucket", "Key.$": "$.plan.manifest"}
    return f"arn:aws:s3:::{BUCKET}/{make_manifest_key(IMPORT_ID)}"


@pytest.fixture(scope="module")
def needs() -> set[Need]:
    return set(_find_needs(DEFINITION["States"]))


@pytest.fixture(scope="module")
def granted() -> list[Need]:
    return [
        (action, TEMPLATE._resolve(resource))
        for statement in list_statements("LargeFile")
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]


def test_the_role_allows_each_call_of_the_state_machine(needs: set[Need], granted: list[Need]) -> None:
    missing = {
        need for need in needs if not any(need[0] == action and fnmatchcase(need[1], part) for action, part in granted)
    }

    assert {action.partition(":")[0] for action, _ in needs} == {"lambda", "s3", "states"}
    assert missing == set()


def test_the_role_allows_nothing_that_the_state_machine_does_not_call(needs: set[Need], granted: list[Need]) -> None:
    unused = [
        (action, part)
        for action, part in granted
        if not any(need[0] == action and fnmatchcase(need[1], part) for need in needs)
    ]

    assert unused == []


def test_the_state_machine_has_no_policy_that_its_definition_does_not_show() -> None:
    """Logs and traces of a state machine would need more permissions, which AWS grants on every resource only."""
    resources = translate_template()["Resources"]

    assert not {"LoggingConfiguration", "TracingConfiguration"} & set(resources["LargeFile"]["Properties"])
    assert not resources["LargeFileRole"]["Properties"].get("ManagedPolicyArns")
