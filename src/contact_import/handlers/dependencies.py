"""Create the clients and settings of the handlers on first use (the composition root).

A `get_…` keeps its result for later invocations, a `build_…` makes a new object for each. Imports that only some of the
Lambda functions need are inside the functions, which keeps cold starts short.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.typing import LambdaContext

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.handlers import aws_clients

if TYPE_CHECKING:
    from contact_import.aws.notifier import Notifier
    from contact_import.aws.sqs import Queue
    from contact_import.cellcast.client import CellcastClient
    from contact_import.cellcast.rate_limiter import CallLimiter
    from contact_import.cellcast.transport import Transport
    from contact_import.checks.opt_out_cache import OptOutCache
    from contact_import.ledger.group_store import GroupStore
    from contact_import.pipelines.webhook.batch import SubmissionBatch
    from contact_import.settings import Settings
    from contact_import.webhooks.senders.config_cache import SenderConfigCache

SHORT_OUTAGE_TIMEOUT = 5.0  # seconds; waiting in the state machine or in the queue costs nothing, in a function it does

_KEY_MAX_AGE_SECONDS = 300  # of a cached secret, between invocations
_MIN_LINK_KEY_CHARS = 16  # a shorter key could be found by trial from a single link
_RESERVE_SECONDS = 60.0  # of an invocation, to hand over or to write the results


@cache
def get_settings() -> "Settings":
    """Return the settings from the environment. Raise SettingsError for a value that cannot be used."""
    from contact_import.settings import Settings  # noqa: PLC0415

    return Settings.from_env(os.environ)


def get_remaining_seconds(context: LambdaContext) -> float:
    """Return the seconds until Lambda ends the invocation."""
    return context.get_remaining_time_in_millis() / 1000


def build_client(
    settings: "Settings",
    context: LambdaContext,
    outage_timeout: float,
    reserve: float = _RESERVE_SECONDS,
    *,
    is_interactive: bool = False,
) -> "CellcastClient":
    """Return the Cellcast client of one invocation, which sends nothing in the last `reserve` seconds of it.

    An endpoint without a response for `outage_timeout` seconds stops it. With `is_interactive` its calls do not wait
    behind those of files.
    """
    from contact_import.cellcast.client import CellcastClient  # noqa: PLC0415
    from contact_import.cellcast.credentials import ApiKey  # noqa: PLC0415

    transport = get_transport(settings.cellcast_url, settings.concurrency)
    return CellcastClient(
        post=transport.post,
        get=transport.get,
        api_key=ApiKey(partial(fetch_api_key, settings.cellcast_secret)),
        rate_limiter=build_rate_limiter(settings, is_interactive=is_interactive),
        deadline=time.monotonic() + max(1.0, get_remaining_seconds(context) - reserve),
        on_ambiguous=settings.on_ambiguous,
        outage_timeout=outage_timeout,
        is_sandbox=settings.sandbox,
    )


def build_rate_limiter(settings: "Settings", *, is_interactive: bool) -> "CallLimiter":
    """Build the rate limiter of one invocation: shared by all functions through the table, where one is configured."""
    from contact_import.cellcast.rate_limiter import RateLimiter  # noqa: PLC0415

    fallback = RateLimiter(settings.calls_per_second)
    if not settings.rate_table:
        return fallback
    from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter  # noqa: PLC0415

    return SharedRateLimiter(
        aws_clients.get_rate_record(settings.rate_table),
        settings.account_calls_per_second,
        fallback,
        is_interactive=is_interactive,
    )


@cache
def get_transport(url: str, connections: int) -> "Transport":
    """Return the HTTP session to Cellcast, whose connections stay open between invocations."""
    from contact_import.cellcast.transport import Transport  # noqa: PLC0415

    return Transport(url, connections=connections)


@aws_clients.report_secret_faults()
def fetch_api_key(secret: str, fresh: bool) -> str:
    """Return Cellcast's API key, from Secrets Manager or, unless `fresh`, from a cache of five minutes.

    Raise SecretError, which names the secret and never its value.
    """
    from contact_import.cellcast.credentials import read_api_key  # noqa: PLC0415

    fetch = partial(aws_clients.fetch_secret, secret, max_age=_KEY_MAX_AGE_SECONDS, force_fetch=fresh)
    return read_api_key(secret, fetch)


@cache
def get_bucket(name: str) -> Bucket:
    """Return the S3 bucket. The SDK makes several attempts of each request."""
    return Bucket(aws_clients.make_s3_client(), name)


@cache
def get_delivery_table(name: str) -> "GroupStore":
    """Return the table with the claims and commits of deliveries. A submission names its table."""
    from contact_import.aws.dynamodb import Table  # noqa: PLC0415

    return Table(aws_clients.make_delivery_client(), name, get_utc_now)


@cache
def get_delivery_queue(url: str) -> "Queue":
    """Return a queue."""
    from contact_import.aws.sqs import Queue  # noqa: PLC0415

    return Queue(aws_clients.make_queue_client(), url)


def get_upload_queue() -> "Queue | None":
    """Return the queue of uploads, None if the environment names none.

    The variable is read without the other settings: if one of those is invalid, every message fails, and this queue is
    still needed to postpone them.
    """
    url = os.environ.get("UPLOAD_QUEUE_URL", "").strip()
    return get_delivery_queue(url) if url else None


@cache
def get_sender_config_cache(secret: str) -> "SenderConfigCache":
    """Return the cache of the configured webhook senders, read from a secret."""
    from contact_import.aws import secrets  # noqa: PLC0415
    from contact_import.webhooks.senders.config_cache import SenderConfigCache  # noqa: PLC0415

    fetch = partial(aws_clients.fetch_secret, secret, force_fetch=True)
    read = partial(secrets.read_secret_text, secret, fetch)
    # The cache goes on with an older configuration if the secret became malformed: without this no alarm says so.
    return SenderConfigCache(read, time.monotonic, aws_clients.report_secret_faults)


@aws_clients.report_secret_faults()
def fetch_link_key(secret: str, *, fresh: bool = False) -> bytes:
    """Return the key of signed links, from Secrets Manager or, unless `fresh`, from a cache of five minutes.

    Raise SecretError, which names the secret and never its value.
    """
    from contact_import.aws.secrets import read_secret_text  # noqa: PLC0415
    from contact_import.errors import SecretError  # noqa: PLC0415

    fetch = partial(aws_clients.fetch_secret, secret, max_age=_KEY_MAX_AGE_SECONDS, force_fetch=fresh)
    key = read_secret_text(secret, fetch)
    if len(key) < _MIN_LINK_KEY_CHARS:
        raise SecretError(f"The secret {secret} is too short to sign links: it needs {_MIN_LINK_KEY_CHARS} characters.")
    return key.encode()


@aws_clients.report_secret_faults()
def fetch_callback_key(secret: str) -> bytes:
    """Return the key that signs callbacks, from Secrets Manager or from a cache of five minutes.

    Raise SecretError, which names the secret and never its value.
    """
    from contact_import.aws.secrets import read_secret_text  # noqa: PLC0415
    from contact_import.callbacks.callback_signature import read_callback_key  # noqa: PLC0415

    fetch = partial(aws_clients.fetch_secret, secret, max_age=_KEY_MAX_AGE_SECONDS)
    return read_callback_key(secret, read_secret_text(secret, fetch))


def allows_loopback_callbacks() -> bool:
    """Return whether plain http on this machine may be called back. `cellcast-import serve` replaces this function.

    It is no setting: in Lambda, 127.0.0.1 is the function's own runtime.
    """
    return False


@cache
def get_opt_out_cache(name: str) -> "OptOutCache":
    """Return the cache of Cellcast's opt-out list in a bucket."""
    from contact_import.checks.opt_out_cache import OptOutCache  # noqa: PLC0415

    return OptOutCache(get_bucket(name), get_utc_now)


@cache
def get_notifier(topic_arn: str) -> "Notifier":
    """Return the notifier for the default event bus and an SNS topic, "" for no e-mail."""
    from contact_import.aws.notifier import Notifier  # noqa: PLC0415

    return Notifier(*aws_clients.make_notification_clients(), topic_arn)


def build_hand_over(settings: "Settings") -> Callable[[Upload], None] | None:
    """Return a function that starts the state machine for an upload, None if none is configured."""
    if not settings.state_machine_arn:
        return None
    from contact_import.aws.step_functions import Executions  # noqa: PLC0415

    arn = settings.state_machine_arn
    return lambda upload: Executions(aws_clients.make_executions_client(), arn).start(upload)


def build_submission_batch(settings: "Settings", client: "CellcastClient") -> "SubmissionBatch":
    """Return the pipeline that imports webhook submissions together, with the opt-out list if that is configured."""
    from contact_import.pipelines.webhook.batch import SubmissionBatch  # noqa: PLC0415

    get_opt_outs = get_opt_out_cache(settings.bucket).get_opt_outs if settings.screen_opt_outs else None
    return SubmissionBatch(
        get_bucket(settings.bucket),
        client,
        settings.concurrency,
        get_utc_now,
        get_opt_outs=get_opt_outs,
        get_table=get_delivery_table,
    )


def get_utc_now() -> datetime:
    """Return the current time: the clock of leases and reports, which all runs of an import share."""
    return datetime.now(UTC)
