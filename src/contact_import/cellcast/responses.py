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

_MAX_WORDS = 500
_MAX_MESSAGES = 20
# The published form of a contact's error; the index counts from 0 within the request.
_YES = ("success", "partial_success")
_NO_WORDS = "Cellcast gave no reason"
_BOTH = "the answer says success and failure at once"
_DEEPEST_FLAG = 4
_ERROR = re.compile(r"\s*contact\s*\[(\d{1,9})\]\s*error\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every contact that `refused` does not name is in. `refused` maps an index of the request to the words."""

    refused: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NoneTaken:
    """The request was refused, and with it all its contacts; `refused` holds those that were named.

    `messages` are the texts beside them that name nobody.
    """

    refused: Mapping[int, str]
    words: str
    messages: tuple[str, ...] = ()


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
    """The meaning of an answer to a request of `sent` contacts. It never raises.

    What says success is judged as that and nothing else: a flag or a code beside it is a contradiction, and no
    reason to send again contacts that may be in.
    """
    data = _read(body)
    words = _words(data, status)
    code = _code_in(data, status)
    after = _retry_after(headers)
    if data is not None and status < 300 and data.get("message") in _YES:
        return _of_success(data, code, sent)
    if code == 429 or _has_flag(data, "OVER_LIMIT"):
        return Throttled(after)
    if code in (401, 403) or _has_flag(data, "invalid_token"):
        return Denied(words)
    if code == 413:
        return TooLarge()
    if 300 <= status < 400 or code in (404, 405, 410):
        return WrongAddress(f"HTTP {code}")
    if code == 503 or _has_flag(data, "maintainence") or _has_flag(data, "maintenance"):
        return Unavailable(words, after)
    if status >= 500 or code >= 500 or status < 200 or "internal server error" in words.casefold():
        return Ambiguous(words)
    if data is None:
        return Ambiguous(f"HTTP {status} without a JSON object in it")
    if code < 300 and data.get("status") is not False and data.get("message") != "fail":
        return Inconsistent("the answer says neither success nor failure", _texts(data))
    return _of_refusal(data, sent, words)


def _of_success(data: dict[str, Any], code: int, sent: int) -> Answer:
    flags = ("OVER_LIMIT", "invalid_token", "maintainence", "maintenance")
    if data.get("status") is False or code >= 400 or any(_has_flag(data, flag) for flag in flags):
        return Inconsistent(_BOTH, _texts(data))
    inner = _inner(data)
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
    inner = _inner(data)
    if data.get("status") is True or data.get("message") in _YES or inner.get("success_data"):
        return Inconsistent(_BOTH, _texts(data))
    refused, others = _refusals(inner.get("errors"))
    if any(index >= sent for index in refused):
        return Inconsistent("Cellcast's errors name contacts that were not sent", _texts(data))
    return NoneTaken(
        MappingProxyType(refused), "; ".join(others)[:_MAX_WORDS] or words, tuple(dict.fromkeys(others[:_MAX_MESSAGES]))
    )


def _refusals(errors: object) -> tuple[dict[int, str], list[str]]:
    """The words for each index, several joined, and the texts that fit no pattern."""
    refused: dict[int, str] = {}
    others: list[str] = []
    for text in _listed(errors):
        if found := _ERROR.fullmatch(text):
            index, words = int(found[1]), found[2] or _NO_WORDS
            refused[index] = f"{refused[index]}; {words}"[:_MAX_WORDS] if index in refused else words
        else:
            others.append(text)
    return refused, others


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _inner(data: dict[str, Any]) -> dict[str, Any]:
    inner = data.get("data")
    return inner if isinstance(inner, dict) else {}


def _code_in(data: dict[str, Any] | None, status: int) -> int:
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
    if depth > _DEEPEST_FLAG or not isinstance(block, dict | list):
        return False
    if isinstance(block, dict) and block.get(flag) not in (None, False, 0, "", "0", "false", "False"):
        return True
    return any(_has_flag(one, flag, depth + 1) for one in (block.values() if isinstance(block, dict) else block))


def _words(data: dict[str, Any] | None, status: int) -> str:
    inner = (data or {}).get("data")
    for source in (inner, data):
        if isinstance(source, dict) and isinstance(source.get("message"), str) and source["message"].strip():
            return _bounded(source["message"])
    return f"HTTP {status}"


def _texts(data: dict[str, Any]) -> tuple[str, ...]:
    texts = _listed(_inner(data).get("errors"))
    return tuple(dict.fromkeys((_words(data, 200), *texts[:_MAX_MESSAGES])))


def _listed(errors: object) -> list[str]:
    """Errors as texts, whatever shape they have."""
    several = errors if isinstance(errors, list) else [] if errors in (None, "", {}) else [errors]
    return [_bounded(error if isinstance(error, str) else _as_json(error)) for error in several]


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # what can just be read may be too deep to be written
        return "an error too deep to be told"


def _bounded(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_MAX_WORDS]).strip()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3). A date counts from the answer's own."""
    text = _header(headers, "retry-after")
    if text.isdecimal():
        return float(text[:9])
    try:
        now = parsedate_to_datetime(_header(headers, "date"))
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _header(headers: Mapping[str, str], wanted: str) -> str:
    return next((value.strip() for name, value in headers.items() if name.lower() == wanted), "")
