"""Classify a response by its status *and* its body.

Cellcast also sends 200 with an error in the body. Only a response that says success and whose counts add up to the
request is a success: contacts must not count as imported on a guess, nor be sent twice on one.

The documented response to three contacts of which the second is wrong
(developer.cellcast.com/contact/v1/contact-bulk.html) is Accepted({1: "phone_number is not valid"}):

    {"status": true, "code": 200, "message": "partial_success",
     "data": {"success_data": 2, "failed_data": 1, "errors": ["contact[1] error : phone_number is not valid"]}}
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from contact_import.cellcast.response_body import (
    collect_messages,
    find_code,
    find_reason,
    get_data_block,
    has_flag,
    join_reasons,
    limit_messages,
    parse_contact_errors,
    parse_object,
)
from contact_import.cellcast.responses import (
    CONTRADICTION,
    Accepted,
    AllRejected,
    Ambiguous,
    ClassifiedResponse,
    Denied,
    Inconsistent,
    Throttled,
    TooLarge,
    Unavailable,
    WrongEndpoint,
)
from contact_import.cellcast.transport import NoResponse

_SUCCESS_MESSAGES = ("success", "partial_success")
_ERROR_FLAGS = ("OVER_LIMIT", "invalid_token", "maintainence", "maintenance")  # `maintainence` is Cellcast's spelling


def classify_no_response(response: NoResponse) -> Ambiguous | Unavailable:
    """Return Ambiguous if the request may have arrived, else Unavailable."""
    return Ambiguous(response.reason) if response.maybe_sent else Unavailable(response.reason)


def classify_response(status: int, headers: Mapping[str, str], body: bytes, contact_count: int) -> ClassifiedResponse:
    """Return the meaning of the response to a request with `contact_count` contacts. Never raise.

    A response that says success is never retryable. A flag or a code beside it is a contradiction, and contacts that
    may be stored must not be sent again.
    """
    data = parse_object(body)
    reason = find_reason(data, status)
    code = find_code(data, status)
    if data is not None and status < 300 and data.get("message") in _SUCCESS_MESSAGES:
        return _classify_success(data, code, contact_count)
    if code == 429 or has_flag(data, "OVER_LIMIT"):
        return Throttled(_parse_retry_after(headers))
    if code in (401, 403) or has_flag(data, "invalid_token"):
        return Denied(reason)
    if code == 413:
        return TooLarge()
    if 300 <= status < 400 or code in (404, 405, 410):
        return WrongEndpoint(f"HTTP {code}")
    if code == 503 or has_flag(data, "maintainence") or has_flag(data, "maintenance"):
        return Unavailable(reason, _parse_retry_after(headers))
    # The server failed somewhere while it processed the request: the contacts may be stored.
    if status >= 500 or code >= 500 or status < 200 or "internal server error" in reason.casefold():
        return Ambiguous(reason)
    if data is None:
        return Ambiguous(f"HTTP {status} without a JSON object in it")
    if code < 300 and data.get("status") is not False and data.get("message") != "fail":
        return Inconsistent("the response says neither success nor failure", collect_messages(data))
    return _classify_rejection(data, code, contact_count, reason)


def _classify_success(data: dict[str, Any], code: int, contact_count: int) -> Accepted | Inconsistent:
    if data.get("status") is False or code >= 400 or any(has_flag(data, flag) for flag in _ERROR_FLAGS):
        return Inconsistent(CONTRADICTION, collect_messages(data))
    data_block = get_data_block(data)
    refused, others = parse_contact_errors(data)
    succeeded, failed = data_block.get("success_data"), data_block.get("failed_data")
    if not (
        type(succeeded) is int  # not isinstance: `true` is no count
        and type(failed) is int
        and succeeded >= 0
        and failed >= 0
        and succeeded + failed == contact_count
    ):
        return Inconsistent("Cellcast's counts do not add up to what was sent", collect_messages(data))
    if others or len(refused) != failed or any(index >= contact_count for index in refused):
        return Inconsistent("Cellcast's errors do not name the contacts that failed", collect_messages(data))
    if (data["message"] == "success") != (failed == 0):
        return Inconsistent("Cellcast's counts contradict its verdict", collect_messages(data))
    return Accepted(MappingProxyType(refused))


def _classify_rejection(
    data: dict[str, Any], code: int, contact_count: int, reason: str
) -> AllRejected | Ambiguous | Inconsistent:
    if (
        data.get("status") is True
        or data.get("message") in _SUCCESS_MESSAGES
        or get_data_block(data).get("success_data")
    ):
        return Inconsistent(CONTRADICTION, collect_messages(data))
    refused, others = parse_contact_errors(data)
    if any(index >= contact_count for index in refused):
        return Inconsistent("Cellcast's errors name contacts that were not sent", collect_messages(data))
    if code < 300 and not refused:
        # HTTP 200 with `status: false` proves neither success nor rejection. As AllRejected, the batch would be
        # bisected, and contacts that may be stored would be sent again without a word in the report.
        return Ambiguous(join_reasons(others) or reason)
    return AllRejected(MappingProxyType(refused), join_reasons(others) or reason, limit_messages(others))


def _parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of `Retry-After` in either form, None without the header.

    RFC 9110 allows seconds and a date (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3). A date is compared with
    the response's own `Date`, so this machine's clock may be wrong.
    """
    text = _find_header(headers, "retry-after")
    if text.isdecimal():
        return float(text[:9])
    try:
        now = parsedate_to_datetime(_find_header(headers, "date"))
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _find_header(headers: Mapping[str, str], wanted: str) -> str:
    return next((value.strip() for name, value in headers.items() if name.lower() == wanted), "")
