"""Describe WooCommerce: https://woocommerce.com/document/webhooks/"""

import re

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks.provider import EventId, Provider, Scheme

_PING = re.compile(rb"webhook_id=\d{1,20}")


def answer_ping(request: HttpRequest) -> HttpResponse | None:
    """Return 200 for the unsigned form with which WooCommerce tests a new webhook, before it enables it."""
    if not _PING.fullmatch(request.body.strip()):
        return None
    return HttpResponse(200, {"content-type": "application/json"}, '{"ready": true}')


PROVIDER = Provider(
    "WooCommerce",
    schemes={"woocommerce": Scheme("x-wc-webhook-signature", encoding="base64")},
    has_token=False,
    # Its own delivery id is the same for two customers of one second.
    event_ids=(EventId(headers=("x-wc-webhook-topic",), paths=("id", "date_modified_gmt")),),
    event_headers=("x-wc-webhook-topic",),
    answer_handshake=answer_ping,
)
