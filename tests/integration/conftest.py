"""The fixtures for the deployed handlers: their environment variables, and a client of the HTTP API."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters

from contact_import.handlers import dependencies
from contact_import.handlers.upload import on_upload
from local.aws.moto_server import create_table
from local.lambda_context import LambdaContext
from local.sandbox.endpoint import Sandbox
from local.stack_values import DELIVERY_TABLE
from tests.conftest import API_KEY
from tests.integration.webhook_client import LINK_KEY, SENDER_CONFIG, WebhookClient

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def deployed_sandbox(s3: "S3Client", sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Set the environment of a function that calls the sandbox and has 900 seconds left at any time."""
    boto3.client("secretsmanager").create_secret(Name="cellcast/api-key", SecretString=json.dumps({"api_key": API_KEY}))
    monkeypatch.setenv("BUCKET", "contacts")
    monkeypatch.setenv("CELLCAST_SECRET", "cellcast/api-key")
    monkeypatch.setenv("CELLCAST_URL", sandbox.start())
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _self: 900_000)
    clear_caches()
    yield sandbox
    clear_caches()


@pytest.fixture
def webhook_client(s3: "S3Client", sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookClient]:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="cellcast/api-key", SecretString=API_KEY)
    secrets.create_secret(Name="cellcast/hooks", SecretString=json.dumps(SENDER_CONFIG))
    secrets.create_secret(Name="cellcast/links", SecretString=LINK_KEY)
    url = boto3.client("sqs").create_queue(QueueName="Deliveries")["QueueUrl"]
    create_table(boto3.client("dynamodb"), DELIVERY_TABLE)
    environment = {
        "BUCKET": "contacts",
        "CELLCAST_SECRET": "cellcast/api-key",
        "HOOKS_SECRET": "cellcast/hooks",
        "CELLCAST_URL": sandbox.start(),
        "QUEUE_URL": url,
        "LINKS_SECRET": "cellcast/links",
        "DELIVERY_TABLE": DELIVERY_TABLE,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    clear_caches()
    yield WebhookClient(s3, sandbox, url)
    clear_caches()


def clear_caches() -> None:
    """Forget clients, settings and secrets, as a new process has none."""
    for value in vars(dependencies).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    parameters.clear_caches()  # type: ignore[no-untyped-call]


def invoke_upload(event: dict[str, Any]) -> Any:
    """Return what UploadFunction returns for the event."""
    return on_upload(event, LambdaContext("UploadFunction", deadline=float("inf")))


def build_object_created_event(key: str, version: str, size: int = 1) -> dict[str, Any]:
    """Return EventBridge's event of a new object."""
    detail_object = {"key": key, "size": size, "etag": "x", "version-id": version}
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "contacts"}, "object": detail_object},
    }
