"""A person uploads a file over the API, previews it, and imports it: the calls of the import page."""

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
import pytest

from contact_import.aws.events import Upload, build_upload_message
from contact_import.domain.object_keys import make_stop_key
from contact_import.handlers import dependencies
from contact_import.handlers.notify import on_notify
from contact_import.handlers.upload import on_upload
from local.lambda_context import LambdaContext
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import API_TOKEN, SENDER_CONFIG, WEBSITE_SECRET, HttpResult, WebhookClient
from tests.make_workbook import make_workbook

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

FRONT_DESK = "front-desk-token-52"
FILE = (
    "Name,Mobile,Landline,SMS OK\n"
    "Ann Lee,0491 570 006,,yes\n"
    "Bo Quartermain,0491 570 156,,Pending\n"
    "Cy Moss,12,,yes\n"
    "Di Reed,0491 570 157,,no\n"
)


@pytest.fixture
def client(webhook_client: WebhookClient) -> WebhookClient:
    secret = SENDER_CONFIG | {"tokens": {"Front desk": FRONT_DESK, "": API_TOKEN}}
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/hooks", SecretString=json.dumps(secret))
    clear_caches()
    return webhook_client


def _post(client: WebhookClient, target: str, body: object = b"", token: str = FRONT_DESK) -> HttpResult:
    return client.send_request("POST", target, body, Authorization=f"Bearer {token}")


def _get(client: WebhookClient, target: str) -> HttpResult:
    return client.send_request("GET", target, Authorization=f"Bearer {FRONT_DESK}")


def _upload(client: WebhookClient, content: str | bytes = FILE, name: str = "june.csv") -> str:
    """Upload a file as a browser does, with the form of S3, and return the upload's id."""
    body = content.encode() if isinstance(content, str) else content
    answer = _post(client, "/uploads", {"name": name, "size": len(body)})
    assert answer.status == 201, answer.text
    client.s3.put_object(Bucket="contacts", Key=answer.json["post"]["fields"]["key"], Body=body)
    return str(answer.json["upload_id"])


def _run_imports(s3: "S3Client", runs: int = 1) -> list[dict[str, Any]]:
    """Import each version of each upload as often as its event comes, and notify of each result."""
    versions = s3.list_object_versions(Bucket="contacts").get("Versions", [])
    uploads = [
        Upload("contacts", one["Key"], one["ETag"].strip('"'), one["VersionId"], one["Size"])
        for one in versions
        if one["Key"].startswith(("incoming/", "validate/"))
    ]
    results = []
    for upload in uploads * runs:
        event = json.loads(build_upload_message(upload))
        results += on_upload(event, LambdaContext("UploadFunction", time.monotonic() + 900))
    for one in s3.list_objects_v2(Bucket="contacts", Prefix="results/").get("Contents", []):
        if one["Key"].endswith("/result.json"):
            body = build_upload_message(Upload("contacts", one["Key"]))
            record = {"messageId": "1", "body": body, "eventSource": "aws:sqs", "attributes": {}}
            on_notify({"Records": [record]}, LambdaContext("NotifyFunction", time.monotonic() + 900))
    return results


def test_a_file_is_uploaded_previewed_and_imported(client: WebhookClient, s3: "S3Client") -> None:
    upload_id = _upload(client)

    preview = _post(client, f"/uploads/{upload_id}/preview", {"tags": ["VIP"], "list": "News"})
    started = _post(client, f"/uploads/{upload_id}/import", {"tags": ["VIP"], "list": "News"})
    waiting = _get(client, f"/imports/{started.json['import_id']}")
    _run_imports(s3)
    result = _get(client, f"/imports/{started.json['import_id']}").json

    assert preview.json["file"] == "june.csv"
    assert [one["field"] for one in preview.json["columns"]] == ["name", "phone_number", None, "consent"]
    assert preview.json["columns"][1]["values"] == ["0491 570 006", "0491 570 156", "12"]
    assert preview.json["contacts"][0] == {
        "row": 2,
        "cells": ["Ann Lee", "0491 570 006", "", "yes"],
        "contact": {"first_name": "Ann", "last_name": "Lee", "phone_number": "+61491570006"},
        "tags": ["VIP"],
        "list": ["News"],
        "warnings": [],
    }
    assert {one["row"]: one["status"] for one in preview.json["failures"]} == {
        3: "opted_out",
        4: "invalid",
        5: "opted_out",
    }
    (consent,) = preview.json["consent"]["columns"]
    assert {one["value"]: one["taken_for"] for one in consent["values"]} == {
        "yes": "yes",
        "Pending": "unclear",
        "no": "no",
    }
    assert (started.status, started.headers["location"]) == (202, f"/imports/{started.json['import_id']}")
    assert (waiting.status, waiting.json["stage"]) == (202, "waiting")
    assert result["rows"] == preview.json["rows"] | {"read": 4}
    assert (result["started_by"], result["tags"], result["list"]) == ("Front desk", ["VIP"], ["News"])
    assert result["summary"]["todos"] == {"to correct": 2, "need nothing": 1}
    assert [one["first_name"] for one in client.sandbox.contacts] == ["Ann"]


def test_a_workbook_is_previewed_and_imported_by_the_same_sheet(client: WebhookClient, s3: "S3Client") -> None:
    sheet: list[list[Any]] = [
        ["Name", "Mobile"],
        *([f"Ann {letter}", 491570006] for letter in "ab"),
        ["Bo", "0491 570 156"],
    ]
    upload_id = _upload(client, make_workbook({"Notes": [["Call"]], "June": sheet}), "june.xlsx")

    preview = _post(client, f"/uploads/{upload_id}/preview", {}).json
    imported = _post(client, f"/uploads/{upload_id}/import", {})

    assert preview["format"]["sheet"] == "June"
    assert preview["file_warnings"] == ["only the sheet “June” is read, not “Notes”"]
    assert preview["columns"][1]["values"] == ["491570006", "0491 570 156"]
    assert imported.status == 202
    _run_imports(s3)
    assert _get(client, f"/imports/{imported.json['import_id']}").json["format"] == preview["format"]
    assert client.sandbox.numbers == ["+61491570006", "+61491570156"]


def test_what_is_corrected_in_the_preview_arrives_so(client: WebhookClient, s3: "S3Client") -> None:
    upload_id = _upload(client, FILE.replace("Name", "Col A"))
    settled = {"consent": {"SMS OK": {"Pending": "yes"}}, "mapping": {"Col A": "last_name"}}

    before = _post(client, f"/uploads/{upload_id}/preview", {}).json
    after = _post(client, f"/uploads/{upload_id}/preview", settled).json
    _post(client, f"/uploads/{upload_id}/import", settled)
    _run_imports(s3)

    assert (before["rows"]["accepted"], after["rows"]["accepted"]) == (1, 2)
    assert {one["last_name"] for one in client.sandbox.contacts} == {"Ann Lee", "Bo Quartermain"}


def test_an_upload_is_imported_once_however_often_it_is_asked_for(client: WebhookClient, s3: "S3Client") -> None:
    upload_id = _upload(client)
    key = f"incoming/upload={upload_id}/june.csv"

    first = _post(client, f"/uploads/{upload_id}/import", {"list": ["News"]})
    again = _post(client, f"/uploads/{upload_id}/import", {"list": ["News"]})
    other = _post(client, f"/uploads/{upload_id}/import", {"list": ["Other"]})
    # A copy whose answer was lost is made twice: two versions under one key, and an event for each.
    source = f"contacts/uploads/{upload_id}/june.csv"
    s3.copy_object(Bucket="contacts", Key=key, CopySource=source)
    results = _run_imports(s3, runs=2)

    assert first.json == again.json
    assert other.status == 409
    assert {one["import_id"] for one in results} == {first.json["import_id"]}
    assert len(results) == 4
    assert len(client.sandbox.log) == 1


def test_a_start_that_broke_off_before_the_copy_is_finished_by_the_next_call(
    client: WebhookClient, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = _upload(client)
    bucket = dependencies.get_bucket("contacts")
    monkeypatch.setattr(type(bucket), "copy", _raise_os_error)

    broken = _post(client, f"/uploads/{upload_id}/import")
    monkeypatch.undo()
    repeated = _post(client, f"/uploads/{upload_id}/import")

    assert (broken.status, repeated.status) == (503, 202)
    assert s3.head_object(Bucket="contacts", Key=f"incoming/upload={upload_id}/june.csv")


def _raise_os_error(*_: object) -> None:
    raise OSError("broken")


def test_a_dry_run_may_be_repeated_and_sends_nothing(client: WebhookClient, s3: "S3Client") -> None:
    upload_id = _upload(client)

    first = _post(client, f"/uploads/{upload_id}/import", {"dry_run": True})
    second = _post(client, f"/uploads/{upload_id}/import", {"dry_run": True, "mapping": {"Name": "last_name"}})
    real = _post(client, f"/uploads/{upload_id}/import", {})

    assert len({one.json["import_id"] for one in (first, second, real)}) == 3
    s3.delete_object(Bucket="contacts", Key=f"incoming/upload={upload_id}/june.csv")
    assert _get(client, f"/imports/{first.json['import_id']}").status == 202
    assert not client.sandbox.log


@pytest.mark.parametrize("token", ["", "wrong", WEBSITE_SECRET, API_TOKEN + "x"])
def test_without_a_token_nothing_is_answered_or_stored(client: WebhookClient, s3: "S3Client", token: str) -> None:
    upload_id = _upload(client)
    started = _post(client, f"/uploads/{upload_id}/import").json["import_id"]
    before = s3.list_objects_v2(Bucket="contacts")["KeyCount"]

    for target in ("/uploads", f"/uploads/{upload_id}/preview", f"/uploads/{upload_id}/import"):
        assert _post(client, target, {"name": "x.csv", "size": 1}, token=token).status == 401
    for method, target in (("GET", "/imports"), ("DELETE", f"/imports/{started}")):
        assert client.send_request(method, target, Authorization=f"Bearer {token}").status == 401
    assert client.send_request("GET", f"/imports?token={FRONT_DESK}").status == 401
    assert s3.list_objects_v2(Bucket="contacts")["KeyCount"] == before


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"size": 1}, '"name"'),
        ({"name": "  ", "size": 1}, '"name"'),
        ({"name": "x/", "size": 1}, '"name"'),
        ({"name": "mapping.json", "size": 1}, "a mapping, not a contact list"),
        ({"name": "x.csv"}, '"size"'),
        ({"name": "x.csv", "size": -1}, '"size"'),
        ({"name": "x.csv", "size": True}, '"size"'),
        ({"name": "x.csv", "size": 0}, "empty"),
        ({"name": "x.csv", "size": 6 * 1024**3}, "5 GB"),
        ({"name": "x.csv", "size": 1, "sise": 1}, "Unknown key"),
        ([], "object"),
    ],
)
def test_a_wrong_upload_is_refused_with_a_sentence(client: WebhookClient, body: object, words: str) -> None:
    answer = _post(client, "/uploads", body)

    assert answer.status == 422
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"mapping": {"Mobile": "nonsense"}}, "nonsense"),
        ({"mapping": {"Handy": "phone_number"}}, "no such column"),
        ({"mapping": []}, '"mapping"'),
        ({"consent": {"SMS OK": {"Pending": "maybe"}}}, "SMS OK"),
        ({"tags": [f"{number} {'x' * 200}" for number in range(20)]}, "too long"),
        ({"maping": {}}, "mapping"),
    ],
)
def test_a_wrong_mapping_is_refused_before_anything_is_imported(
    client: WebhookClient, s3: "S3Client", body: object, words: str
) -> None:
    upload_id = _upload(client)

    answer = _post(client, f"/uploads/{upload_id}/preview", body)

    assert answer.status == 422
    assert words in answer.json["error"]


def test_hostile_names_stay_inside_the_folder_of_their_upload(client: WebhookClient, s3: "S3Client") -> None:
    names = ["../../incoming/x.csv", "C:\\list\\juni ü.csv", "a\x00\nb.csv", "日" * 300 + ".csv", "list=News", "%2e%2e"]
    for name in names:
        upload_id = _upload(client, name=name)
        started = _post(client, f"/uploads/{upload_id}/import", {})
        assert started.status == 202, started.text
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="contacts")["Contents"]]

    uploads = [key for key in keys if key.startswith("incoming/")]
    assert len(uploads) == len(names)
    assert all(key.count("/") == 2 and key.startswith("incoming/upload=") for key in uploads)


def test_the_form_is_for_one_key_and_no_more_bytes_than_announced(client: WebhookClient) -> None:
    form = _post(client, "/uploads", {"name": "x.csv", "size": 10}).json["post"]

    policy = json.loads(base64.b64decode(form["fields"]["policy"]))

    assert ["content-length-range", 1, 10] in policy["conditions"]
    assert {"key": form["fields"]["key"]} in policy["conditions"]
    assert form["fields"]["key"].startswith("uploads/")


def test_what_is_no_list_of_contacts_says_why(client: WebhookClient) -> None:
    pdf, without_phones = _upload(client, b"%PDF-1.7 ..."), _upload(client, "Name,Shoe\nAnn,38\nBo,41\n")

    refused = _post(client, f"/uploads/{pdf}/preview")
    shown = _post(client, f"/uploads/{without_phones}/preview")

    assert (refused.status, shown.status) == (422, 200)
    assert "PDF" in refused.json["error"]
    assert "no column of phone numbers" in shown.json["error"]
    assert len(shown.json["columns"]) == 2


def test_an_upload_that_is_not_there_is_404(client: WebhookClient) -> None:
    upload_id = _post(client, "/uploads", {"name": "x.csv", "size": 10}).json["upload_id"]

    for one in (upload_id, "0" * 24, "..", quote("é")):
        assert _post(client, f"/uploads/{one}/preview").status == 404
        assert _post(client, f"/uploads/{one}/import").status == 404


def test_the_history_has_the_newest_first_and_each_import_once(client: WebhookClient, s3: "S3Client") -> None:
    for number in range(3):
        upload_id = _upload(client, name=f"file{number}.csv")
        _post(client, f"/uploads/{upload_id}/import", {"tags": [str(number)]})
    running = _get(client, "/imports").json
    _run_imports(s3)
    s3.put_object(Bucket="contacts", Key="incoming/by-hand.csv", Body=FILE.encode())
    _run_imports(s3)

    first = _get(client, "/imports?limit=2").json
    second = _get(client, f"/imports?limit=2&before={first['next']}").json

    assert {one["status"] for one in running["imports"]} == {"running"}
    lines = [*first["imports"], *second["imports"]]
    assert {one["file"] for one in lines} == {"file0.csv", "file1.csv", "file2.csv", "by-hand.csv"}
    assert [one["started_by"] for one in lines if one["file"] == "by-hand.csv"] == [None]
    assert second["next"] is None
    assert all(one["summary"]["headline"] for one in lines)
    for query in ("limit=0", "limit=x", "limit=101", "before=../x"):
        assert _get(client, f"/imports?{query}").status == 400


def test_an_import_that_is_stopped_before_it_begins_sends_nothing(client: WebhookClient, s3: "S3Client") -> None:
    upload_id = _upload(client)
    ident = _post(client, f"/uploads/{upload_id}/import").json["import_id"]

    stopped = client.send_request("DELETE", f"/imports/{ident}", Authorization=f"Bearer {FRONT_DESK}")
    _run_imports(s3)
    result = _get(client, f"/imports/{ident}").json
    again = client.send_request("DELETE", f"/imports/{ident}", Authorization=f"Bearer {FRONT_DESK}")

    assert (stopped.status, again.status) == (202, 409)
    assert (result["rows"]["unsent"], result["rows"]["accepted"]) == (1, 0)
    assert "Stopped by Front desk" in result["error"]
    assert not client.sandbox.log
    assert s3.head_object(Bucket="contacts", Key=make_stop_key(ident))


def test_only_the_running_import_of_a_file_can_be_stopped(client: WebhookClient) -> None:
    delivery = client.post_contacts().json["import_id"]

    for ident, status in ((delivery, 409), ("0" * 24, 404), ("..", 404)):
        answer = client.send_request("DELETE", f"/imports/{ident}", Authorization=f"Bearer {FRONT_DESK}")
        assert answer.status == status


def test_no_log_has_a_token_a_form_or_a_person(
    client: WebhookClient, s3: "S3Client", capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    form = _post(client, "/uploads", {"name": "zebedee quartermain.csv", "size": len(FILE)}).json["post"]
    upload_id = _upload(client)
    _post(client, f"/uploads/{upload_id}/preview")
    _post(client, f"/uploads/{upload_id}/import")

    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    for secret in (FRONT_DESK, form["fields"]["policy"], "quartermain", "june.csv", "0491", "+61"):
        assert secret not in logged
