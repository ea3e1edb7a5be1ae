"""Run each event of `events/` in the functions that `sam build` made, in the real Lambda runtime client.

`make artifact` builds it and runs these tests.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.lambda_runtime import FunctionError
from local.aws.template import Template
from local.deployment.artifact import API_KEY, BUILD_DIR, ArtifactEnvironment, start_artifact_environment
from local.deployment.example_events import API_TOKEN, EVENTS_DIR, HOOK_TOKEN
from local.stack_values import build_template_values

FUNCTIONS = {function.name: function for function in Template(build_template_values()).read_functions()}
EVENTS = sorted(path.name for path in EVENTS_DIR.glob("*.json"))


def run_events(environment: ArtifactEnvironment, name: str, *events: Any) -> list[Any]:
    """Return the function's result of each event, after checking that its log has no person and no key."""
    with environment.make_runtime(name) as runtime:
        answers = [runtime.invoke(event) for event in events]
    secrets = (API_KEY, API_TOKEN, HOOK_TOKEN)
    assert not [word for word in ("0491570", "491570", "Ann", *secrets) if word in runtime.log]
    # Every line is ours: a library's lines would have another form, and may contain the name of a file.
    lines = [json.loads(line) for line in runtime.log.splitlines()]
    assert {line["service"] for line in lines} <= {"contact-import"}
    return answers


@pytest.fixture(scope="module")
def environment() -> Iterator[ArtifactEnvironment]:
    with start_artifact_environment() as made:
        yield made


def test_each_function_has_an_event_and_each_event_a_function() -> None:
    named = {name.removesuffix("Function").lower() for name in FUNCTIONS}

    assert named == {name.partition(".")[0].partition("_")[0] for name in EVENTS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_deployed_is_small(name: str) -> None:
    files = [path for path in (BUILD_DIR / name).rglob("*") if path.is_file()]
    without_sdk = [path for path in files if path.relative_to(BUILD_DIR / name).parts[0] not in ("boto3", "botocore")]

    assert sum(path.stat().st_size for path in without_sdk) <= 25_000_000


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("upload")])
def test_an_upload_is_imported(environment: ArtifactEnvironment, name: str) -> None:
    (answer,) = run_events(environment, "UploadFunction", environment.resources.load_event(name))

    if name == "upload_queue.json":
        assert answer == {"batchItemFailures": []}
    else:
        assert {(one["status"], one["rows"]["accepted"]) for one in answer} == {("completed", 2)}


def test_what_is_no_event_is_reported_and_not_swallowed(environment: ArtifactEnvironment) -> None:
    with environment.make_runtime("UploadFunction") as runtime, pytest.raises(FunctionError, match="EventError"):
        runtime.invoke({"Records": [{"no": "event"}]})


def test_a_large_file_is_imported(environment: ArtifactEnvironment) -> None:
    (planned,) = run_events(environment, "PlanFunction", environment.resources.load_event("plan.json"))
    (sent,) = run_events(environment, "BatchFunction", environment.resources.load_event("batch.json"))
    (finished,) = run_events(environment, "FinishFunction", environment.resources.load_event("finish.json"))

    assert planned["manifest"] == environment.resources.load_event("finish.json")["plan"]["manifest"]
    assert sent is None
    assert (finished["status"], finished["rows"]["accepted"]) == ("completed", 2)


def test_what_comes_in_over_http_is_imported(environment: ArtifactEnvironment) -> None:
    hook, contacts = run_events(
        environment,
        "WebhookFunction",
        environment.resources.load_event("webhook_hook.json"),
        environment.resources.load_event("webhook_contacts.json"),
    )
    ident = json.loads(hook["body"])["import_id"]
    (taken,) = run_events(
        environment, "QueueFunction", environment.resources.load_event("queue_deliveries.json", ident)
    )
    (result, unknown) = run_events(
        environment,
        "WebhookFunction",
        environment.resources.load_event("webhook_import.json", ident),
        environment.resources.load_event("webhook_import.json"),
    )

    assert [hook["statusCode"], contacts["statusCode"], unknown["statusCode"]] == [200, 200, 404]
    assert taken == {"batchItemFailures": []}
    assert json.loads(contacts["body"])["rows"]["accepted"] == 1
    assert json.loads(result["body"])["rows"]["accepted"] == 1


def test_the_end_of_an_import_is_reported(environment: ArtifactEnvironment) -> None:
    run_events(environment, "UploadFunction", environment.resources.load_event("upload_eventbridge.json"))

    (answer,) = run_events(environment, "NotifyFunction", environment.resources.load_event("notify_queue.json"))

    assert answer == {"batchItemFailures": []}


def test_a_callback_that_cannot_be_delivered_is_tried_again(environment: ArtifactEnvironment) -> None:
    """Its host does not exist (RFC 2606)."""
    event = environment.resources.load_event("callback_queue.json")

    (answer,) = run_events(environment, "CallbackFunction", event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def test_the_sweep_looks_for_orphaned_deliveries(environment: ArtifactEnvironment) -> None:
    (answer,) = run_events(environment, "SweepFunction", environment.resources.load_event("sweep.json"))

    assert answer == {"orphaned": 0}
