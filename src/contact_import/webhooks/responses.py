"""Build the HTTP responses: JSON, with one sentence under `error` if something is wrong."""

import html
import json
from collections.abc import Mapping
from typing import Any

from contact_import.domain.http import HttpResponse

_BEARER_CHALLENGE = {"www-authenticate": "Bearer"}
_JSON_HEADERS = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}

# Until a client should ask again: while an import runs, and while it waits for Cellcast.
_RUNNING_SECONDS, _WAITING_SECONDS = 5, 30
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Contact import</title><body style="font: 1.1rem system-ui; margin: 3rem auto; max-width: 34rem; padding: 0 1rem">
<p>{}</p></body></html>
"""


def build_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a response with a JSON value."""
    return HttpResponse(status, {**_JSON_HEADERS, **(headers or {})}, json.dumps(value))


def build_error(status: int, message: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an error with a sentence for people."""
    return build_response(status, {"error": message}, headers)


def build_result(result_json: str) -> HttpResponse:
    """Return the content of a result.json."""
    return HttpResponse(200, _JSON_HEADERS, result_json)


def build_accepted(import_id: str, reason: str = "", *, is_async: bool) -> HttpResponse:
    """Return 202 for an import that runs later. `reason` says why it waits, "" if that is not known.

    With `is_async` the client asked for this answer with `Prefer: respond-async`
    (https://www.rfc-editor.org/rfc/rfc7240#section-4.1).
    """
    details = {"import_id": import_id} | ({"reason": reason} if reason else {})
    headers = {"location": f"/imports/{import_id}", **_build_retry_after(details)}
    return build_response(202, details, headers | ({"preference-applied": "respond-async"} if is_async else {}))


def build_running(details: Mapping[str, Any]) -> HttpResponse:
    """Return 202 for an import that is running, with its progress and when to ask again."""
    return build_response(202, details, _build_retry_after(details))


def build_not_finished(message: str, details: Mapping[str, Any]) -> HttpResponse:
    """Return 409 for a file of an import that is running."""
    return build_error(409, message, _build_retry_after(details))


def build_redirect(url: str) -> HttpResponse:
    """Return 302. The URL gives access for some seconds: no cache may store it, and no page may receive it."""
    return HttpResponse(302, {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"}, "")


def build_error_page(error: HttpResponse) -> HttpResponse:
    """Return an error as a page, for a person who opened a link."""
    sentence = html.escape(json.loads(error.body)["error"])
    headers = {**error.headers, "content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer"}
    return HttpResponse(error.status, headers, _PAGE.format(sentence))


def build_unauthorized() -> HttpResponse:
    """Return 401 for an API call without a valid token."""
    return build_error(401, 'Missing or wrong token. Send "Authorization: Bearer <token>".', _BEARER_CHALLENGE)


def build_too_large() -> HttpResponse:
    """Return 413 for a body above the limit."""
    return build_error(413, "The body is larger than 1 MB.")


def build_method_not_allowed(methods: str) -> HttpResponse:
    """Return 405. `methods` are those that the address allows, separated by commas."""
    *others, last = methods.split(", ")
    named = f"{', '.join(others)} or {last}" if others else last
    return build_error(405, f"Method not allowed: use {named}.", {"allow": methods})


def build_unavailable() -> HttpResponse:
    """Return 503, for a fault on this side: senders repeat the request later."""
    seconds = str(_WAITING_SECONDS)
    return build_error(503, f"Temporarily unavailable; retry after {seconds} s.", {"retry-after": seconds})


def _build_retry_after(details: Mapping[str, Any]) -> dict[str, str]:
    """Return the header that says when to ask for an import again: later if it waits for Cellcast."""
    seconds_left = details.get("seconds_left") or _RUNNING_SECONDS
    seconds = _WAITING_SECONDS if details.get("reason") else max(1, min(_WAITING_SECONDS, seconds_left))
    return {"retry-after": str(seconds)}
