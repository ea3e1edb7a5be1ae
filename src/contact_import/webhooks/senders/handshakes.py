"""What senders ask before they send, and the words that some want to hear afterwards."""

import hmac
import json
import re
from collections.abc import Mapping

from contact_import.domain.http import Answer, Post
from contact_import.webhooks.senders.config import HookSender
from contact_import.webhooks.senders.tokens import any_equal

_TEXT = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
_JSON = {"content-type": "application/json"}
_XML = {"content-type": "text/xml; charset=utf-8"}
_METHODS = "GET, HEAD, OPTIONS, POST"
_LONGEST = 512
_PING = re.compile(rb"webhook_id=\d{1,20}")
_ORIGIN = re.compile(r"[\w.:*/-]{1,255}", re.ASCII)
_SALESFORCE = b"http://soap.sforce.com/2005/09/outbound"
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def handshake(post: Post, sender: HookSender) -> Answer | None:
    """The answer to what is no delivery, and bears no signature; None for a delivery.

    Nothing is told to whoever asks but that there is somebody here, and what they sent themselves.
    """
    if post.method == "OPTIONS":
        return _options(post)
    if post.method in ("GET", "HEAD"):
        return _verification(post, sender) if "hub.challenge" in post.query else Answer(200, _JSON, '{"ready": true}')
    if sender.scheme == "woocommerce" and _PING.fullmatch(post.body.strip()):
        # WooCommerce tries a new webhook with this, unsigned, and does not switch it on for anything but 200.
        return Answer(200, _JSON, '{"ready": true}')
    return None


def echo(post: Post, sender: HookSender) -> Answer | None:
    """The answer to an authentic post that asks for its own words back: monday.com, Slack, Zoom. None for others."""
    words = _object(post)
    challenge = words.get("challenge")
    if isinstance(challenge, str) and 0 < len(challenge) <= _LONGEST and len(words) <= 4:
        return Answer(200, _JSON, json.dumps({"challenge": challenge}))
    if words.get("event") == "endpoint.url_validation":
        return _zoom(words, sender)
    return None


def acknowledgement(post: Post) -> Answer | None:
    """What a sender wants to hear instead of JSON once its delivery is kept; None for all others."""
    return Answer(200, _XML, _ACK) if _SALESFORCE in post.body else None


def _options(post: Post) -> Answer:
    """CloudEvents, "HTTP 1.1 Web Hooks", 4: the receiver says who may send."""
    origin = post.headers.get("webhook-request-origin", "").strip()
    if not _ORIGIN.fullmatch(origin):
        return Answer(200, {"allow": _METHODS}, "")
    granted = {"allow": _METHODS, "webhook-allowed-origin": origin, "webhook-allowed-rate": "*"}
    return Answer(200, granted, "")


def _verification(post: Post, sender: HookSender) -> Answer:
    """Meta's: the challenge goes back to who knows the verify token, which is one of the secrets."""
    challenge = post.query["hub.challenge"]
    if any_equal([post.query.get("hub.verify_token", "")], sender.secrets) and len(challenge) <= _LONGEST:
        return Answer(200, _TEXT, challenge)
    return Answer(401, _JSON, json.dumps({"error": "The verify token is not one of this sender's secrets."}))


def _zoom(words: Mapping[str, object], sender: HookSender) -> Answer | None:
    """Zoom, "Validate your webhook endpoint": its word, and the same word signed."""
    payload = words.get("payload")
    plain = payload.get("plainToken") if isinstance(payload, dict) else None
    keys = sender.signing_keys()
    if not isinstance(plain, str) or len(plain) > _LONGEST or not keys:
        return None
    signed = hmac.new(keys[0], plain.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
    return Answer(200, _JSON, json.dumps({"plainToken": plain, "encryptedToken": signed}))


def _object(post: Post) -> Mapping[str, object]:
    if len(post.body) > 4 * _LONGEST or not post.body.lstrip().startswith(b"{"):
        return {}
    try:
        return dict(json.loads(post.body))
    except (ValueError, RecursionError, TypeError):
        return {}
