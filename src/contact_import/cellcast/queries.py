"""Questions to Cellcast that change nothing there, so that each may be asked again.

The calls are those of developer.cellcast.com; what no page tells of their answers is read leniently.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from contact_import.cellcast.client import Line
from contact_import.cellcast.responses import (
    Ambiguous,
    Denied,
    NoneTaken,
    Throttled,
    TooLarge,
    Unavailable,
    WrongAddress,
    interpret,
)
from contact_import.cellcast.transport import NoReply, Reply
from contact_import.errors import SecretError
from contact_import.sending.attempts import back_off

ACCOUNT = "/api/v1/apiClient/account"

_LONGEST_CALL = 30.0
_SHORTEST_CALL = 1.0
_TIME_UP = "there was no time left to ask"
_DENIED = "Cellcast did not take the API key"
_NAMES = ("account_name", "accountName", "name")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer. With `is_denied` it was the key: nothing else would get one either."""

    words: str
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class _Later:
    """Ask again, not before `after` seconds. With `holds` the account as a whole was told to slow down."""

    words: str
    after: float = 0.0
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account a key fills; `balance` is as Cellcast writes it, None when it does not say."""

    name: str
    balance: str | float | None = None


def account(line: Line) -> Account | Unanswered:
    answer = ask(line, ACCOUNT)
    if isinstance(answer, Unanswered):
        return answer
    inner = answer.get("data")
    for block in (inner, answer):
        if isinstance(block, dict):
            named = [str(block[name]).strip()[:_LONGEST_NAME] for name in _NAMES if isinstance(block.get(name), str)]
            if name := next(filter(None, named), ""):
                balance = block.get("balance")
                is_amount = isinstance(balance, str | int | float) and not isinstance(balance, bool)
                return Account(name, _amount(balance) if is_amount else None)
    return Unanswered("the answer names no account")


def _amount(balance: Any) -> str | float:
    return balance[:40] if isinstance(balance, str) else balance


def ask(line: Line, path: str) -> dict[str, Any] | Unanswered:
    """The object that Cellcast answers with; asked again for as long as the line is patient. It does not raise."""
    began = line.clock()
    words = ""
    for attempt in count():
        if line.stopped or line.pace.wait(line.left - _SHORTEST_CALL) or line.left <= _SHORTEST_CALL:
            break
        answer = _ask_with_key(line, path)
        if not isinstance(answer, _Later):
            return answer
        words = answer.words
        wait = max(back_off(attempt, line.chance), answer.after)
        if line.clock() + wait - began > line.patience or wait >= line.left - _SHORTEST_CALL:
            break
        if answer.holds:
            line.pace.hold(wait)
        line.sleep(wait)
    return Unanswered(words or line.stopped or _TIME_UP)


def _ask_with_key(line: Line, path: str) -> dict[str, Any] | Unanswered | _Later:
    """One call, and another with the key of this moment when the first one's was not taken."""
    try:
        key = line.key.value()
        answer = _ask_once(line, path, key)
        if isinstance(answer, Unanswered) and answer.is_denied and (key := line.key.other_than(key)):
            if line.pace.wait(line.left - _SHORTEST_CALL):
                return Unanswered(_TIME_UP)
            answer = _ask_once(line, path, key)
    except SecretError as error:
        return Unanswered(str(error), is_denied=True)
    return answer


def _ask_once(line: Line, path: str, key: str) -> dict[str, Any] | Unanswered | _Later:
    reply = line.get(path, key, min(_LONGEST_CALL, max(_SHORTEST_CALL, line.left - 1)))
    if isinstance(reply, NoReply):
        return _Later(reply.words)
    data = _object(reply)
    bare = json.dumps(_without_items(data)).encode() if data is not None else b""
    match interpret(reply.status, reply.headers, bare, 0):
        case Throttled(after):
            return _Later("Cellcast is asked too much", after or 0, holds=True)
        case Unavailable(words, after):
            return _Later(words, after or 0)
        case Ambiguous(words):
            return _Later(words)
        case Denied():
            return Unanswered(_DENIED, is_denied=True)
        case WrongAddress(words) | TooLarge(words) | NoneTaken(_, words):
            return Unanswered(words)
    if data is None or data.get("status") is False:
        return Unanswered("the answer says success and failure at once")
    return data


def _object(reply: Reply) -> dict[str, Any] | None:
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _without_items(data: Mapping[str, Any]) -> dict[str, Any]:
    """What speaks of the answer itself. A contact may well carry the tag `maintenance`."""
    inner = data.get("data")
    flags = {name: value for name, value in inner.items() if value is True} if isinstance(inner, dict) else {}
    return {name: value for name, value in data.items() if not isinstance(value, list)} | {"data": flags}
