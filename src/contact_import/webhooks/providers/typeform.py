"""Describe Typeform: https://www.typeform.com/developers/webhooks/"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Typeform",
    schemes={"typeform": Scheme("typeform-signature", prefix="sha256=", encoding="base64")},
    has_token=False,
    event_ids=(EventId(paths=("event_id",), required=("event_id", "form_response")),),
)
