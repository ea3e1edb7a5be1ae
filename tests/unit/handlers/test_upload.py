"""UploadFunction: a file that was uploaded."""

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.aws.events import parse_uploads
from contact_import.errors import EventError, SettingsError
from contact_import.handlers.upload import on_upload
from local.sandbox.endpoint import Sandbox
from tests.integration.conftest import build_object_created_event

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

EVENTS = Path(__file__).parents[3] / "events"


def _load_event(name: str) -> dict[str, Any]:
    text = (EVENTS / f"{name}.json").read_text("utf-8").replace("contacts-example-bucket", "contacts")
    event: dict[str, Any] = json.loads(text)
    return event


@pytest.mark.parametrize("name", ["upload_s3_notification", "upload_eventbridge"])
def test_each_shape_of_an_event_imports_the_object_that_it_names(
    sandbox: Sandbox, s3: "S3Client", name: str, context: Any
) -> None:
    event = _load_event(name)
    keys = [upload.key for upload in parse_uploads(event)]
    text = json.dumps(event)
    for number, upload in enumerate(parse_uploads(event)):
        body = f"Mobile\n04000000{number:02d}\n"
        put = s3.put_object(Bucket="contacts", Key=upload.key, Body=body.encode())
        text = text.replace(upload.version_id, put["VersionId"]).replace(upload.etag, put["ETag"].strip('"'))

    results = on_upload(json.loads(text), context)

    assert [result["status"] for result in results] == ["completed"] * len(keys)
    assert len(sandbox.numbers) == sum(key.startswith("incoming/") for key in keys)


def test_an_import_looks_for_garbage_less_often(s3: "S3Client", context: Any, request: pytest.FixtureRequest) -> None:
    before = gc.get_threshold()
    request.addfinalizer(lambda: gc.set_threshold(*before))
    gc.set_threshold(2000)
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0491570006\n")

    on_upload(build_object_created_event("incoming/june.csv", put["VersionId"]), context)

    assert gc.get_threshold()[0] > 10_000


@pytest.mark.parametrize("sent", ["incoming/june+caf%C3%A9.csv", "incoming/june%20caf%C3%A9.csv"])
def test_a_key_that_comes_url_encoded_is_found(sandbox: Sandbox, s3: "S3Client", sent: str, context: Any) -> None:
    """EventBridge sends keys as they are; other tools expect them encoded."""
    body = b"Mobile\n0491570006\n"
    event = _load_event("upload_eventbridge")
    put = s3.put_object(Bucket="contacts", Key="incoming/june café.csv", Body=body)
    event["detail"]["object"] |= {"key": sent, "version-id": put["VersionId"], "etag": put["ETag"].strip('"')}

    assert [one["status"] for one in on_upload(event, context)] == ["completed"]

    s3.put_object(Bucket="contacts", Key=sent, Body=body)
    del event["detail"]["object"]["version-id"]
    assert [one["status"] for one in on_upload(event, context)] == ["completed"]  # the one that is really called so
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="contacts", Prefix="results/june")["Contents"]]
    assert {key.split("/")[1] for key in keys} == {"june café.csv", sent.removeprefix("incoming/")}


def test_what_is_not_a_dropped_file_starts_nothing(sandbox: Sandbox, context: Any) -> None:
    event = _load_event("upload_eventbridge")
    for key in ("results/june.csv/1/failed.csv", "work/1/groups/000001.json", "incoming/", "incoming/folder/"):
        event["detail"]["object"]["key"] = key
        assert on_upload(event, context) == []
    assert on_upload({"Event": "s3:TestEvent", "Bucket": "contacts"}, context) == []
    assert sandbox.log == []


@pytest.mark.parametrize("event", [{}, {"Records": [{}]}, {"Records": None}, {"source": "aws.s3"}, {"detail": 1}])
def test_an_event_of_another_kind_is_an_error(event: dict[str, Any], context: Any) -> None:
    with pytest.raises(EventError):
        on_upload(event, context)


def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    monkeypatch.setenv("CONCURRENCY", "many")

    with pytest.raises(SettingsError, match="CONCURRENCY must"):
        on_upload(_load_event("upload_eventbridge"), context)


def test_messages_of_the_queue_are_answered_with_those_to_deliver_again(
    sandbox: Sandbox, s3: "S3Client", context: Any
) -> None:
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0400000000\n")
    message = json.dumps(build_object_created_event("incoming/june.csv", put["VersionId"]))
    records = [
        {"messageId": name, "body": body, "eventSource": "aws:sqs"} for name, body in (("a", message), ("b", "no JSON"))
    ]

    assert on_upload({"Records": records}, context) == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert sandbox.numbers == ["+61400000000"]
