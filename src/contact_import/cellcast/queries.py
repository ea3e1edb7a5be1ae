"""Questions to Cellcast that change nothing there, so that each may be asked again.

The calls are those of developer.cellcast.com; what no page tells of their answers is read leniently.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from contact_import.cellcast.classification import classify_response
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.rate_limiter import compute_backoff
from contact_import.cellcast.responses import (
    AllRejected,
    Ambiguous,
    Denied,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)
from contact_import.cellcast.transport import ApiResponse, NoResponse
from contact_import.errors import SecretError

_MAX_CALL_SECONDS = 30.0
_MIN_CALL_SECONDS = 1.0
_OUT_OF_TIME = "there was no time left to ask"
_API_KEY_DENIED = "Cellcast did not take the API key"


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """Why there is no answer. With `is_denied` it was the key: nothing else would get one either."""

    reason: str
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class _RetryLater:
    """Ask again, not before `after` seconds. With `holds` the account as a whole was told to slow down."""

    reason: str
    retry_after: float = 0.0
    is_throttled: bool = False


def query(client: CellcastClient, path: str) -> dict[str, Any] | QueryFailed:
    """The object that Cellcast answers with; asked again for as long as the line is patient. It does not raise."""
    started_at = client.clock()
    reason = ""
    for attempt in count():
        if (
            client.stop_reason
            or client.rate_limiter.wait(client.remaining_seconds - _MIN_CALL_SECONDS)
            or client.remaining_seconds <= _MIN_CALL_SECONDS
        ):
            break
        answer = _query_with_key_refresh(client, path)
        if not isinstance(answer, _RetryLater):
            return answer
        reason = answer.reason
        delay = max(compute_backoff(attempt, client.jitter), answer.retry_after)
        if (
            client.clock() + delay - started_at > client.outage_timeout
            or delay >= client.remaining_seconds - _MIN_CALL_SECONDS
        ):
            break
        if answer.is_throttled:
            client.rate_limiter.pause(delay)
        client.sleep(delay)
    return QueryFailed(reason or client.stop_reason or _OUT_OF_TIME)


def _query_with_key_refresh(client: CellcastClient, path: str) -> dict[str, Any] | QueryFailed | _RetryLater:
    """One call, and another with the key of this moment when the first one's was not taken."""
    try:
        api_key = client.api_key.get()
        answer = _query_once(client, path, api_key)
        if (
            isinstance(answer, QueryFailed)
            and answer.is_denied
            and (api_key := client.api_key.get_replacement(api_key))
        ):
            if client.rate_limiter.wait(client.remaining_seconds - _MIN_CALL_SECONDS):
                return QueryFailed(_OUT_OF_TIME)
            answer = _query_once(client, path, api_key)
    except SecretError as error:
        return QueryFailed(str(error), is_denied=True)
    return answer


def _query_once(client: CellcastClient, path: str, api_key: str) -> dict[str, Any] | QueryFailed | _RetryLater:
    response = client.get(path, api_key, min(_MAX_CALL_SECONDS, max(_MIN_CALL_SECONDS, client.remaining_seconds - 1)))
    if isinstance(response, NoResponse):
        return _RetryLater(response.reason)
    data = _parse_object(response)
    envelope = json.dumps(_strip_lists(data)).encode() if data is not None else b""
    match classify_response(response.status, response.headers, envelope, 0):
        case Throttled(retry_after):
            return _RetryLater("Cellcast is asked too much", retry_after or 0, is_throttled=True)
        case Unavailable(reason, retry_after):
            return _RetryLater(reason, retry_after or 0)
        case Ambiguous(reason):
            return _RetryLater(reason)
        case Denied():
            return QueryFailed(_API_KEY_DENIED, is_denied=True)
        case WrongEndpoint(reason) | TooLarge(reason) | AllRejected(_, reason):
            return QueryFailed(reason)
    if data is None or data.get("status") is False:
        return QueryFailed("the answer says success and failure at once")
    return data


def _parse_object(response: ApiResponse) -> dict[str, Any] | None:
    try:
        data = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _strip_lists(data: Mapping[str, Any]) -> dict[str, Any]:
    """What speaks of the answer itself. A contact may well carry the tag `maintenance`."""
    data_block = data.get("data")
    flags = {name: value for name, value in data_block.items() if value is True} if isinstance(data_block, dict) else {}
    return {name: value for name, value in data.items() if not isinstance(value, list)} | {"data": flags}
