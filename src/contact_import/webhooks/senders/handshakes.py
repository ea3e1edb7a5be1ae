"""Answer the handshakes of webhook senders: verification requests, challenges and acknowledgements.

A sender that checks an endpoint before it posts uses one of these ways; what only one sender does is in its module of
`providers/`.

- OPTIONS, as the specification "HTTP 1.1 Web Hooks for Event Delivery" has it.
- GET with `hub.challenge`: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
- POST of a small object with a `challenge`, to be echoed.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks.registry import find_scheme_provider, load_providers
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.tokens import has_matching_secret

_TEXT_HEADERS = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
_JSON_HEADERS = {"content-type": "application/json"}
_ALLOWED_METHODS = "GET, HEAD, OPTIONS, POST"
_MAX_CHALLENGE_CHARS = 512  # a challenge is a random token; an endpoint must not echo any text that it is sent
_ORIGIN_PATTERN = re.compile(r"[\w.:*/-]{1,255}", re.ASCII)


def answer_handshake(request: HttpRequest, sender: WebhookSender) -> HttpResponse | None:
    """Return the answer to an unsigned verification request, None for a delivery.

    The request is not authenticated: the answer says only that the endpoint exists, and repeats the challenge.
    """
    if request.method == "OPTIONS":
        return _answer_options(request)
    if request.method in ("GET", "HEAD"):
        return (
            _answer_hub_challenge(request, sender)
            if "hub.challenge" in request.query
            else HttpResponse(200, _JSON_HEADERS, '{"ready": true}')
        )
    provider = find_scheme_provider(sender.scheme)
    return provider.answer_handshake(request) if provider and provider.answer_handshake else None


def answer_challenge(request: HttpRequest, sender: WebhookSender) -> HttpResponse | None:
    """Return the answer that echoes an authentic challenge, None for a delivery."""
    body = _parse_small_object(request)
    challenge = body.get("challenge")
    # A form may have a field `challenge`: only a small object is a handshake.
    if isinstance(challenge, str) and 0 < len(challenge) <= _MAX_CHALLENGE_CHARS and len(body) <= 4:
        if request.body.lstrip().startswith(b"{"):
            return HttpResponse(200, _JSON_HEADERS, json.dumps({"challenge": challenge}))
        return HttpResponse(200, _TEXT_HEADERS, challenge)
    answers = (
        one.answer_challenge(body, sender.decode_signing_keys())
        for one in (load_providers().values() if body else ())
        if one.answer_challenge
    )
    return next((answer for answer in answers if answer), None)


def build_acknowledgement(request: HttpRequest) -> HttpResponse | None:
    """Return the acknowledgement that a sender expects instead of our JSON, None for other senders."""
    answers = (one.acknowledge(request) for one in load_providers().values() if one.acknowledge)
    return next((answer for answer in answers if answer), None)


def _answer_options(request: HttpRequest) -> HttpResponse:
    """Allow a sender to post, at any rate: section 4 of the specification asks for both headers."""
    origin = request.headers.get("webhook-request-origin", "").strip()
    if not _ORIGIN_PATTERN.fullmatch(origin):
        return HttpResponse(200, {"allow": _ALLOWED_METHODS}, "")
    headers = {"allow": _ALLOWED_METHODS, "webhook-allowed-origin": origin, "webhook-allowed-rate": "*"}
    return HttpResponse(200, headers, "")


def _answer_hub_challenge(request: HttpRequest, sender: WebhookSender) -> HttpResponse:
    """Echo a challenge to a caller with the verify token, which is one of the sender's secrets. Others get 401."""
    challenge = request.query["hub.challenge"]
    if (
        has_matching_secret([request.query.get("hub.verify_token", "")], sender.secrets)
        and len(challenge) <= _MAX_CHALLENGE_CHARS
    ):
        return HttpResponse(200, _TEXT_HEADERS, challenge)
    return HttpResponse(
        401, _JSON_HEADERS, json.dumps({"error": "The verify token is not one of this sender's secrets."})
    )


def _parse_small_object(request: HttpRequest) -> Mapping[str, object]:
    """Return a small JSON object, or the fields of a form that subscribes (`mode=subscribe`), else {}."""
    # Each delivery passes here before it is parsed as a whole: a large one is no handshake and costs nothing.
    if len(request.body) > 4 * _MAX_CHALLENGE_CHARS:
        return {}
    try:
        if request.body.lstrip().startswith(b"{"):
            return dict(json.loads(request.body))
        fields = parse_qs(request.body.decode("ascii"), max_num_fields=4)
        return {name: values[0] for name, values in fields.items()} if "mode" in fields else {}
    except (ValueError, RecursionError, TypeError):
        return {}
