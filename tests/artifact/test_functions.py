"""What `sam build` made, in the real Lambda runtime client, with each event of `events/`.

`make artifact` builds it and runs these tests. Each function gets the environment that the template gives to it and
no other, in a process without this project's packages.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from contact_import.keys import import_id
from local.aws import embedded_aws
from local.runtime import FunctionError, Runtime
from local.sandbox import Sandbox
from local.stack import BUCKET, SECRET, names
from local.wiring import Wiring

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
CLIENT = ROOT / ".venvs" / "runtime" / "bin" / "python"
FUNCTIONS = {function.name: function for function in Wiring(names()).functions()}
EVENTS = sorted(path.name for path in (ROOT / "events").glob("*.json"))
KEY = "cc-artifact-key-5e21"
HOOKS: Any = {
    "tokens": ["example-api-token"],
    "senders": {"website": {"scheme": "token", "secrets": ["example-hook-secret"]}},
}
FILE = "Name,Mobile\nAnn,0491570006\nBen,0491570156\n"

# What the events give as examples, and a deployed stack would fill in: the bucket, the id, each file's version.
_EXAMPLE_BUCKET = "contacts-example-bucket"
_EXAMPLE_ID = "3f2a9c0d1e4b5a6978877665"
_EXAMPLE_DELIVERY = "9b1f0c2d3e4a5b6c7d8e9f00"
_LARGE = "incoming/list=Newsletter/tag=VIP/june contacts + friends.csv"
_EXAMPLE_VERSIONS = {
    _LARGE: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    "validate/café.csv": "jGN2dGnfAbkO6vwkQK3EIK_j4jPcfCvs",
}


@dataclass
class World:
    aws: dict[str, str]
    s3: Any
    cellcast_url: str
    names: dict[str, str]

    versions: dict[str, str]

    def event(self, name: str) -> Any:
        """An event with what is really in the bucket in place of its examples."""
        text = (ROOT / "events" / name).read_text("utf-8").replace(_EXAMPLE_BUCKET, BUCKET)
        text = text.replace(_EXAMPLE_ID, import_id(BUCKET, _LARGE, self.versions[_LARGE]))
        for key, example in _EXAMPLE_VERSIONS.items():
            text = text.replace(example, self.versions[key])
        return json.loads(text)

    def start(self, name: str) -> Runtime:
        function = next(one for one in Wiring(self.names).functions() if one.name == name)
        environment = {**function.environment, **self.aws, "CELLCAST_URL": self.cellcast_url}
        return Runtime(CLIENT, BUILT / name, function.handler, environment)

    def play(self, name: str, *events: Any) -> list[Any]:
        """What a function answers to each event; nothing of a person or a key is in its log."""
        with self.start(name) as runtime:
            answers = [runtime.invoke(event) for event in events]
        secrets = (KEY, *HOOKS["tokens"], *HOOKS["senders"]["website"]["secrets"])
        assert not [word for word in ("0491570", "491570", "Ann", *secrets) if word in runtime.log]
        return answers


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    before = dict(os.environ)
    with embedded_aws() as aws, Sandbox(key=KEY) as sandbox:
        os.environ.update(aws)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name=SECRET, SecretString=KEY)
        secrets.create_secret(Name="cellcast/hooks", SecretString=json.dumps(HOOKS))
        sqs = boto3.client("sqs")
        queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("Uploads", "Deliveries")}
        news = boto3.client("sns").create_topic(Name="News")["TopicArn"]
        versions = {
            key: s3.put_object(Bucket=BUCKET, Key=key, Body=FILE.encode())["VersionId"] for key in _EXAMPLE_VERSIONS
        }
        yield World(aws, s3, sandbox.start(), names() | queues | {"News": news}, versions)
    os.environ.clear()
    os.environ.update(before)


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
    (answer,) = world.play("UploadFunction", world.event(name))

    if name == "upload_queue.json":
        assert answer == {"batchItemFailures": []}
    else:
        assert {(one["status"], one["rows"]["accepted"]) for one in answer} == {("completed", 2)}


def test_what_is_no_event_is_told_and_not_swallowed(world: World) -> None:
    with world.start("UploadFunction") as runtime, pytest.raises(FunctionError, match="EventError"):
        runtime.invoke({"Records": [{"no": "event"}]})


def test_a_large_file_is_imported(world: World) -> None:
    (planned,) = world.play("PlanFunction", world.event("plan.json"))
    (sent,) = world.play("BatchFunction", world.event("batch.json"))
    (finished,) = world.play("FinishFunction", world.event("finish.json"))

    assert planned["manifest"] == world.event("finish.json")["plan"]["manifest"]
    assert sent is None
    assert (finished["status"], finished["rows"]["accepted"]) == ("completed", 2)


def test_what_comes_in_over_http_is_imported(world: World) -> None:
    hook, contacts = world.play(
        "WebhookFunction", world.event("webhook_hook.json"), world.event("webhook_contacts.json")
    )
    ident = json.loads(hook["body"])["import_id"]
    queued = json.loads(json.dumps(world.event("queue_deliveries.json")).replace(_EXAMPLE_DELIVERY, ident))
    asked = json.loads(json.dumps(world.event("webhook_import.json")).replace(_EXAMPLE_DELIVERY, ident))
    (taken,) = world.play("QueueFunction", queued)
    (result, unknown) = world.play("WebhookFunction", asked, world.event("webhook_import.json"))

    assert [hook["statusCode"], contacts["statusCode"], unknown["statusCode"]] == [200, 200, 404]
    assert taken == {"batchItemFailures": []}
    assert json.loads(contacts["body"])["rows"]["accepted"] == 1
    assert json.loads(result["body"])["rows"]["accepted"] == 1


def test_the_end_of_an_import_is_told(world: World) -> None:
    world.play("UploadFunction", world.event("upload_eventbridge.json"))

    (answer,) = world.play("NotifyFunction", world.event("notify_queue.json"))

    assert answer == {"batchItemFailures": []}


def test_the_sweep_looks_for_what_was_left_behind(world: World) -> None:
    (answer,) = world.play("SweepFunction", world.event("sweep.json"))

    assert answer == {"left_behind": 0}
