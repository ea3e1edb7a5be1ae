"""Imports that did not finish: the sweep, the queues of what failed, and a failed state machine."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest

from contact_import.aws.events import Upload, build_upload_message
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_config_key
from contact_import.handlers import dependencies
from contact_import.handlers.notify import on_notify
from contact_import.handlers.sweep import on_sweep
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.pipelines.recovery import find_overdue_uploads
from local.aws.template import read_template
from local.lambda_context import LambdaContext
from local.sandbox.endpoint import Sandbox
from tests.conftest import Importer, build_contacts_csv
from tests.integration.conftest import invoke_upload


def _always() -> bool:
    return True


def _overdue(importer: Importer, after: timedelta) -> list[str]:
    bucket = Bucket(importer.s3, "contacts")
    return [upload.key for upload in find_overdue_uploads(bucket, datetime.now(UTC) + after, _always)]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (timedelta(minutes=9), []),
        (timedelta(minutes=11), ["incoming/june.csv", "validate/june.csv"]),
        (timedelta(hours=2), ["incoming/begun.csv", "incoming/june.csv", "validate/june.csv"]),
        (timedelta(days=2), ["incoming/begun.csv", "incoming/june.csv", "validate/june.csv"]),
        (timedelta(days=4), []),
    ],
)
def test_the_sweep_finds_what_has_no_result(importer: Importer, after: timedelta, found: list[str]) -> None:
    """After ten minutes when nothing has begun with it, else after an hour."""
    importer.import_file(build_contacts_csv(1), "incoming/done.csv")
    begun = importer.upload(build_contacts_csv(1), "incoming/begun.csv")
    importer.s3.put_object(Bucket="contacts", Key=make_config_key(begun.import_id), Body=b"{}")
    for key in ("incoming/june.csv", "validate/june.csv", "incoming/folder/", "results/june.csv", "other/june.csv"):
        importer.upload(build_contacts_csv(1), key)

    assert _overdue(importer, after) == found


def test_the_sweep_finds_a_version_that_was_replaced_before_it_was_imported(importer: Importer) -> None:
    importer.upload(build_contacts_csv(1))
    importer.run(importer.upload(build_contacts_csv(2)))

    later = datetime.now(UTC) + timedelta(hours=2)
    (left,) = find_overdue_uploads(Bucket(importer.s3, "contacts"), later, _always)

    assert importer.run(left)["rows"]["read"] == 1


@pytest.mark.parametrize("budget", [2, 3, 8])
def test_a_sweep_without_time_continues_where_it_stopped(importer: Importer, budget: int) -> None:
    """The sweep finds every upload, however often its time ends early."""
    bucket, later = Bucket(importer.s3, "contacts"), datetime.now(UTC) + timedelta(hours=2)
    keys = {f"{prefix}/{number}.csv" for prefix in ("incoming", "validate") for number in range(7)}
    for key in sorted(keys):
        importer.s3.put_object(Bucket="contacts", Key=key, Body=b"x")

    found = set[str]()
    for _ in range(20):
        steps = iter([True] * budget)
        found |= {one.key for one in find_overdue_uploads(bucket, later, partial(next, steps, False))}

    assert found == keys


@pytest.fixture
def queues(deployed_sandbox: Sandbox) -> dict[str, str]:
    """Return the URLs of the queues of uploads and results, and of what failed of them, by name."""
    sqs = boto3.client("sqs")
    names = ("Uploads", "FailedUploads", "Results", "FailedResults")
    return {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}


def _replay(queues: dict[str, str], name: str) -> None:
    """Move messages unchanged, as StartMessageMoveTask does, which moto lacks: from and to where the output says."""
    command = read_template()["Outputs"][f"Replay{name}"]["Value"]["Fn::Sub"]
    source, destination = re.findall(r"\$\{(\w+)\.Arn\}", command)
    sqs = boto3.client("sqs")
    while found := sqs.receive_message(QueueUrl=queues[source], MaxNumberOfMessages=10).get("Messages", []):
        for message in found:
            sqs.send_message(QueueUrl=queues[destination], MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=queues[source], ReceiptHandle=message["ReceiptHandle"])


def _handle_all(url: str, invoke: Callable[[Any], Any] = invoke_upload) -> list[Any]:
    sqs = boto3.client("sqs")
    answers = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages", []):
        for message in found:
            record = {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"}
            answers.append(invoke({"Records": [record]}))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return answers


def test_what_is_replayed_is_imported_and_replaying_it_twice_does_no_harm(
    queues: dict[str, str],
    deployed_sandbox: Sandbox,
) -> None:
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=build_contacts_csv(3).encode())
    body = build_upload_message(Upload("contacts", "incoming/june.csv", put["ETag"].strip('"'), put["VersionId"]))

    for _ in range(2):
        sqs.send_message(QueueUrl=queues["FailedUploads"], MessageBody=body)
        _replay(queues, "Uploads")
        assert _handle_all(queues["Uploads"]) == [{"batchItemFailures": []}]

    assert sorted(deployed_sandbox.numbers) == ["+61400000000", "+61400000001", "+61400000002"]


def test_a_result_that_is_replayed_is_reported(
    queues: dict[str, str], deployed_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    upload_event = boto3.client("s3").put_object(
        Bucket="contacts", Key="incoming/june.csv", Body=build_contacts_csv(1).encode()
    )
    upload = Upload("contacts", "incoming/june.csv", upload_event["ETag"].strip('"'), upload_event["VersionId"])
    invoke_upload({"Records": [{"messageId": "1", "body": build_upload_message(upload), "eventSource": "aws:sqs"}]})
    key = ImportIdentity.from_upload(upload).result_key
    events, sqs = boto3.client("events"), boto3.client("sqs")
    reported = sqs.create_queue(QueueName="reported")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=reported, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="reports", EventPattern=json.dumps({"source": ["contact-import"]}))
    events.put_targets(Rule="reports", Targets=[{"Id": "1", "Arn": arn}])

    sqs.send_message(QueueUrl=queues["FailedResults"], MessageBody=build_upload_message(Upload("contacts", key)))
    _replay(queues, "Results")
    context = LambdaContext("NotifyFunction", deadline=float("inf"))

    assert _handle_all(queues["Results"], lambda event: on_notify(event, context)) == [{"batchItemFailures": []}]
    (news,) = sqs.receive_message(QueueUrl=reported)["Messages"]
    assert json.loads(news["Body"])["detail"]["import_id"] == upload.import_id


def test_a_message_that_is_none_comes_back_and_costs_no_other(deployed_sandbox: Sandbox) -> None:
    bodies = ["no JSON", "[]", "{}", json.dumps({"Event": "s3:TestEvent"})]
    records = [{"messageId": str(number), "body": body, "eventSource": "aws:sqs"} for number, body in enumerate(bodies)]

    answer: Any = invoke_upload({"Records": records})

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["0", "1", "2"]


def test_the_sweep_puts_an_upload_into_the_queue_and_it_is_imported(
    queues: dict[str, str],
    deployed_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boto3.client("s3").put_object(Bucket="contacts", Key="incoming/june.csv", Body=build_contacts_csv(2).encode())
    monkeypatch.setenv("UPLOAD_QUEUE_URL", queues["Uploads"])
    dependencies.get_settings.cache_clear()
    late = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(dependencies, "get_utc_now", lambda: late)
    context = LambdaContext("SweepFunction", deadline=time.monotonic() + 900)

    swept = [on_sweep({}, context) for _ in range(2)]

    assert swept == [{"orphaned": 1}, {"orphaned": 0}]  # while its message waits there is no second one
    assert _handle_all(queues["Uploads"]) == [{"batchItemFailures": []}]
    assert len(deployed_sandbox.numbers) == 2
