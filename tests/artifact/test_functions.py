"""What `sam build` made, in the real Lambda runtime client, with each event of `events/`.

`make artifact` builds it and runs these tests.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.artifact import BUILT, HOOKS, KEY, ROOT, World, a_world
from local.aws.lambda_runtime import FunctionError
from local.aws.template import Wiring
from local.stack import names

FUNCTIONS = {function.name: function for function in Wiring(names()).functions()}
EVENTS = sorted(path.name for path in (ROOT / "events").glob("*.json"))


def played(world: World, name: str, *events: Any) -> list[Any]:
    """What a function answers to each event; nothing of a person or a key is in its log."""
    with world.start(name) as runtime:
        answers = [runtime.invoke(event) for event in events]
    secrets = (KEY, *HOOKS["tokens"], *HOOKS["senders"]["website"]["secrets"])
    assert not [word for word in ("0491570", "491570", "Ann", *secrets) if word in runtime.log]
    return answers


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def test_each_function_has_an_event_and_each_event_a_function() -> None:
    named = {name.removesuffix("Function").lower() for name in FUNCTIONS}

    assert named == {name.partition(".")[0].partition("_")[0] for name in EVENTS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_deployed_is_small(name: str) -> None:
    files = [path for path in (BUILT / name).rglob("*") if path.is_file()]
    without_sdk = [path for path in files if path.relative_to(BUILT / name).parts[0] not in ("boto3", "botocore")]

    assert sum(path.stat().st_size for path in without_sdk) <= 25_000_000


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("upload")])
def test_an_upload_is_imported(world: World, name: str) -> None:
    (answer,) = played(world, "UploadFunction", world.event(name))

    if name == "upload_queue.json":
        assert answer == {"batchItemFailures": []}
    else:
        assert {(one["status"], one["rows"]["accepted"]) for one in answer} == {("completed", 2)}


def test_what_is_no_event_is_told_and_not_swallowed(world: World) -> None:
    with world.start("UploadFunction") as runtime, pytest.raises(FunctionError, match="EventError"):
        runtime.invoke({"Records": [{"no": "event"}]})


def test_a_large_file_is_imported(world: World) -> None:
    (planned,) = played(world, "PlanFunction", world.event("plan.json"))
    (sent,) = played(world, "BatchFunction", world.event("batch.json"))
    (finished,) = played(world, "FinishFunction", world.event("finish.json"))

    assert planned["manifest"] == world.event("finish.json")["plan"]["manifest"]
    assert sent is None
    assert (finished["status"], finished["rows"]["accepted"]) == ("completed", 2)


def test_what_comes_in_over_http_is_imported(world: World) -> None:
    hook, contacts = played(
        world, "WebhookFunction", world.event("webhook_hook.json"), world.event("webhook_contacts.json")
    )
    ident = json.loads(hook["body"])["import_id"]
    (taken,) = played(world, "QueueFunction", world.event("queue_deliveries.json", ident))
    (result, unknown) = played(
        world, "WebhookFunction", world.event("webhook_import.json", ident), world.event("webhook_import.json")
    )

    assert [hook["statusCode"], contacts["statusCode"], unknown["statusCode"]] == [200, 200, 404]
    assert taken == {"batchItemFailures": []}
    assert json.loads(contacts["body"])["rows"]["accepted"] == 1
    assert json.loads(result["body"])["rows"]["accepted"] == 1


def test_the_end_of_an_import_is_told(world: World) -> None:
    played(world, "UploadFunction", world.event("upload_eventbridge.json"))

    (answer,) = played(world, "NotifyFunction", world.event("notify_queue.json"))

    assert answer == {"batchItemFailures": []}


def test_the_sweep_looks_for_what_was_left_behind(world: World) -> None:
    (answer,) = played(world, "SweepFunction", world.event("sweep.json"))

    assert answer == {"left_behind": 0}
