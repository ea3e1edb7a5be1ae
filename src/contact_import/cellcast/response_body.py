"""Parse the JSON body of a response: its code, flags, reason and error texts.

The shapes are those of developer.cellcast.com/contact/v1/contact-bulk.html, and those that public clients of the same
host recorded.
"""

import json
import re
from typing import Any

from contact_import.domain.lazy_pattern import compile_lazily

_MAX_REASON_CHARS = 500
_MAX_MESSAGES = 20
_MAX_FLAG_DEPTH = 4
_NO_REASON = "Cellcast gave no reason"
_ROUTINE_MESSAGES = ("success", "ok", "successful")
# The documented form of a contact's error: `contact[1] error : phone_number is not valid`. The index counts from 0
# within the request.
_CONTACT_ERROR = compile_lazily(r"\s*contact\s*\[(\d{1,9})\]\s*error\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


def parse_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a body, None for any other body."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def get_data_block(data: dict[str, Any]) -> dict[str, Any]:
    """Return the object under `data`, {} if there is none."""
    data_block = data.get("data")
    return data_block if isinstance(data_block, dict) else {}


def find_code(data: dict[str, Any] | None, status: int) -> int:
    """Return the error code of the body if the HTTP status is a success or a plain 400, else the status.

    Cellcast also answers 200 with `{"code": 401}`, and 400 with another code in the body.
    """
    meta = (data or {}).get("meta")
    for code in ((data or {}).get("code"), meta.get("code") if isinstance(meta, dict) else None):
        number = int(code) if isinstance(code, str) and re.fullmatch("[0-9]{3}", code) else code
        # `type` and not isinstance: `true` is an int too.
        if type(number) is int and 400 <= number <= 599 and (status < 300 or status == 400):
            return number
    return status


def has_flag(block: object, flag: str, depth: int = 0) -> bool:
    """Return whether the body has a flag at any place, as a name with a true value or as a text."""
    if isinstance(block, str):
        return block == flag
    if depth > _MAX_FLAG_DEPTH or not isinstance(block, dict | list):
        return False
    if isinstance(block, dict) and block.get(flag) not in (None, False, 0, "", "0", "false", "False"):
        return True
    return any(has_flag(one, flag, depth + 1) for one in (block.values() if isinstance(block, dict) else block))


def find_reason(data: dict[str, Any] | None, status: int) -> str:
    """Return the message of the body, or the HTTP status as a text."""
    data_block = (data or {}).get("data")
    for source in (data_block, data):
        if isinstance(source, dict) and isinstance(source.get("message"), str) and source["message"].strip():
            return _truncate_text(source["message"])
    return f"HTTP {status}"


def parse_contact_errors(data: dict[str, Any]) -> tuple[dict[int, str], list[str]]:
    """Return the reason for each contact index that an error names, and the error texts that name no contact.

    ["contact[1] error : phone_number empty", "over quota"] gives ({1: "phone_number empty"}, ["over quota"]).
    """
    refused: dict[int, str] = {}
    others: list[str] = []
    for text in _list_errors(data):
        if match := _CONTACT_ERROR.fullmatch(text):
            index, reason = int(match[1]), match[2] or _NO_REASON
            refused[index] = f"{refused[index]}; {reason}"[:_MAX_REASON_CHARS] if index in refused else reason
        else:
            others.append(text)
    return refused, others


def join_reasons(reasons: list[str]) -> str:
    """Return the reasons as one bounded text."""
    return "; ".join(reasons)[:_MAX_REASON_CHARS]


def limit_messages(messages: list[str]) -> tuple[str, ...]:
    """Return the first messages, each once."""
    return tuple(dict.fromkeys(messages[:_MAX_MESSAGES]))


def collect_messages(data: dict[str, Any]) -> tuple[str, ...]:
    """Return the message of the body and its first error texts, each once."""
    return tuple(dict.fromkeys((find_reason(data, 200), *_list_errors(data)[:_MAX_MESSAGES])))


def is_routine(message: str) -> bool:
    """Return whether a message says only that nothing went wrong, in the words that Cellcast uses for it."""
    return message.strip(" .!").casefold() in _ROUTINE_MESSAGES


def _list_errors(data: dict[str, Any]) -> list[str]:
    """Return the errors of the data block as texts, in whatever shape they are."""
    errors = get_data_block(data).get("errors")
    several = errors if isinstance(errors, list) else [] if errors in (None, "", {}) else [errors]
    return [_truncate_text(error if isinstance(error, str) else _format_json(error)) for error in several]


def _format_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # the encoder recurses deeper than the parser: a value that was parsed may fail here
        return "an error that is nested too deeply to be shown"


def _truncate_text(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_MAX_REASON_CHARS]).strip()
