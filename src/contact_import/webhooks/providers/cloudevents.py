"""CloudEvents: https://github.com/cloudevents/spec"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "CloudEvents",
    event_ids=(
        EventId(headers=("ce-id", "ce-source")),
        EventId(paths=("id", "source"), required=("specversion", "id", "source")),
    ),
    event_headers=("ce-type",),
)
