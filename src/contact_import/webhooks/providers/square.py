"""Describe Square: https://developer.squareup.com/docs/webhooks/overview"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Square",
    event_ids=(EventId(paths=("event_id",), required=("event_id", "merchant_id", "type")),),
    key_aliases={"administrativedistrictlevel1": "state"},
)
