"""Answer the handshakes of webhook senders: verification requests, challenges and acknowledgements."""

import hmac
import json
import re
from collections.abc import Mapping

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.tokens import has_matching_secret

_TEXT_HEADERS = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
_JSON_HEADERS = {"content-type": "application/json"}
_XML_HEADERS = {"content-type": "text/xml; charset=utf-8"}
_ALLOWED_METHODS = "GET, HEAD, OPTIONS, POST"
_MAX_CHALLENGE_CHARS = 512
_WOOCOMMERCE_PING = re.compile(rb"webhook_id=\d{1,20}")
_ORIGIN_PATTERN = re.compile(r"[\w.:*/-]{1,255}", re.ASCII)
_SALESFORCE_NAMESPACE = b"http://soap.sforce.com/2005/09/outbound"
_SALESFORCE_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def answer_handshake(request: HttpRequest, sender: WebhookSender) -> HttpResponse | None:
    """Return the answer to an unsigned verification request, None for a delivery.

    The request is not authenticated: the answer says no more than that the endpoint exists, and what was sent to it.
    """
    if request.method == "OPTIONS":
        return _answer_options(request)
    if request.method in ("GET", "HEAD"):
        return (
            _answer_meta_verification(request, sender)
            if "hub.challenge" in request.query
            else HttpResponse(200, _JSON_HEADERS, '{"ready": true}')
        )
    if sender.scheme == "woocommerce" and _WOOCOMMERCE_PING.fullmatch(request.body.strip()):
        # WooCommerce tests a new webhook with this unsigned form, and enables it only after a 200.
        return HttpResponse(200, _JSON_HEADERS, '{"ready": true}')
    return None


def answer_challenge(request: HttpRequest, sender: WebhookSender) -> HttpResponse | None:
    """Return the answer to an authentic challenge, which echoes it: monday.com, Slack, Zoom. None for a delivery."""
    body = _parse_small_object(request)
    challenge = body.get("challenge")
    # A form may have a field `challenge`: only a small object is a handshake.
    if isinstance(challenge, str) and 0 < len(challenge) <= _MAX_CHALLENGE_CHARS and len(body) <= 4:
        return HttpResponse(200, _JSON_HEADERS, json.dumps({"challenge": challenge}))
    if body.get("event") == "endpoint.url_validation":
        return _answer_zoom_validation(body, sender)
    return None


def build_acknowledgement(request: HttpRequest) -> HttpResponse | None:
    """Return the acknowledgement that Salesforce expects instead of JSON, None for other senders."""
    return HttpResponse(200, _XML_HEADERS, _SALESFORCE_ACK) if _SALESFORCE_NAMESPACE in request.body else None


def _answer_options(request: HttpRequest) -> HttpResponse:
    """Allow a sender of CloudEvents to send, as section 4 of its "HTTP 1.1 Web Hooks for Event Delivery" asks."""
    origin = request.headers.get("webhook-request-origin", "").strip()
    if not _ORIGIN_PATTERN.fullmatch(origin):
        return HttpResponse(200, {"allow": _ALLOWED_METHODS}, "")
    headers = {"allow": _ALLOWED_METHODS, "webhook-allowed-origin": origin, "webhook-allowed-rate": "*"}
    return HttpResponse(200, headers, "")


def _answer_meta_verification(request: HttpRequest, sender: WebhookSender) -> HttpResponse:
    """Echo Meta's challenge to a caller that knows the verify token, which is one of the sender's secrets."""
    challenge = request.query["hub.challenge"]
    if (
        has_matching_secret([request.query.get("hub.verify_token", "")], sender.secrets)
        and len(challenge) <= _MAX_CHALLENGE_CHARS
    ):
        return HttpResponse(200, _TEXT_HEADERS, challenge)
    return HttpResponse(
        401, _JSON_HEADERS, json.dumps({"error": "The verify token is not one of this sender's secrets."})
    )


def _answer_zoom_validation(body: Mapping[str, object], sender: WebhookSender) -> HttpResponse | None:
    """Return Zoom's plain token together with its HMAC, as "Validate your webhook endpoint" asks."""
    payload = body.get("payload")
    plain_token = payload.get("plainToken") if isinstance(payload, dict) else None
    keys = sender.decode_signing_keys()
    if not isinstance(plain_token, str) or len(plain_token) > _MAX_CHALLENGE_CHARS or not keys:
        return None
    encrypted_token = hmac.new(keys[0], plain_token.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
    return HttpResponse(200, _JSON_HEADERS, json.dumps({"plainToken": plain_token, "encryptedToken": encrypted_token}))


def _parse_small_object(request: HttpRequest) -> Mapping[str, object]:
    if len(request.body) > 4 * _MAX_CHALLENGE_CHARS or not request.body.lstrip().startswith(b"{"):
        return {}
    try:
        return dict(json.loads(request.body))
    except (ValueError, RecursionError, TypeError):
        return {}
