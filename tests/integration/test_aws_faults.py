"""Faults around a deployed function: AWS is unavailable, time runs out, the key changes, names are odd."""

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import boto3
import botocore.handlers
import pytest
from aws_lambda_powertools.utilities import parameters
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from contact_import.aws.s3 import Bucket
from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import make_results_prefix
from contact_import.errors import SourceGoneError
from local.lambda_context import LambdaContext
from local.sandbox.endpoint import BULK, Exchange, Sandbox
from tests.conftest import API_KEY, Importer, build_contacts_csv
from tests.integration.conftest import build_object_created_event, clear_caches, invoke_upload

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class _Nothing:
    """The empty body of a response."""

    def stream(self, **_more: object) -> Iterator[bytes]:
        return iter(())


@pytest.fixture
def aws_outage(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], list[str]]:
    """Let a service of AWS answer the next requests with 503. Yield the requests that it received meanwhile."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    left: dict[str, int] = {}
    asked: list[str] = []

    def away(request: Any, event_name: str, **_more: object) -> AWSResponse | None:
        service = event_name.split(".")[1]
        if left.get(service, 0) <= 0:
            return None
        left[service] -= 1
        asked.append(f"{request.method} {request.url}")
        return AWSResponse(request.url, 503, HTTPHeaders(), _Nothing())

    handlers = [("before-send", away), *botocore.handlers.BUILTIN_HANDLERS]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)
    # Clients that were made before would not know of it.
    boto3.setup_default_session()
    parameters.clear_caches()  # type: ignore[no-untyped-call]

    def begin(service: str, times: int) -> list[str]:
        left[service] = times
        return asked

    return begin


def _result(s3: "S3Client", key: str, version: str) -> dict[str, Any]:
    ident = compute_import_id("contacts", key, version)
    kept = s3.get_object(Bucket="contacts", Key=f"{make_results_prefix(key, ident)}result.json")
    return dict(json.loads(kept["Body"].read()))


def _put(s3: "S3Client", body: str, key: str = "incoming/june.csv") -> str:
    return str(s3.put_object(Bucket="contacts", Key=key, Body=body.encode())["VersionId"])


@pytest.mark.parametrize("service", ["s3", "secrets-manager"])
def test_aws_that_is_away_for_a_moment_is_asked_again(
    deployed_sandbox: Sandbox, s3: "S3Client", aws_outage: Callable[[str, int], list[str]], service: str
) -> None:
    version = _put(s3, build_contacts_csv(3))
    asked = aws_outage(service, 2)

    (summary,) = invoke_upload(build_object_created_event("incoming/june.csv", version))

    assert len(asked) == 2
    assert summary["rows"]["accepted"] == 3
    assert len(deployed_sandbox.numbers) == 3


@pytest.mark.parametrize("service", ["s3", "secrets-manager"])
def test_aws_that_stays_away_loses_no_one_and_the_event_brings_the_import_back(
    deployed_sandbox: Sandbox, s3: "S3Client", aws_outage: Callable[[str, int], list[str]], service: str
) -> None:
    """When only the secret is missing and there is no state machine, the report lists the rows as unsent."""
    version = _put(s3, build_contacts_csv(3))
    record = {
        "messageId": "1",
        "body": json.dumps(build_object_created_event("incoming/june.csv", version)),
        "eventSource": "aws:sqs",
    }
    aws_outage(service, 1000)

    first = invoke_upload({"Records": [record]})
    aws_outage(service, 0)
    again = invoke_upload({"Records": [record]})

    assert again == {"batchItemFailures": []}
    if service == "s3":
        assert first == {"batchItemFailures": [{"itemIdentifier": "1"}]}
        assert _result(s3, "incoming/june.csv", version)["rows"]["accepted"] == 3
    else:
        result = _result(s3, "incoming/june.csv", version)
        assert result["rows"]["unsent"] == 3
        assert "could not be read" in result["error"]


def test_a_secret_that_cannot_be_read_for_a_while_is_waited_for_by_the_state_machine(
    deployed_sandbox: Sandbox,
    s3: "S3Client",
    aws_outage: Callable[[str, int], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = _state_machine(monkeypatch)
    version = _put(s3, build_contacts_csv(3))
    aws_outage("secrets-manager", 1000)

    (summary,) = invoke_upload(build_object_created_event("incoming/june.csv", version))

    assert summary["status"] == "handed_over"
    assert _started(machine) == [summary["import_id"]]
    assert deployed_sandbox.log == []


def _state_machine(monkeypatch: pytest.MonkeyPatch) -> str:
    role = "arn:aws:iam::123456789012:role/local"
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    made = boto3.client("stepfunctions").create_state_machine(name="large", definition=definition, roleArn=role)
    monkeypatch.setenv("STATE_MACHINE_ARN", made["stateMachineArn"])
    clear_caches()
    return str(made["stateMachineArn"])


def _started(machine: str) -> list[str]:
    found = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [execution["name"] for execution in found]


@pytest.mark.parametrize("seconds", [0, 5, 59, 62])
def test_with_hardly_any_time_left_an_import_is_handed_over_and_nothing_in_flight_is_cut(
    deployed_sandbox: Sandbox, s3: "S3Client", monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    machine = _state_machine(monkeypatch)
    monkeypatch.setenv("BATCH_MAX_CONTACTS", "1")
    clear_caches()
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _self: seconds * 1000)
    slow = Exchange.respond

    def serve(exchange: Exchange) -> None:
        time.sleep(0.2)
        slow(exchange)

    monkeypatch.setattr(Exchange, "respond", serve)
    version = _put(s3, build_contacts_csv(50))

    (summary,) = invoke_upload(build_object_created_event("incoming/june.csv", version))

    assert summary["status"] == "handed_over"
    assert _started(machine) == [summary["import_id"]]
    sealed = s3.list_objects_v2(Bucket="contacts", Prefix=f"work/{summary['import_id']}/groups/")
    bodies = [s3.get_object(Bucket="contacts", Key=one["Key"])["Body"].read() for one in sealed.get("Contents", [])]
    assert sum(b'"accepted"' in body for body in bodies) == len(deployed_sandbox.numbers) < 50
    assert not any(b"lease_expires_at" in body for body in bodies), "a claim was left without its seal"


def test_a_key_that_is_rotated_between_two_imports_or_during_one_costs_one_call(
    deployed_sandbox: Sandbox, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCH_MAX_CONTACTS", "1")
    monkeypatch.setenv("CONCURRENCY", "1")
    clear_caches()
    invoke_upload(build_object_created_event("incoming/june.csv", _put(s3, build_contacts_csv(2))))
    served = Exchange.respond

    def rotate(exchange: Exchange) -> None:
        if len(deployed_sandbox.log) == 5:
            deployed_sandbox.key = "cc-the-next-key"
            boto3.client("secretsmanager").put_secret_value(
                SecretId="cellcast/api-key", SecretString=deployed_sandbox.key
            )
        served(exchange)

    monkeypatch.setattr(Exchange, "respond", rotate)
    (summary,) = invoke_upload(
        build_object_created_event("incoming/june.csv", _put(s3, build_contacts_csv(6, start=10)))
    )

    assert summary["rows"]["accepted"] == 6
    assert [seen.key == API_KEY for seen in deployed_sandbox.log] == [True] * 5 + [False] * 4


# What a person, a tool or an attacker may call a file.
KEYS = [
    "incoming/june 2026.csv",
    "incoming/a+b.csv",
    "incoming/a%2Fb%20c.csv",
    "incoming/jün/日本/😀.csv",
    "incoming/../up.csv",
    "incoming/a/../../up.csv",
    "incoming//double//slash.csv",
    "incoming/&=;$@,?\\'\"<>#|~^`{}[].csv",
    "incoming/list=A%26B/tag=x+y/june.csv",
    "incoming/" + "n" * (1024 - len("incoming/.csv")) + ".csv",
    "incoming/" + "ü" * 500 + ".csv",
    "incoming/tab\there.csv",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[9:29])
@pytest.mark.parametrize("is_notification", [True, False], ids=["notification", "eventbridge"])
def test_an_odd_key_is_that_object_and_its_results_stay_below_results(
    deployed_sandbox: Sandbox, s3: "S3Client", key: str, is_notification: bool
) -> None:
    version = _put(s3, build_contacts_csv(1), key)
    event = build_object_created_event(key, version)
    if is_notification:
        what = {"key": quote_plus(key), "size": 1, "eTag": "x", "versionId": version}
        event = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "contacts"}, "object": what}}]}

    (summary,) = invoke_upload(event)

    assert summary["rows"]["accepted"] == 1
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="contacts")["Contents"]]
    assert all(one == key or one.startswith(("results/", "work/")) for one in keys)
    assert sum(one.endswith("result.json") for one in keys) == 1
    assert max(len(one.encode()) for one in keys) <= 1024


@pytest.mark.parametrize(
    "key", ["results/x/1/failed.csv", "work/1/import.json", "incoming/", "incoming/a/", "june.csv"]
)
def test_what_we_write_and_a_folder_start_nothing(deployed_sandbox: Sandbox, s3: "S3Client", key: str) -> None:
    assert invoke_upload(build_object_created_event(key, _put(s3, build_contacts_csv(1), key))) == []
    assert deployed_sandbox.log == []


def test_content_that_comes_between_the_head_and_the_get_is_never_mixed_in(importer: Importer) -> None:
    """Without versions the ETag holds: the import of the first content says that it is gone."""
    first = importer.upload(build_contacts_csv(3))
    bucket = Bucket(importer.s3, "contacts")

    assert bucket.read_metadata(first.key, "", first.etag) == {}
    importer.upload(build_contacts_csv(5, start=50))

    with pytest.raises(SourceGoneError):
        bucket.open(first.key, "", first.etag)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_host_that_an_answer_points_to_hears_nothing(importer: Importer, status: int) -> None:
    with Sandbox() as elsewhere:
        where = {"Location": f"{elsewhere.start()}{BULK}"}
        importer.sandbox.default_fault = ("", lambda exchange: exchange.send_raw(status, b"", "text/plain", where))

        result = importer.import_file(build_contacts_csv(3))

    assert elsewhere.log == []
    assert result["rows"]["unsent"] == 3
    assert "CELLCAST_URL" in result["error"]


RETRY_AFTER = [
    "0",
    "1",
    " 1 ",
    "-5",
    "1.5",
    "soon",
    "",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Wednesday, 21-Oct-15 07:28:00 GMT",
]


@pytest.mark.parametrize("value", RETRY_AFTER)
def test_whatever_is_in_retry_after_the_contacts_arrive_once(importer: Importer, value: str) -> None:
    importer.sandbox.faults.append(("429", lambda exchange: exchange.send_json(429, {}, {"Retry-After": value})))

    result = importer.import_file(build_contacts_csv(3))

    assert result["rows"]["accepted"] == len(importer.sandbox.numbers) == 3
    assert (result["requests"]["throttled"], result["requests"]["possibly_repeated"]) == (1, 0)


@pytest.mark.parametrize("value", ["86400", "9" * 40, "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_wait_that_no_one_can_wait_ends_the_calls_at_once(importer: Importer, value: str) -> None:
    importer.settings |= {"batch_max_contacts": 1, "concurrency": 4}
    importer.sandbox.default_fault = ("429", lambda exchange: exchange.send_json(429, {}, {"Retry-After": value}))

    result = importer.import_file(build_contacts_csv(100))

    assert result["rows"]["unsent"] == 100
    assert len(importer.sandbox.log) <= 4
