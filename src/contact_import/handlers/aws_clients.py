"""Create the clients of AWS, with their time-outs. WebhookFunction must answer within 29 seconds, whatever AWS does."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from contact_import.aws.request_deadline import RequestDeadline
from contact_import.domain.http import USER_AGENT
from contact_import.handlers.runtime import report_setup_fault

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from botocore.model import OperationModel
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_stepfunctions.client import SFNClient

    from contact_import.aws.dynamodb import VersionedItem

# Of one attempt; botocore waits for a minute. If no caller waits, a slow answer is better than a second request.
_CONNECT_TIMEOUT_SECONDS, _READ_TIMEOUT_SECONDS = 2, 7
_REQUEST_CONNECT_TIMEOUT_SECONDS, _REQUEST_READ_TIMEOUT_SECONDS = 1, 3
_ATTEMPTS, _REQUEST_ATTEMPTS = 6, 4  # the pauses before them are up to 1, 2, 4, 8 and 16 seconds
# The end of an invocation that answers a caller, in which no attempt begins: the last attempt may take its connect and
# its read time-out, and the longest pause ends here as well.
RESPONSE_RESERVE_SECONDS = 5.0

_FORBIDDEN = 403
_MAX_CONNECTIONS = 32  # of boto3, whose default of 10 is too few for the submissions of one queue batch

request_deadline = RequestDeadline(time.monotonic)


def make_s3_client() -> "S3Client":
    """Return a client of S3."""
    # botocore builds its User-Agent for every request. A constant one costs nothing, and names the importer in S3's
    # access logs.
    config = Config(
        user_agent=USER_AGENT,
        signature_version="s3v4",  # botocore presigns with the older version in some regions
        # "virtual" presigns for the region's own host. The global host redirects for a new bucket, which invalidates
        # the signature. A simulation of AWS has no host for each bucket.
        s3=None if _has_own_endpoint() else {"addressing_style": "virtual"},
    )
    client = boto3.client("s3", config=_build_config().merge(config))
    client.meta.events.register_last("before-call.s3", _drop_expect_header)
    _watch(client)
    return client


def make_queue_client() -> "SQSClient":
    """Return a client of SQS."""
    client = boto3.client("sqs", config=_build_config())
    _watch(client)
    return client


def make_delivery_client() -> "DynamoDBClient":
    """Return a client of the table with the claims of deliveries, with the time-outs and retries of S3's."""
    client = boto3.client("dynamodb", config=_build_config())
    _watch(client)
    return client


def make_notification_clients() -> "tuple[EventBridgeClient, SNSClient]":
    """Return a client of EventBridge and one of SNS."""
    clients = boto3.client("events"), boto3.client("sns")
    for client in clients:
        _watch(client)
    return clients


def make_executions_client() -> "SFNClient":
    """Return a client of Step Functions."""
    client = boto3.client("stepfunctions")
    _watch(client)
    return client


def fetch_secret(name: str, *, max_age: int | None = None, force_fetch: bool = False) -> str | bytes:
    """Read a secret over Powertools' cache, with time-outs of seconds."""
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415
    from aws_lambda_powertools.utilities.parameters.constants import DEFAULT_PROVIDERS  # noqa: PLC0415

    if "secrets" not in DEFAULT_PROVIDERS:
        DEFAULT_PROVIDERS["secrets"] = _make_secrets_provider()
    return parameters.get_secret(name, max_age=max_age, force_fetch=force_fetch)


def _make_secrets_provider() -> "SecretsProvider":
    """Return a provider of Powertools, which caches secrets."""
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415

    provider = parameters.SecretsProvider(boto_config=_build_config())
    _watch(provider.client)
    return provider


@contextmanager
def report_secret_faults() -> Iterator[None]:
    """Report a secret that is missing or cannot be used. One that cannot be read for a while is no such fault."""
    from contact_import.errors import SecretError, SecretUnavailableError  # noqa: PLC0415

    try:
        yield
    except SecretUnavailableError:
        raise
    except SecretError as error:
        report_setup_fault(str(error))
        raise


@cache
def get_rate_record(table: str) -> "VersionedItem":
    """Return the item with the account's rate. Its calls time out early: without it, imports are only slower."""
    from contact_import.aws.dynamodb import VersionedItem  # noqa: PLC0415

    # The limiter makes the second attempt itself: botocore would wait up to a second before it.
    config = Config(connect_timeout=0.5, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 1})
    client = boto3.client("dynamodb", config=config)
    _watch(client)
    return VersionedItem(client, table, "account")


def _watch(client: Any) -> None:
    request_deadline.watch(client)
    client.meta.events.register("after-call", _report_denial)


def _report_denial(parsed: dict[str, Any], model: "OperationModel", **_: object) -> None:
    """Report a call that the function's role does not allow, also where the function can do without it."""
    status, code = parsed["ResponseMetadata"]["HTTPStatusCode"], str(parsed.get("Error", {}).get("Code", ""))
    # S3, SNS and most services answer 403; those with JSON answer 400 with this code.
    if status == _FORBIDDEN or code.startswith("AccessDenied"):
        report_setup_fault(f"AWS denied {model.service_model.service_name}:{model.name}: {code}")


def _build_config() -> Config:
    is_awaited = bool(os.environ.get("HOOKS_SECRET"))  # WebhookFunction alone has it
    return Config(
        connect_timeout=_REQUEST_CONNECT_TIMEOUT_SECONDS if is_awaited else _CONNECT_TIMEOUT_SECONDS,
        read_timeout=_REQUEST_READ_TIMEOUT_SECONDS if is_awaited else _READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _REQUEST_ATTEMPTS if is_awaited else _ATTEMPTS},
        max_pool_connections=_MAX_CONNECTIONS,
    )


def _has_own_endpoint() -> bool:
    return any(os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"))  # empty on AWS


def _drop_expect_header(model: "OperationModel", params: dict[str, Any], **_: object) -> None:
    """Drop botocore's `Expect: 100-continue` from PUTs: the extra round trip is slower than sending a small body."""
    if model.name == "PutObject":
        params["headers"].pop("Expect", None)
