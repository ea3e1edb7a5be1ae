"""Describe Pipedrive: https://pipedrive.readme.io/docs/guide-for-webhooks-v2"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Pipedrive",
    # In version 1 `meta.id` is the id of the person: with the action and the time it is that of the event.
    event_ids=(EventId(paths=("meta.id", "meta.action", "meta.timestamp"), required=("meta.id", "meta.action")),),
)
