"""A definition that AWS would reject, or that the interpreter does not implement, is an error with its place."""

from typing import Any

import pytest

from local.aws.state_machine_rules import validate_definition

TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "Plan", "Payload.$": "$"},
    "End": True,
}


def _definition(**changes: Any) -> dict[str, Any]:
    return {"StartAt": "Plan", "States": {"Plan": TASK | changes}}


def test_a_task_with_retries_is_valid() -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}

    validate_definition(_definition(Retry=[retry]))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Type": "Parallel"}, "type 'Parallel' is not known"),
        ({"Next": "Plan"}, "it needs either Next or End"),
        ({"Colour": "red"}, "fields ['Colour'] are not known"),
        ({"TimeoutSeconds": True}, "TimeoutSeconds is of the wrong type"),
        ({"Resource": "arn:aws:states:::sqs:sendMessage"}, "is not known"),
        ({"Parameters": {"FunctionName": "Plan"}}, "Parameters must be FunctionName and Payload"),
        ({"Parameters": {"FunctionName.$": "Plan", "Payload": {}}}, "'Plan' is no path"),
        ({"ResultPath": "$$.Map"}, "is no path"),
        ({"Retry": [{"ErrorEquals": []}]}, "ErrorEquals is empty"),
        ({"Retry": [{"ErrorEquals": ["States.Unheard"]}]}, "errors ['States.Unheard'] are not known"),
        ({"Retry": [{"ErrorEquals": ["States.ALL", "Other"]}]}, "States.ALL must be alone and last"),
        ({"Retry": [{"ErrorEquals": ["A"], "IntervalSeconds": 9, "MaxDelaySeconds": 9}]}, "MaxDelaySeconds"),
        ({"Catch": [{"ErrorEquals": ["A"], "Next": "Nowhere"}]}, "no state is called ['Nowhere']"),
    ],
)
def test_anything_else_is_an_error_that_names_it(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=r"^machine") as error:
        validate_definition(_definition(**changes))

    assert fault in str(error.value)


def test_a_state_that_nothing_leads_to_is_an_error() -> None:
    definition = {"StartAt": "Plan", "States": {"Plan": TASK, "Finish": TASK}}

    with pytest.raises(ValueError, match="nothing leads to"):
        validate_definition(definition)


def _choice(**changes: Any) -> dict[str, Any]:
    rule = {"Variable": "$.verify", "BooleanEquals": True, "Next": "Plan"}
    choice = {"Type": "Choice", "Choices": [rule | changes], "Default": "Finish"}
    return {"StartAt": "Ask", "States": {"Ask": choice, "Plan": TASK, "Finish": TASK}}


def test_a_choice_leads_to_its_rules_and_its_default() -> None:
    validate_definition(_choice())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Next": "Nowhere"}, "no state is called ['Nowhere']"),
        ({"Variable": "verify"}, "'verify' is no path"),
        ({"BooleanEquals": "true"}, "BooleanEquals is of the wrong type"),
        ({"StringEquals": "x"}, "fields ['StringEquals'] are not known"),
    ],
)
def test_a_rule_of_another_kind_is_an_error(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=r"^machine") as error:
        validate_definition(_choice(**changes))

    assert fault in str(error.value)
