"""A bucket in memory and a client whose queries are answered by a function, for tests without sockets."""

import json
import math
from collections.abc import Callable
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import ApiResponse, NoResponse
from tests.memory_bucket import MemoryBucket

IN_MEMORY_PREFIX = "results/webhook/2026/11/23/0/"  # below it the bucket has results in memory too


def make_bucket() -> Bucket:
    no_client: Any = None
    return MemoryBucket(Bucket(no_client, "contacts"))


def make_client(answer: Callable[[str], Any] = lambda _path: {}, **more: Any) -> CellcastClient:
    """Return a client that takes no time; `answer` gives the JSON value, or the status of an error, for a path."""

    def get(path: str, _key: str, _seconds: float) -> ApiResponse | NoResponse:
        value = answer(path)
        if isinstance(value, int):
            return ApiResponse(value, {}, b"{}")
        return ApiResponse(200, {}, json.dumps(value).encode())

    settings: dict[str, Any] = {"deadline": math.inf, "sleep": lambda _seconds: None, "outage_timeout": 0.0}
    return CellcastClient(
        post=lambda *_: NoResponse(maybe_sent=False, reason="nothing is sent here"),
        api_key=ApiKey(lambda _fresh: "key"),
        rate_limiter=RateLimiter(1000),
        get=get,
        **(settings | more),
    )
