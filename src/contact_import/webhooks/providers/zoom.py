"""Describe Zoom webinars: https://developers.zoom.us/docs/api/webhooks/"""

import hmac
import json
from collections.abc import Mapping

from contact_import.domain.http import HttpResponse
from contact_import.domain.utf8 import encode_utf8
from contact_import.webhooks.provider import Provider, Scheme

_MAX_TOKEN_CHARS = 512


def answer_validation(body: Mapping[str, object], keys: tuple[bytes, ...]) -> HttpResponse | None:
    """Return the plain token together with its HMAC, as "Validate your webhook endpoint" asks."""
    payload = body.get("payload") if body.get("event") == "endpoint.url_validation" else None
    plain_token = payload.get("plainToken") if isinstance(payload, dict) else None
    if not isinstance(plain_token, str) or len(plain_token) > _MAX_TOKEN_CHARS or not keys:
        return None
    encrypted_token = hmac.new(keys[0], encode_utf8(plain_token), "sha256").hexdigest()
    text = json.dumps({"plainToken": plain_token, "encryptedToken": encrypted_token})
    return HttpResponse(200, {"content-type": "application/json"}, text)


PROVIDER = Provider(
    "Zoom webinars",
    schemes={
        "zoom": Scheme("x-zm-signature", "v0:{ts}:{body}", prefix="v0=", ts_header="x-zm-request-timestamp"),
    },
    has_token=False,
    answer_challenge=answer_validation,
)
