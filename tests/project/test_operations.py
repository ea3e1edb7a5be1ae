"""The dashboard shows the metrics of the code, and docs/operations.md explains each alarm."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contact_import.cellcast.credentials import API_KEY_DENIED
from contact_import.reports.metrics import build_metrics
from contact_import.reports.notifications import build_event_detail
from local.aws.template import read_template
from tests.unit.reports.test_notifications import RESULT

ROOT = Path(__file__).parents[2]
RESOURCES: dict[str, dict[str, Any]] = read_template()["Resources"]
ALARMS = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::CloudWatch::Alarm"}
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def _shown() -> Iterator[list[str]]:
    """Namespace, metric and dimensions of each line of the dashboard, with the dots of CloudWatch filled in."""
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    for widget in body["widgets"]:
        before: list[str] = []
        for line in widget["properties"]["metrics"]:
            words = [word for word in line if isinstance(word, str)]
            before = [before[at] if word == "." else word for at, word in enumerate(words)]
            yield before


SHOWN = list(_shown())


def _counted() -> set[str]:
    handlers = ROOT / "src" / "contact_import" / "handlers"
    code = "".join(path.read_text("utf-8") for path in handlers.glob("*.py"))
    return {name for name, _, _ in build_metrics(RESULT)} | set(re.findall(r'add_metric\(name="(\w+)"', code))


def test_the_dashboard_shows_what_the_code_counts() -> None:
    ours = [line for line in SHOWN if line[0] == "ContactImport"]

    assert {line[1] for line in ours} - _counted() == set()
    assert all(line[2:] == ["service", "contact-import"] for line in ours)
    assert {f"Rows{one}" for one in "Accepted Invalid Duplicate OptedOut Refused Unsent Unknown".split()} <= {
        line[1] for line in ours
    }


def test_the_dashboard_shows_how_long_things_wait_in_each_queue_that_wakes_a_function() -> None:
    waiting = {name for name, one in RESOURCES.items() if "RedrivePolicy" in one.get("Properties", {})}

    shown = {line[3] for line in SHOWN if line[1] == "ApproximateAgeOfOldestMessage"}

    assert shown == {f"${{{name}.QueueName}}" for name in waiting}


@pytest.mark.parametrize("name", ALARMS)
def test_each_alarm_is_heard_and_the_docs_say_what_to_do(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "Alarms"}]
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("name", ALARMS)
def test_each_alarm_names_a_page_and_a_heading_that_are_there(name: str) -> None:
    named = re.search(r'See "(.+)" in (docs/\w+\.md)\.$', ALARMS[name]["AlarmDescription"])

    assert named
    assert f"\n## {named[1]}\n" in (ROOT / named[2]).read_text("utf-8")


def test_a_function_whose_failures_lambda_does_not_count_has_an_alarm_on_ours() -> None:
    """A batch response with failed messages is a success for Lambda."""
    partial = {
        name
        for name, one in RESOURCES.items()
        for event in one.get("Properties", {}).get("Events", {}).values()
        if event["Properties"].get("FunctionResponseTypes") == ["ReportBatchItemFailures"]
    }
    errors = {
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"]
        for query in ALARMS["FunctionErrorsAlarm"]["Metrics"]
        if "MetricStat" in query
    }

    assert partial == {"UploadFunction", "QueueFunction", "NotifyFunction", "CallbackFunction"}
    assert errors == partial | {"SweepFunction", "WebhookFunction"}
    assert ALARMS["FailingAlarm"]["MetricName"] == "MessagesFailed"
    assert ALARMS["ApiErrorsAlarm"]["MetricName"] == "5xx"


def test_the_docs_name_each_command_that_replays_what_failed() -> None:
    """One of the same form for each queue; it names the destination, since EventBridge's messages came from none."""
    for name, one in RESOURCES.items():
        if "RedrivePolicy" in one.get("Properties", {}):
            command = read_template()["Outputs"][f"Replay{name}"]["Value"]["Fn::Sub"]
            assert command.endswith(f"--source-arn ${{Failed{name}.Arn}} --destination-arn ${{{name}.Arn}}")
            assert one["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": f"Failed{name}.Arn"}
            assert f"`Replay{name}`" in PAGE


def test_each_alarm_of_ours_looks_at_something_that_is_counted() -> None:
    ours = [one for one in ALARMS.values() if one.get("Namespace") == "ContactImport"]

    assert ours
    assert {one["MetricName"] for one in ours} - _counted() == set()
    assert all(one["Dimensions"] == [{"Name": "service", "Value": "contact-import"}] for one in ours)


def test_each_queue_of_what_failed_has_an_alarm() -> None:
    kept = {
        one["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"].partition(".")[0]
        for one in RESOURCES.values()
        if "RedrivePolicy" in one.get("Properties", {})
    }
    watched = {
        one["Dimensions"][0]["Value"]["Fn::GetAtt"].partition(".")[0]
        for one in ALARMS.values()
        if one.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }

    assert kept == watched


def test_the_docs_tell_all_that_is_in_the_event() -> None:
    assert [name for name in build_event_detail(RESULT, "k") if f"`{name}`" not in PAGE] == []


def test_the_docs_have_each_parameter_with_its_default_and_its_sentence() -> None:
    parameters = read_template()["Parameters"]

    for name, one in parameters.items():
        default = f"`{one['Default']}`" if one["Default"] != "" else "empty"
        assert f"| `{name}` | {default} | {one['Description'].strip()} |\n" in PAGE
    text = " ".join(PAGE.split())
    assert f"each of the {len(parameters)} parameters" in text
    assert f"asks {len(parameters) + 8} questions" in text


def test_the_outputs_that_the_docs_name_are_there() -> None:
    outputs = read_template()["Outputs"]

    named = set(re.findall(r"<(\w+?)(?: of the outputs)?>", PAGE)) - {"import_id", "stack", "VersionId"}
    assert named
    assert named - set(outputs) == set()


def test_the_page_quotes_what_a_broken_setup_logs() -> None:
    secrets = (ROOT / "src" / "contact_import" / "aws" / "secrets.py").read_text("utf-8")
    quoted = re.findall(r"\| `(.+?)(?: …)?` \|", PAGE.partition("### What a broken permission")[2])

    for words in ("It is encrypted with a KMS key", "could not be read: "):
        assert words in secrets
        assert any(words in one for one in quoted)
    assert API_KEY_DENIED in quoted
