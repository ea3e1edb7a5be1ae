"""IAM by use: every event to every built function, with every setting on, against the function's own policy.

Both ways: no call without permission, and no permission without a call.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from moto.s3.models import s3_backends

from contact_import.aws.events import Upload, build_upload_message, parse_uploads
from contact_import.aws.s3 import Bucket
from contact_import.callbacks.callback_store import Callback, save_callback
from contact_import.domain.object_keys import SHARED_OPT_OUTS, SWEEP_CURSOR, make_orphaned_key
from local.aws.lambda_runtime import FunctionError
from local.aws.template import read_template
from local.deployment.artifact import ArtifactEnvironment, start_artifact_environment
from local.deployment.example_events import store_example_delivery
from local.stack_values import BUCKET
from tests.artifact.fault_player import HUGE_FILE
from tests.artifact.granted_permissions import SETTINGS, is_not_played, read_granted
from tests.artifact.recording_proxy import ACCOUNT, Need, start_recording_proxy


def _play(environment: ArtifactEnvironment) -> dict[str, set[Need]]:
    """Return what each function needed."""
    needs: dict[str, set[Need]] = {}
    target = environment.aws_variables["AWS_ENDPOINT_URL"]

    def invoke(name: str, *events: Any, **variables: str) -> list[Any]:
        with start_recording_proxy(target) as proxy:
            try:
                with environment.make_runtime(name, AWS_ENDPOINT_URL=proxy.url, **SETTINGS | variables) as runtime:
                    return [runtime.invoke(event) for event in events]
            finally:
                needs.setdefault(name, set()).update(proxy.needs)

    load = environment.resources.load_event
    _play_uploads(invoke, load)
    _play_http(invoke, load)
    return needs


def _play_uploads(invoke: Any, load: Any) -> None:
    boto3.client("stepfunctions").create_state_machine(
        name="local-large-file", definition="{}", roleArn=f"arn:aws:iam::{ACCOUNT}:role/r"
    )
    os.environ["SF_EXECUTION_HISTORY_TYPE"] = "FAILURE"  # moto: each execution has failed
    queued = load("upload_queue.json")
    invoke("UploadFunction", load("upload_eventbridge.json"), queued, _break(queued), _upload("validate/plain.csv", ""))
    for key in ("incoming/large.csv", "validate/large.csv"):
        large = _upload(key)
        invoke("UploadFunction", large, large, INLINE_MAX_BYTES="1")  # the second time it is redriven
        (upload,) = parse_uploads(large)
        order = {"import_id": upload.import_id, **asdict(upload)}
        unit = {"bucket": upload.bucket, "import_id": upload.import_id, "unit": 1}
        invoke("PlanFunction", order)
        invoke("BatchFunction", unit, unit | {"unit": 0})
        invoke("FinishFunction", order)
    _play_huge_files(invoke, queued)
    invoke("CallbackFunction", load("callback_queue.json"))
    news, gone = load("notify_queue.json"), build_upload_message(Upload(BUCKET, "results/gone/1/result.json"))
    news["Records"].append(news["Records"][0] | {"body": gone})
    (import_id,) = {json.loads(one)["detail"]["object"]["key"].split("/")[-2] for one in (news["Records"][0]["body"],)}
    save_callback(Bucket(boto3.client("s3"), BUCKET), import_id, Callback("https://crm.example/", ""))
    invoke("NotifyFunction", news)


def _play_huge_files(invoke: Any, queued: Any) -> None:
    """Import files whose failed.csv is uploaded in parts, of which the first one breaks."""
    event = _upload("incoming/huge.csv", body=HUGE_FILE)
    invoke("UploadFunction", {"Records": [queued["Records"][0] | {"body": json.dumps(event)}]})
    (upload,) = parse_uploads(_upload("incoming/huge-large.csv", body=HUGE_FILE))
    order = {"import_id": upload.import_id, **asdict(upload)}
    invoke("UploadFunction", json.loads(build_upload_message(upload)), INLINE_MAX_BYTES="1")
    invoke("PlanFunction", order)
    with pytest.raises(FunctionError):
        invoke("FinishFunction", order)


def _upload(
    key: str, version_id: str | None = None, body: bytes = b"Name,Mobile\nAnn,0491570006\nBen,0491570156\n"
) -> Any:
    """Put a file and return its event: with its version, or with the given one."""
    put = boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    version = put["VersionId"] if version_id is None else version_id
    return json.loads(build_upload_message(Upload(BUCKET, key, put["ETag"].strip('"'), version, 50)))


def _break(event: Any) -> Any:
    broken = json.loads(json.dumps(event))
    broken["Records"][0] |= {"body": "of others", "receiptHandle": "handle"}
    return broken


def _play_http(invoke: Any, load: Any) -> None:
    contacts = load("webhook_contacts.json")
    contacts["body"] = json.dumps(json.loads(contacts["body"]) | {"callback_url": "https://crm.example/imported"})
    # Claims of many people are in the bucket, and so are those of deliveries from before there was a table.
    many = contacts | {"body": json.dumps({"contacts": [{"phone_number": "0491570156"}] * 11})}
    invoke("WebhookFunction", contacts, many, CELLCAST_URL="http://127.0.0.1:9")  # Cellcast is away
    hook, _, _ = invoke("WebhookFunction", load("webhook_hook.json"), contacts, many)
    ident = json.loads(hook["body"])["import_id"]
    deliveries = load("queue_deliveries.json", ident)
    boto3.client("s3").delete_object(Bucket=BUCKET, Key=SHARED_OPT_OUTS)  # the list that WebhookFunction has read
    store_example_delivery()
    older = load("queue_deliveries.json")
    invoke("QueueFunction", deliveries, older, CELLCAST_URL="http://127.0.0.1:9")
    invoke("QueueFunction", deliveries, older, _break(deliveries))
    invoke("WebhookFunction", load("webhook_import.json", ident), load("webhook_import.json"))
    _play_import_page(invoke, load("webhook_import.json"))
    _upload("incoming/orphaned.csv")
    for _, versions in s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys.lists():
        for version in versions:
            version.last_modified -= timedelta(minutes=30)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=make_orphaned_key("0" * 24, date(2026, 11, 23)), Body=b"{}")
    boto3.client("s3").put_object(Bucket=BUCKET, Key=SWEEP_CURSOR, Body=b'{"start_after": "incoming/a"}')
    invoke("SweepFunction", load("sweep.json"))


def _play_import_page(invoke: Any, example: Any) -> None:
    """Upload a file, preview it, import it twice and check it twice, list the imports, and stop one."""

    def call(method: str, path: str, body: Any = None, *, is_broken: bool = False) -> Any:
        event = json.loads(json.dumps(example)) | {"rawPath": path, "body": json.dumps(body or {})}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        (answer,) = invoke("WebhookFunction", event)
        assert (answer["statusCode"] < 300) is not is_broken, answer
        return json.loads(answer["body"])

    new = call("POST", "/uploads", {"name": "page.csv", "size": 50})
    _upload(new["post"]["fields"]["key"])
    path = f"/uploads/{new['upload_id']}"
    call("POST", f"{path}/preview")
    for is_dry_run in (True, True, False, False):
        started = call("POST", f"{path}/import", {"dry_run": is_dry_run, "mapping": {"Name": "name"}})
    call("GET", "/imports")
    call("DELETE", f"/imports/{started['import_id']}")
    huge = call("POST", "/uploads", {"name": "huge.csv", "size": len(HUGE_FILE)})
    _upload(huge["post"]["fields"]["key"], body=HUGE_FILE)
    for is_dry_run in (True, False):
        call("POST", f"/uploads/{huge['upload_id']}/import", {"dry_run": is_dry_run}, is_broken=True)


@pytest.fixture(scope="module")
def needs() -> Iterator[dict[str, set[Need]]]:
    with start_artifact_environment() as environment:
        yield _play(environment)


@pytest.fixture(scope="module")
def granted() -> dict[str, list[Need]]:
    return read_granted()


FUNCTIONS = [name for name, one in read_template()["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_call_is_without_permission(name: str, needs: Any, granted: Any) -> None:
    missing = {
        need
        for need in needs[name]
        if not any(need[0] == action and fnmatchcase(need[1], pattern) for action, pattern in granted[name])
    }

    assert needs[name]
    assert missing == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_permission_is_without_a_call(name: str, needs: Any, granted: Any) -> None:
    unused = {
        (action, pattern)
        for action, pattern in granted[name]
        if not is_not_played((action, pattern))
        and not any(need[0] == action and fnmatchcase(need[1], pattern) for need in needs[name])
    }

    assert unused == set()
