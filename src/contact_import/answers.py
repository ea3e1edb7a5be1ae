"""What Cellcast said, by status *and* body. Only what says success and adds up is a success.

The shapes are those of developer.cellcast.com/contact/v1/contact-bulk.html and of what public clients recorded
on the same host.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

_MAX_WORDS = 500
_MAX_MESSAGES = 20
# The published form of a contact's error; the index counts from 0 within the request.
_ERROR = re.compile(r"\s*contact\s*\[(\d{1,9})\]\s*error\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every contact that `refused` does not name is in. `refused` maps an index of the request to the words."""

    refused: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NoneTaken:
    """The request was refused, and with it all its contacts; `refused` holds those that were named."""

    refused: Mapping[int, str]
    words: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    words: str = "the request was too large"


@dataclass(frozen=True, slots=True)
class Throttled:
    """`retry_after` in seconds, None when it was not said."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    words: str


@dataclass(frozen=True, slots=True)
class WrongAddress:
    """The server has no such call: a redirect, 404, 405."""

    words: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing was processed; ask again later."""

    words: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A fault of theirs, or of something in between: the contacts may be in."""

    words: str


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """An answer that contradicts itself. Nobody may guess which contacts are in, and asking again does not help."""

    words: str
    messages: tuple[str, ...] = ()


type Answer = (
    Verdicts | NoneTaken | TooLarge | Throttled | Denied | WrongAddress | Unavailable | Ambiguous | Inconsistent
)


def interpret(status: int, headers: Mapping[str, str], body: bytes, sent: int) -> Answer:
    """The meaning of an answer to a request of `sent` contacts. It never raises."""
    data = _read(body)
    words = _words(data, status)
    code = _code_in(data, status)
    after = _retry_after(headers)
    if code == 429 or _has_flag(data, "OVER_LIMIT"):
        return Throttled(after)
    if code in (401, 403) or _has_flag(data, "invalid_token"):
        return Denied(words)
    if status == 413:
        return TooLarge()
    if 300 <= status < 400 or status in (404, 405, 410):
        return WrongAddress(f"HTTP {status}")
    if status == 503 or _has_flag(data, "maintainence") or _has_flag(data, "maintenance"):
        return Unavailable(words, after)
    if status >= 500 or code >= 500 or status < 200 or "internal server error" in words.casefold():
        return Ambiguous(words)
    if data is None:
        return Ambiguous(f"HTTP {status} without a JSON object in it")
    return _of_success(data, sent, words) if status < 300 else _of_refusal(data, sent, words)


def _of_success(data: dict[str, Any], sent: int, words: str) -> Answer:
    inner = data.get("data")
    if data.get("status") is False or data.get("message") == "fail":
        return _of_refusal(data, sent, words)
    if data.get("message") not in ("success", "partial_success") or not isinstance(inner, dict):
        return Inconsistent(words or "the answer says neither success nor failure", _texts(data))
    refused, others = _refusals(inner.get("errors"))
    done, failed = inner.get("success_data"), inner.get("failed_data")
    if not (type(done) is int and type(failed) is int and done >= 0 and failed >= 0 and done + failed == sent):
        return Inconsistent("Cellcast's counts do not add up to what was sent", _texts(data))
    if others or len(refused) != failed or any(index >= sent for index in refused):
        return Inconsistent("Cellcast's errors do not name the contacts that failed", _texts(data))
    if (data["message"] == "success") != (failed == 0):
        return Inconsistent("Cellcast's counts contradict its verdict", _texts(data))
    return Verdicts(MappingProxyType(refused))


def _of_refusal(data: dict[str, Any], sent: int, words: str) -> Answer:
    if data.get("status") is True or data.get("message") in ("success", "partial_success"):
        return Inconsistent("the answer says success and failure at once", _texts(data))
    inner = data.get("data")
    refused, others = _refusals(inner.get("errors") if isinstance(inner, dict) else None)
    if any(index >= sent for index in refused):
        return Inconsistent("Cellcast's errors name contacts that were not sent", _texts(data))
    return NoneTaken(MappingProxyType(refused), "; ".join(others)[:_MAX_WORDS] or words)


def _refusals(errors: object) -> tuple[dict[int, str], list[str]]:
    """The words for each index, several joined, and the texts that fit no pattern."""
    refused: dict[int, str] = {}
    others: list[str] = []
    for error in errors if isinstance(errors, list) else []:
        text = _bounded(error if isinstance(error, str) else json.dumps(error))
        if found := _ERROR.fullmatch(text):
            index = int(found[1])
            refused[index] = f"{refused[index]}; {found[2]}" if index in refused else found[2]
        else:
            others.append(text)
    return refused, others


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _code_in(data: dict[str, Any] | None, status: int) -> int:
    """The code that counts: the body's own when the HTTP status pretends that all is well."""
    meta = (data or {}).get("meta")
    for code in ((data or {}).get("code"), meta.get("code") if isinstance(meta, dict) else None):
        if type(code) is int and 400 <= code <= 599 and status < 400:
            return code
    return status


def _has_flag(data: dict[str, Any] | None, flag: str) -> bool:
    """Whether a flag stands, truly, at the top, in `error`, in `meta` or in `data`."""
    for block in (data, *((data or {}).get(name) for name in ("error", "errors", "meta", "data"))):
        if isinstance(block, dict) and block.get(flag) not in (None, False, 0, "", "false"):
            return True
        if isinstance(block, dict) and flag in [value for value in block.values() if isinstance(value, str)]:
            return True
        if block == flag:
            return True
    return False


def _words(data: dict[str, Any] | None, status: int) -> str:
    inner = (data or {}).get("data")
    for source in (inner, data):
        if isinstance(source, dict) and isinstance(source.get("message"), str) and source["message"].strip():
            return _bounded(source["message"])
    return f"HTTP {status}"


def _texts(data: dict[str, Any]) -> tuple[str, ...]:
    inner = data.get("data")
    errors = inner.get("errors") if isinstance(inner, dict) else None
    texts = [_bounded(error if isinstance(error, str) else json.dumps(error)) for error in _listed(errors)]
    return tuple(dict.fromkeys((_words(data, 200), *texts[:_MAX_MESSAGES])))


def _listed(errors: object) -> list[Any]:
    return errors if isinstance(errors, list) else []


def _bounded(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_MAX_WORDS]).strip()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3)."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
