"""Describe Tally: https://tally.so/help/webhooks"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Tally",
    schemes={"tally": Scheme("tally-signature", encoding="base64")},
    has_token=False,
    event_ids=(EventId(paths=("eventId",), required=("eventId", "eventType", "data.fields")),),
)
