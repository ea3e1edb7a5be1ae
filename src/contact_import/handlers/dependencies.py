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
    from contact_import.cellcast.client import Line
    from contact_import.cellcast.transport import Sender
    from contact_import.checks.opt_out_cache import Register
    from contact_import.pipelines.webhook_batch import Window
    from contact_import.settings import Settings
    from contact_import.webhooks.senders.config_cache import Guests

_KEY_SECONDS = 300  # how long a key is kept between invocations
_USER_AGENT = "cellcast-contact-importer"
UNIT_PATIENCE = 5.0  # waiting in the state machine or in the queue costs less than in a running function
_RESERVE_SECONDS = 60.0  # of an invocation, for handing over or writing the results


def line(settings: "Settings", context: LambdaContext, patience: float, reserve: float = _RESERVE_SECONDS) -> "Line":
    """`reserve` are the seconds at the end of the invocation in which nothing is sent any more."""
    from contact_import.cellcast.client import Key, Line  # noqa: PLC0415
    from contact_import.cellcast.rate_limiter import Pace  # noqa: PLC0415

    way = sender(settings.cellcast_url, settings.concurrency)
    return Line(
        post=way.post,
        get=way.get,
        key=Key(partial(api_key, settings.cellcast_secret)),
        pace=Pace(settings.calls_per_second),
        until=time.monotonic() + max(1.0, seconds_left(context) - reserve),
        on_ambiguous=settings.on_ambiguous,
        patience=patience,
    )


def seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


def api_key(secret: str, fresh: bool) -> str:
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415

    from contact_import.aws import secrets  # noqa: PLC0415

    fetch = partial(parameters.get_secret, secret, max_age=_KEY_SECONDS, force_fetch=fresh)
    return secrets.api_key(secret, fetch)


def hand_over(settings: "Settings") -> Callable[[Upload], None] | None:
    if not settings.state_machine_arn:
        return None
    from contact_import.aws.step_functions import Executions  # noqa: PLC0415

    arn = settings.state_machine_arn
    return lambda upload: Executions(boto3.client("stepfunctions"), arn).start(upload)


@cache
def queue() -> "SQSClient":
    return boto3.client("sqs")


@cache
def messages(url: str) -> "Queue":
    """The queue of what came in over HTTP. Who waits for the answer waits for some seconds, not for minutes."""
    from contact_import.aws.sqs import Queue  # noqa: PLC0415

    return Queue(boto3.client("sqs", config=Config(connect_timeout=2, read_timeout=5, max_pool_connections=32)), url)


@cache
def guests(secret: str) -> "Guests":
    from aws_lambda_powertools.utilities import parameters  # noqa: PLC0415

    from contact_import.aws import secrets  # noqa: PLC0415
    from contact_import.webhooks.senders.config_cache import Guests  # noqa: PLC0415

    fetch = partial(parameters.get_secret, secret, force_fetch=True)
    return Guests(lambda: secrets.stored_text(secret, fetch), time.monotonic)


@cache
def register(name: str) -> "Register":
    from contact_import.checks.opt_out_cache import Register  # noqa: PLC0415

    return Register(bucket(name), lambda: datetime.now(UTC))


@cache
def notifier(topic_arn: str) -> "Notifier":
    from contact_import.aws.notifier import Notifier  # noqa: PLC0415

    return Notifier(boto3.client("events"), boto3.client("sns"), topic_arn)


@cache
def settings() -> "Settings":
    from contact_import.settings import Settings  # noqa: PLC0415

    return Settings.from_env(os.environ)


@cache
def bucket(name: str) -> Bucket:
    # A window of deliveries asks for more at once than the ten connections that boto3 keeps by itself. A name of our
    # own is as good as the one that botocore puts together anew for every request, and it is in the access logs.
    config = Config(retries={"mode": "standard", "max_attempts": 6}, max_pool_connections=32, user_agent=_USER_AGENT)
    client = boto3.client("s3", config=config)
    client.meta.events.register_last("before-call.s3", _unasked)
    return Bucket(client, name)


def _unasked(model: "OperationModel", params: dict[str, Any], **_: object) -> None:
    """Send a body along with its request: asking whether it may come takes longer than a small one does."""
    if model.name == "PutObject":
        params["headers"].pop("Expect", None)


@cache
def sender(url: str, connections: int) -> "Sender":
    from contact_import.cellcast.transport import Sender  # noqa: PLC0415

    return Sender(url, connections=connections)


def window(settings: "Settings", line: "Line") -> "Window":
    from contact_import.pipelines.webhook_batch import Window  # noqa: PLC0415

    look_up = register(settings.bucket).look_up if settings.screen_opt_outs else None
    return Window(bucket(settings.bucket), line, settings.concurrency, lambda: datetime.now(UTC), look_up=look_up)
