"""The log of the deployed functions, and the secrets that they read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from contact_import.handlers.runtime import UnexpectedError
from contact_import.pipelines import inline
from local.sandbox.endpoint import Sandbox
from local.sandbox.faults import set_default_fault
from tests.conftest import API_KEY
from tests.integration.conftest import clear_caches, invoke_upload

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

EVENTS = Path(__file__).parents[2] / "events"
PERSON = ("Zebedee", "Quartermain", "0491 570 006", "zebedee@quartermain.example", "7 Privet Lane")
CSV = "First name,Last name,Mobile,Email,Street\n{},{},{},{},{}\n,,12,bad,\n".format(*PERSON)


def _event(name: str) -> dict[str, Any]:
    text = (EVENTS / f"{name}.json").read_text("utf-8").replace("contacts-example-bucket", "contacts")
    event: dict[str, Any] = json.loads(text)
    return event


def test_nothing_of_a_person_and_no_key_is_in_a_log(
    deployed_sandbox: Sandbox, s3: "S3Client", capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for fault in ("", "echoing the key", "500 after taking", "words that fit no pattern", "401"):
        if fault:
            set_default_fault(deployed_sandbox, fault)
        put = s3.put_object(Bucket="contacts", Key=f"incoming/{PERSON[1]}.csv", Body=CSV.encode())
        detail = {
            "bucket": {"name": "contacts"},
            "object": {"key": f"incoming/{PERSON[1]}.csv", "size": 1, "etag": "x", "version-id": put["VersionId"]},
        }
        invoke_upload({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})
        clear_caches()

    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert "import finished" in logged
    for secret in (*PERSON, API_KEY, "+61491570006", "491570006"):
        assert secret not in logged


def test_a_fault_of_ours_is_raised_without_the_text_that_it_stumbled_over(
    deployed_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ValueError("invalid literal: '0491 570 006'")

    monkeypatch.setattr(inline, "run", stumble)

    with pytest.raises(UnexpectedError) as raised:
        invoke_upload(_event("upload_eventbridge"))

    assert "0491" not in f"{raised.value}{raised.value.__cause__}" + capsys.readouterr().out


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (None, "could not be read: ResourceNotFoundException"),
        ("   ", "is empty"),
        ('{"api_key": ""}', "is empty"),
        ('{"apikey": "x"}', "no text under api_key"),
        ('{"api_key": ', "looks like JSON but is not valid"),
        ("two words", "no usable key"),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_and_nothing_is_sent(
    deployed_sandbox: Sandbox, s3: "S3Client", stored: str | None, words: str
) -> None:
    secrets = boto3.client("secretsmanager")
    if stored is None:
        secrets.delete_secret(SecretId="cellcast/api-key", ForceDeleteWithoutRecovery=True)
    else:
        secrets.put_secret_value(SecretId="cellcast/api-key", SecretString=stored)
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0491570006\n")
    detail = {
        "bucket": {"name": "contacts"},
        "object": {"key": "incoming/june.csv", "etag": "x", "version-id": put["VersionId"]},
    }

    (summary,) = invoke_upload({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})

    prefix = f"results/june.csv/{summary['import_id']}/result.json"
    result = json.loads(s3.get_object(Bucket="contacts", Key=prefix)["Body"].read())
    assert result["status"] == "failed"
    assert "cellcast/api-key" in result["error"]
    assert words in result["error"]
    assert result["rows"]["unsent"] == 1
    assert deployed_sandbox.log == []


@pytest.mark.parametrize(
    "stored", [API_KEY, f"  {API_KEY}\n", f"Bearer {API_KEY}", f'{{"api_key": "Bearer {API_KEY}"}}']
)
def test_a_key_is_taken_in_each_form_in_which_people_store_it(
    deployed_sandbox: Sandbox, s3: "S3Client", stored: str
) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/api-key", SecretString=stored)
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0491570006\n")
    detail = {
        "bucket": {"name": "contacts"},
        "object": {"key": "incoming/june.csv", "etag": "x", "version-id": put["VersionId"]},
    }

    invoke_upload({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})

    assert deployed_sandbox.numbers == ["+61491570006"]
