"""The rate limiter of an invocation: the one that all functions share, where the stack has its table."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from contact_import.aws.dynamodb import VersionedItem
    from contact_import.cellcast.rate_limiter import CallLimiter
    from contact_import.settings import Settings


def build_rate_limiter(settings: "Settings", *, is_interactive: bool) -> "CallLimiter":
    """Build the rate limiter of one invocation: shared by all functions through the table, where one is configured."""
    from contact_import.cellcast.rate_limiter import RateLimiter  # noqa: PLC0415

    fallback = RateLimiter(settings.calls_per_second)
    if not settings.rate_table:
        return fallback
    from contact_import.cellcast.shared_rate_limiter import SharedRateLimiter  # noqa: PLC0415

    return SharedRateLimiter(
        get_rate_record(settings.rate_table),
        settings.account_calls_per_second,
        fallback,
        is_interactive=is_interactive,
    )


@cache
def get_rate_record(table: str) -> "VersionedItem":
    """Return the item with the account's rate. Its calls soon time out: without it, the limiter is only slower."""
    from contact_import.aws.dynamodb import VersionedItem  # noqa: PLC0415

    # The limiter makes the second attempt itself: botocore would wait up to a second before it.
    config = Config(connect_timeout=0.5, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 1})
    return VersionedItem(boto3.client("dynamodb", config=config), table, "account")
