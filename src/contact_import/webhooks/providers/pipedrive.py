"""Pipedrive: https://pipedrive.readme.io/docs/guide-for-webhooks-v2"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Pipedrive",
    event_ids=(EventId(paths=("meta.id", "meta.action", "meta.timestamp"), required=("meta.id", "meta.action")),),
)
