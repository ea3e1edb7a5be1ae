"""What those who call the HTTP doors hear: JSON, and one sentence when something is wrong."""

import json
from collections.abc import Mapping

from contact_import.domain.http import Answer

_HEADERS = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}


def reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {**_HEADERS, **(headers or {})}, json.dumps(value))


def refusal(status: int, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    return reply(status, {"error": words}, headers)


def result(text: str) -> Answer:
    """The content of a result.json, as it is in the bucket."""
    return Answer(200, _HEADERS, text)


def accepted(import_id: str, reason: str = "", *, is_async: bool) -> Answer:
    """`reason` says what the import waits for, where that is known."""
    headers = {"location": f"/imports/{import_id}"} | ({"preference-applied": "respond-async"} if is_async else {})
    return reply(202, {"import_id": import_id} | ({"reason": reason} if reason else {}), headers)


def no_token() -> Answer:
    return refusal(401, "A token is needed: Authorization: Bearer, and one of those that may call.", _BEARER)


def not_allowed(methods: str) -> Answer:
    return refusal(405, f"Here only {methods} can be asked for.", {"allow": methods})


def trouble() -> Answer:
    """What everybody hears when it is our own fault."""
    return refusal(503, "This cannot be taken at the moment; send it again later.", {"retry-after": "30"})


_BEARER = {"www-authenticate": "Bearer"}
