"""Describe Klaviyo: https://developers.klaviyo.com/en/docs/working_with_system_webhooks

A flow sends the JSON that it is given, unsigned; system webhooks are signed.
"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Klaviyo",
    schemes={
        "klaviyo_system": Scheme("klaviyo-signature", "{body}{ts}", ts_header="klaviyo-timestamp", ts_unit="http-date")
    },
    event_ids=(EventId(paths=("data.*.external_id",), required=("data.0.external_id",)),),
)
