"""Describe Meta: lead ads and WhatsApp.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving/ for leads, and for the signature
https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from contact_import.webhooks.provider import USE_CONNECTOR, EventId, IdOnlyEvent, Provider, Scheme

PROVIDER = Provider(
    "Meta: lead ads (Facebook, Instagram) and WhatsApp",
    schemes={"meta": Scheme("x-hub-signature-256", prefix="sha256=")},
    has_token=False,
    event_ids=(
        EventId(paths=("entry.*.changes.*.value.leadgen_id",), required=("entry.0.changes.0.value.leadgen_id",)),
    ),
    key_aliases={"waid": "whatsapp"},  # of WhatsApp, also as others pass it on
    id_only_events=(
        IdOnlyEvent(frozenset({"leadgen_id"}), f"Meta's lead webhooks contain only ids: {USE_CONNECTOR}."),
    ),
)
