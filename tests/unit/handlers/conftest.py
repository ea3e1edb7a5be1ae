"""The fixtures for handlers: the environment of a function, with an AWS in memory and a Cellcast sandbox."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from contact_import.aws.events import Upload
from contact_import.domain.ids import compute_import_id
from contact_import.handlers import dependencies
from local.lambda_context import LambdaContext
from local.sandbox.endpoint import Sandbox
from tests.conftest import API_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture(autouse=True)
def environment(s3: "S3Client", sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    boto3.client("secretsmanager").create_secret(Name="cellcast/api-key", SecretString=API_KEY)
    for name, value in {
        "BUCKET": "contacts",
        "CELLCAST_SECRET": "cellcast/api-key",
        "CELLCAST_URL": sandbox.start(),
        "CANARY_CONTACTS": "0",
    }.items():
        monkeypatch.setenv(name, value)
    clear_caches()
    yield
    clear_caches()


def clear_caches() -> None:
    """Begin as a new process does."""
    for cached in (
        dependencies.get_settings,
        dependencies.get_bucket,
        dependencies.get_transport,
        dependencies.get_sender_config_cache,
        dependencies.get_delivery_queue,
        dependencies.get_opt_out_cache,
        dependencies.get_notifier,
    ):
        cached.cache_clear()
    parameters.clear_caches()  # type: ignore[no-untyped-call]


@pytest.fixture
def context() -> Any:
    return LambdaContext("Function", deadline=time.monotonic() + 900)


@pytest.fixture
def execution_input(s3: "S3Client") -> dict[str, Any]:
    """Upload a file of two contacts, and return the input of the state machine for it."""
    put = s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0400000000\n0400000001\n")
    upload = Upload("contacts", "incoming/june.csv", put["ETag"].strip('"'), put["VersionId"], 29)
    return {"import_id": compute_import_id(upload.bucket, upload.key, upload.version), **asdict(upload)}
