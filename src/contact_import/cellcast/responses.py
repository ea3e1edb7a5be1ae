"""What Cellcast said, by status *and* body. Only what says success and adds up is a success.

The shapes are those of developer.cellcast.com/contact/v1/contact-bulk.html and of what public clients recorded
on the same host.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

_MAX_REASON_CHARS = 500
_MAX_MESSAGES = 20
# The published form of a contact's error; the index counts from 0 within the request.
_SUCCESS_MESSAGES = ("success", "partial_success")
_NO_REASON = "Cellcast gave no reason"
_CONTRADICTION = "the answer says success and failure at once"
_MAX_FLAG_DEPTH = 4
_CONTACT_ERROR = re.compile(r"\s*contact\s*\[(\d{1,9})\]\s*error\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every contact that `refused` does not name is in. `refused` maps an index of the request to the words."""

    refused: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AllRejected:
    """The request was refused, and with it all its contacts; `refused` holds those that were named.

    `messages` are the texts beside them that name nobody.
    """

    refused: Mapping[int, str]
    reason: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TooLarge:
    reason: str = "the request was too large"


@dataclass(frozen=True, slots=True)
class Throttled:
    """`retry_after` in seconds, None when it was not said."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    reason: str


@dataclass(frozen=True, slots=True)
class WrongEndpoint:
    """The server has no such call: a redirect, 404, 405."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing was processed; ask again later."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A fault of theirs, or of something in between: the contacts may be in."""

    reason: str


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """An answer that contradicts itself. Nobody may guess which contacts are in, and asking again does not help."""

    reason: str
    messages: tuple[str, ...] = ()


type ClassifiedResponse = (
    Accepted | AllRejected | TooLarge | Throttled | Denied | WrongEndpoint | Unavailable | Ambiguous | Inconsistent
)


def classify_response(status: int, headers: Mapping[str, str], body: bytes, contact_count: int) -> ClassifiedResponse:
    """The meaning of an answer to a request of `sent` contacts. It never raises.

    What says success is judged as that and nothing else: a flag or a code beside it is a contradiction, and no
    reason to send again contacts that may be in.
    """
    data = _parse_object(body)
    reason = _find_reason(data, status)
    code = _find_code(data, status)
    retry_after = _parse_retry_after(headers)
    if data is not None and status < 300 and data.get("message") in _SUCCESS_MESSAGES:
        return _classify_success(data, code, contact_count)
    if code == 429 or _has_flag(data, "OVER_LIMIT"):
        return Throttled(retry_after)
    if code in (401, 403) or _has_flag(data, "invalid_token"):
        return Denied(reason)
    if code == 413:
        return TooLarge()
    if 300 <= status < 400 or code in (404, 405, 410):
        return WrongEndpoint(f"HTTP {code}")
    if code == 503 or _has_flag(data, "maintainence") or _has_flag(data, "maintenance"):
        return Unavailable(reason, retry_after)
    if status >= 500 or code >= 500 or status < 200 or "internal server error" in reason.casefold():
        return Ambiguous(reason)
    if data is None:
        return Ambiguous(f"HTTP {status} without a JSON object in it")
    if code < 300 and data.get("status") is not False and data.get("message") != "fail":
        return Inconsistent("the answer says neither success nor failure", _collect_messages(data))
    return _classify_rejection(data, contact_count, reason)


def _classify_success(data: dict[str, Any], code: int, contact_count: int) -> ClassifiedResponse:
    flags = ("OVER_LIMIT", "invalid_token", "maintainence", "maintenance")
    if data.get("status") is False or code >= 400 or any(_has_flag(data, flag) for flag in flags):
        return Inconsistent(_CONTRADICTION, _collect_messages(data))
    data_block = _get_data_block(data)
    refused, others = _parse_contact_errors(data_block.get("errors"))
    succeeded, failed = data_block.get("success_data"), data_block.get("failed_data")
    if not (
        type(succeeded) is int
        and type(failed) is int
        and succeeded >= 0
        and failed >= 0
        and succeeded + failed == contact_count
    ):
        return Inconsistent("Cellcast's counts do not add up to what was sent", _collect_messages(data))
    if others or len(refused) != failed or any(index >= contact_count for index in refused):
        return Inconsistent("Cellcast's errors do not name the contacts that failed", _collect_messages(data))
    if (data["message"] == "success") != (failed == 0):
        return Inconsistent("Cellcast's counts contradict its verdict", _collect_messages(data))
    return Accepted(MappingProxyType(refused))


def _classify_rejection(data: dict[str, Any], contact_count: int, reason: str) -> ClassifiedResponse:
    data_block = _get_data_block(data)
    if data.get("status") is True or data.get("message") in _SUCCESS_MESSAGES or data_block.get("success_data"):
        return Inconsistent(_CONTRADICTION, _collect_messages(data))
    refused, others = _parse_contact_errors(data_block.get("errors"))
    if any(index >= contact_count for index in refused):
        return Inconsistent("Cellcast's errors name contacts that were not sent", _collect_messages(data))
    return AllRejected(
        MappingProxyType(refused),
        "; ".join(others)[:_MAX_REASON_CHARS] or reason,
        tuple(dict.fromkeys(others[:_MAX_MESSAGES])),
    )


def _parse_contact_errors(errors: object) -> tuple[dict[int, str], list[str]]:
    """The words for each index, several joined, and the texts that fit no pattern."""
    refused: dict[int, str] = {}
    others: list[str] = []
    for text in _list_errors(errors):
        if match := _CONTACT_ERROR.fullmatch(text):
            index, reason = int(match[1]), match[2] or _NO_REASON
            refused[index] = f"{refused[index]}; {reason}"[:_MAX_REASON_CHARS] if index in refused else reason
        else:
            others.append(text)
    return refused, others


def _parse_object(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _get_data_block(data: dict[str, Any]) -> dict[str, Any]:
    data_block = data.get("data")
    return data_block if isinstance(data_block, dict) else {}


def _find_code(data: dict[str, Any] | None, status: int) -> int:
    """The code that counts: the body's own when the HTTP status pretends that all is well, or says less."""
    meta = (data or {}).get("meta")
    for code in ((data or {}).get("code"), meta.get("code") if isinstance(meta, dict) else None):
        number = int(code) if isinstance(code, str) and re.fullmatch("[0-9]{3}", code) else code
        if type(number) is int and 400 <= number <= 599 and (status < 300 or status == 400):
            return number
    return status


def _has_flag(block: object, flag: str, depth: int = 0) -> bool:
    """Whether a flag stands somewhere in the answer, as a name with a true value or as a text."""
    if isinstance(block, str):
        return block == flag
    if depth > _MAX_FLAG_DEPTH or not isinstance(block, dict | list):
        return False
    if isinstance(block, dict) and block.get(flag) not in (None, False, 0, "", "0", "false", "False"):
        return True
    return any(_has_flag(one, flag, depth + 1) for one in (block.values() if isinstance(block, dict) else block))


def _find_reason(data: dict[str, Any] | None, status: int) -> str:
    data_block = (data or {}).get("data")
    for source in (data_block, data):
        if isinstance(source, dict) and isinstance(source.get("message"), str) and source["message"].strip():
            return _truncate_text(source["message"])
    return f"HTTP {status}"


def _collect_messages(data: dict[str, Any]) -> tuple[str, ...]:
    messages = _list_errors(_get_data_block(data).get("errors"))
    return tuple(dict.fromkeys((_find_reason(data, 200), *messages[:_MAX_MESSAGES])))


def _list_errors(errors: object) -> list[str]:
    """Errors as texts, whatever shape they have."""
    several = errors if isinstance(errors, list) else [] if errors in (None, "", {}) else [errors]
    return [_truncate_text(error if isinstance(error, str) else _format_json(error)) for error in several]


def _format_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # what can just be read may be too deep to be written
        return "an error too deep to be told"


def _truncate_text(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_MAX_REASON_CHARS]).strip()


def _parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3). A date counts from the answer's own."""
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
