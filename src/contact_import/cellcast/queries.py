"""Query Cellcast with GET requests. They change nothing there, so each may be repeated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact_import.cellcast.classification import classify_no_response, classify_response
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import API_KEY_DENIED
from contact_import.cellcast.response_body import parse_object
from contact_import.cellcast.responses import (
    CONTRADICTION,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    RetryableResponse,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)
from contact_import.cellcast.retry import OutOfTime, call_with_retry
from contact_import.cellcast.transport import NoResponse
from contact_import.errors import SecretError

_OUT_OF_TIME = "there was no time left to query Cellcast"
_THROTTLED = "Cellcast is too busy"


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """The reason why a query has no answer. With `is_denied`, Cellcast rejects the API key for every query."""

    reason: str
    is_denied: bool = False


def query(client: CellcastClient, path: str) -> dict[str, Any] | QueryFailed:
    """Return the JSON object at `path`. Retry within the client's `outage_timeout`. Never raise or stop the client."""
    started_at = client.clock()
    data: dict[str, Any] | None = None
    last: RetryableResponse | None = None

    def get_once(api_key: str, timeout: float) -> ClassifiedResponse:
        nonlocal data
        response = client.get(path, api_key, timeout)
        if isinstance(response, NoResponse):
            return classify_no_response(response)
        data = parse_object(response.body)
        # Only the envelope is classified, because an entry may look like a flag.
        envelope = json.dumps(_strip_lists(data)).encode() if data is not None else b""
        return classify_response(response.status, response.headers, envelope, contact_count=0)

    def may_retry(answer: RetryableResponse, delay: float) -> bool:
        nonlocal last
        last = answer
        return client.clock() + delay - started_at <= client.outage_timeout

    try:
        answer = call_with_retry(client, get_once, deadline=client.deadline, may_retry=may_retry)
    except SecretError as error:
        return QueryFailed(str(error), is_denied=True)
    if isinstance(answer, OutOfTime):
        return _find_failure(last) or QueryFailed(client.stop_reason or _OUT_OF_TIME)
    # Cellcast's docs define no envelope for these responses, so everything but a clear error is an answer.
    if failure := _find_failure(answer):
        return failure
    return QueryFailed(CONTRADICTION) if data is None or data.get("status") is False else data


def _find_failure(answer: ClassifiedResponse | None) -> QueryFailed | None:
    match answer:
        case Denied():
            return QueryFailed(API_KEY_DENIED, is_denied=True)
        case Throttled():
            return QueryFailed(_THROTTLED)
        case Unavailable(reason) | Ambiguous(reason) | WrongEndpoint(reason) | TooLarge(reason):
            return QueryFailed(reason)
        case AllRejected(reason=reason):
            return QueryFailed(reason)
    return None


def _strip_lists(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a response that are about the response itself, without its entries.

    An entry must not be read as a flag: a contact may have the tag `maintenance`.
    """
    data_block = data.get("data")
    flags = {name: value for name, value in data_block.items() if value is True} if isinstance(data_block, dict) else {}
    return {name: value for name, value in data.items() if not isinstance(value, list)} | {"data": flags}
