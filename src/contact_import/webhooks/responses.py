"""Build the HTTP responses: JSON, and one sentence under `error` when something is wrong."""

import json
from collections.abc import Mapping

from contact_import.domain.http import HttpResponse

_BEARER_CHALLENGE = {"www-authenticate": "Bearer"}
_JSON_HEADERS = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}


def build_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a response with a JSON value."""
    return HttpResponse(status, {**_JSON_HEADERS, **(headers or {})}, json.dumps(value))


def build_error(status: int, message: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an error with a sentence for people."""
    return build_response(status, {"error": message}, headers)


def build_result(result_json: str) -> HttpResponse:
    """Return the content of a result.json, as it is in the bucket."""
    return HttpResponse(200, _JSON_HEADERS, result_json)


def build_accepted(import_id: str, reason: str = "", *, is_async: bool) -> HttpResponse:
    """Return 202 for an import that runs later. `reason` says what it waits for, where that is known."""
    headers = {"location": f"/imports/{import_id}"} | ({"preference-applied": "respond-async"} if is_async else {})
    return build_response(202, {"import_id": import_id} | ({"reason": reason} if reason else {}), headers)


def build_unauthorized() -> HttpResponse:
    """Return 401 for an API call without a valid token."""
    return build_error(
        401, "A token is needed: Authorization: Bearer, and one of those that may call.", _BEARER_CHALLENGE
    )


def build_method_not_allowed(methods: str) -> HttpResponse:
    """Return 405. `methods` are those that the address allows, separated by commas."""
    return build_error(405, f"Here only {methods} can be asked for.", {"allow": methods})


def build_unavailable() -> HttpResponse:
    """Return 503, for a fault that is ours: senders try again later."""
    return build_error(503, "This cannot be taken at the moment; send it again later.", {"retry-after": "30"})
