"""Describe the lead forms of Google Ads: https://developers.google.com/google-ads/webhook/docs/implementation"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Google Ads lead forms",
    event_ids=(EventId(paths=("lead_id",), required=("lead_id", "user_column_data")),),
    secret_names=("google_key",),  # the key that proves who posts is in the body
)
