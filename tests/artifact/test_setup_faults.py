"""What only a person can repair is counted at once: a permission taken away, a secret or a setting that is broken.

Each function is played by the Lambda runtime client, and what it counts is looked up among the alarms of the template.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from local.aws.template import read_template
from local.deployment.artifact import start_artifact_environment
from tests.artifact.fault_player import FaultPlayer, Observation
from tests.artifact.granted_permissions import is_not_played, read_granted
from tests.artifact.recording_proxy import Need

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
ALARMS: dict[str, Any] = {
    name: one["Properties"]
    for name, one in read_template()["Resources"].items()
    if one["Type"] == "AWS::CloudWatch::Alarm"
}
FUNCTIONS = [name for name, one in read_template()["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]


def find_alarms(seen: Observation) -> set[str]:
    """Return the alarms of the template whose metric has been counted."""
    return {name for name, alarm in ALARMS.items() if _is_counted(alarm, seen)}


def _is_counted(alarm: Any, seen: Observation) -> bool:
    if alarm.get("Namespace") == "ContactImport":
        return bool(seen.metrics[alarm["MetricName"]] > alarm["Threshold"])
    if alarm.get("Namespace") == "AWS/ApiGateway":
        return bool(seen.server_errors > alarm["Threshold"])
    return any(
        query["MetricStat"]["Metric"]["MetricName"] == "Errors"
        and seen.errors[query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"]]
        for query in alarm.get("Metrics", [])
        if "MetricStat" in query
    )


@pytest.fixture(scope="module")
def player() -> Iterator[FaultPlayer]:
    with start_artifact_environment() as environment:
        made = FaultPlayer(environment)
        yield made
        made.close()


@pytest.fixture(scope="module")
def granted() -> dict[str, list[Need]]:
    return read_granted()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_a_fault_no_alarm_is_raised_but_that_of_a_broken_message(name: str, player: FaultPlayer) -> None:
    assert find_alarms(player.play(name)) <= {"FailingAlarm"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_permission_that_is_taken_away_is_counted_for_its_alarm(
    name: str, player: FaultPlayer, granted: dict[str, list[Need]]
) -> None:
    silent, unused = [], []
    for permission in dict.fromkeys(granted[name]):
        seen = player.play(name, taken_away=permission)
        if not seen.denied and not is_not_played(permission):
            unused.append(permission)
        elif seen.denied and "SetupAlarm" not in find_alarms(seen):
            silent.append(permission)

    assert silent == []
    # While Cellcast is away, claims are read, and those of large deliveries are in the bucket: `test_permissions.py`.
    assert [one for one in unused if "/groups/" not in one[1] and one[0] != "dynamodb:GetItem"] == []


CALLERS = ("UploadFunction", "BatchFunction", "QueueFunction", "WebhookFunction")  # of Cellcast
# A secret and what is stored in it, None for one that does not exist; the functions that read it; the alarms.
BROKEN_SECRETS = [
    ("CELLCAST_SECRET", None, CALLERS, {"SetupAlarm"}),
    ("CELLCAST_SECRET", '{"api_key": ', ("UploadFunction", "QueueFunction"), {"SetupAlarm"}),
    ("CELLCAST_SECRET", "cc-old-key", CALLERS, {"SetupAlarm"}),
    ("HOOKS_SECRET", None, ("WebhookFunction",), {"SetupAlarm", "ApiErrorsAlarm"}),
    ("HOOKS_SECRET", '{"tokens": ', ("WebhookFunction",), {"SetupAlarm", "ApiErrorsAlarm"}),
    ("LINKS_SECRET", None, ("NotifyFunction", "WebhookFunction"), {"SetupAlarm"}),
    ("LINKS_SECRET", "short", ("NotifyFunction", "WebhookFunction"), {"SetupAlarm"}),
    ("CALLBACK_SECRET", None, ("CallbackFunction",), {"SetupAlarm", "FailingAlarm"}),
    ("CALLBACK_SECRET", "short", ("CallbackFunction",), {"SetupAlarm", "FailingAlarm"}),
]


@pytest.mark.parametrize(
    ("number", "name"), [(number, name) for number, one in enumerate(BROKEN_SECRETS) for name in one[2]]
)
def test_a_secret_that_cannot_be_used_is_counted_for_its_alarm(number: int, name: str, player: FaultPlayer) -> None:
    variable, value, _, alarms = BROKEN_SECRETS[number]
    secret = f"broken/{number}"
    if value:
        with suppress(player.secrets.exceptions.ResourceExistsException):
            player.secrets.create_secret(Name=secret, SecretString=value)

    seen = player.play(name, variables={variable: secret})

    assert find_alarms(seen) >= alarms


def test_a_setting_that_cannot_be_used_is_counted_for_its_alarm(player: FaultPlayer) -> None:
    for name in FUNCTIONS:
        assert "SetupAlarm" in find_alarms(player.play(name, variables={"MOBILE_ONLY": "maybe"})), name
