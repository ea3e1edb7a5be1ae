"""Describe events in the CloudEvents format of any sender: https://github.com/cloudevents/spec

`ce-…` headers have the attributes of an event (binary mode), or the body has them itself (structured mode). Before it
posts, a sender may ask with OPTIONS: https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "CloudEvents",
    event_ids=(
        EventId(headers=("ce-id", "ce-source")),
        EventId(paths=("id", "source"), required=("specversion", "id", "source")),
    ),
    event_headers=("ce-type",),
)
