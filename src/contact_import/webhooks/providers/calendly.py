"""Calendly: https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Calendly",
    schemes={"calendly": Scheme("calendly-webhook-signature", "{ts}.{body}", header_format="kv", tolerance=180)},
    has_token=False,
    event_ids=(EventId(paths=("payload.uri", "event"), required=("payload.uri", "event")),),
    key_aliases={"textremindernumber": "sms number"},
)
