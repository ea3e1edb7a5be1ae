"""What the handlers speak with, made once, when a function first needs it, and kept between invocations."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_sqs.client import SQSClient

    from contact_import.aws.notifier import Notifier
    from contact_import.aws.sqs import Queue
    from contact_import.cellcast.client import CellcastClient
    from contact_import.cellcast.transport import Transport
    from contact_import.checks.opt_out_cache import OptOutCache
    from contact_import.pipelines.webhook_batch import SubmissionBatch
    from contact_import.settings import Settings
    from contact_import.webhooks.senders.config_cache import SenderConfigCache

_KEY_CACHE_SECONDS = 300  # how long a key is kept between invocations
_USER_AGENT = "cellcast-contact-importer"
SHORT_OUTAGE_TIMEOUT = 5.0  # waiting in the state machine or in the queue costs less than in a running function
_RESERVE_SECONDS = 60.0  # of an invocation, for handing over or writing the results


def build_client(
    settings: "Settings", context: LambdaContext, outage_timeout: float, reserve: float = _RESERVE_SECONDS
) -> "CellcastClient":
    """`reserve` are the seconds at the end of the invocation in which nothing is sent any more."""
    from contact_import.cellcast.client import CellcastClient  # noqa: PLC0415
    from contact_import.cellcast.credentials import ApiKey  # noqa: PLC0415
    from contact_import.cellcast.rate_limiter import RateLimiter  # noqa: PLC0415

    transport = get_transport(settings.cellcast_url, settings.concurrency)
    return CellcastClient(
        post=transport.post,
        get=transport.get,
        api_key=ApiKey(partial(fetch_api_key, settings.cellcast_secret)),
        rate_limiter=RateLimiter(settings.calls_per_second),
        deadline=time.monotonic() + max(1.0, get_remaining_seconds(context) - reserve),
        on_ambiguous=settings.on_ambiguous,
        outage_timeout=outage_timeout,
    )


def get_remaining_seconds(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


def fetch_api_key(secret: str, fresh: bool) -> str:
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415

    from contact_import.cellcast.credentials import read_api_key  # noqa: PLC0415

    fetch = partial(parameters.get_secret, secret, max_age=_KEY_CACHE_SECONDS, force_fetch=fresh)
    return read_api_key(secret, fetch)


def build_hand_over(settings: "Settings") -> Callable[[Upload], None] | None:
    if not settings.state_machine_arn:
        return None
    from contact_import.aws.step_functions import Executions  # noqa: PLC0415

    arn = settings.state_machine_arn
    return lambda upload: Executions(boto3.client("stepfunctions"), arn).start(upload)


@cache
def get_sqs_client() -> "SQSClient":
    return boto3.client("sqs")


@cache
def get_delivery_queue(url: str) -> "Queue":
    """The queue of what came in over HTTP. Who waits for the answer waits for some seconds, not for minutes."""
    from contact_import.aws.sqs import Queue  # noqa: PLC0415

    return Queue(boto3.client("sqs", config=Config(connect_timeout=2, read_timeout=5, max_pool_connections=32)), url)


@cache
def get_sender_config_cache(secret: str) -> "SenderConfigCache":
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415

    from contact_import.aws import secrets  # noqa: PLC0415
    from contact_import.webhooks.senders.config_cache import SenderConfigCache  # noqa: PLC0415

    fetch = partial(parameters.get_secret, secret, force_fetch=True)
    return SenderConfigCache(lambda: secrets.read_secret_text(secret, fetch), time.monotonic)


@cache
def get_opt_out_cache(name: str) -> "OptOutCache":
    from contact_import.checks.opt_out_cache import OptOutCache  # noqa: PLC0415

    return OptOutCache(get_bucket(name), lambda: datetime.now(UTC))


@cache
def get_notifier(topic_arn: str) -> "Notifier":
    from contact_import.aws.notifier import Notifier  # noqa: PLC0415

    return Notifier(boto3.client("events"), boto3.client("sns"), topic_arn)


@cache
def get_settings() -> "Settings":
    from contact_import.settings import Settings  # noqa: PLC0415

    return Settings.from_env(os.environ)


@cache
def get_bucket(name: str) -> Bucket:
    # A window of deliveries asks for more at once than the ten connections that boto3 keeps by itself. A name of our
    # own is as good as the one that botocore puts together anew for every request, and it is in the access logs.
    config = Config(retries={"mode": "standard", "max_attempts": 6}, max_pool_connections=32, user_agent=_USER_AGENT)
    client = boto3.client("s3", config=config)
    client.meta.events.register_last("before-call.s3", _drop_expect_header)
    return Bucket(client, name)


def _drop_expect_header(model: "OperationModel", params: dict[str, Any], **_: object) -> None:
    """Send a body along with its request: asking whether it may come takes longer than a small one does."""
    if model.name == "PutObject":
        params["headers"].pop("Expect", None)


@cache
def get_transport(url: str, connections: int) -> "Transport":
    from contact_import.cellcast.transport import Transport  # noqa: PLC0415

    return Transport(url, connections=connections)


def build_submission_batch(settings: "Settings", client: "CellcastClient") -> "SubmissionBatch":
    from contact_import.pipelines.webhook_batch import SubmissionBatch  # noqa: PLC0415

    get_opt_outs = get_opt_out_cache(settings.bucket).get_opt_outs if settings.screen_opt_outs else None
    return SubmissionBatch(
        get_bucket(settings.bucket), client, settings.concurrency, lambda: datetime.now(UTC), get_opt_outs=get_opt_outs
    )
