"""Describe Calendly: https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Calendly",
    # Three minutes, as in the samples of its documentation.
    schemes={"calendly": Scheme("calendly-webhook-signature", "{ts}.{body}", header_format="kv", tolerance=180)},
    has_token=False,
    # An invitee keeps its address: with the event, a cancellation is another delivery than the booking.
    event_ids=(EventId(paths=("payload.uri", "event"), required=("payload.uri", "event")),),
    key_aliases={"textremindernumber": "sms number"},
)
