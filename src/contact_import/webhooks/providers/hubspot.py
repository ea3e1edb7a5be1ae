"""Describe HubSpot, workflows and apps: https://developers.hubspot.com/docs/api/webhooks

Versions 1 and 2 of its signature are plain digests that begin with the secret. Version 3 signs an address with some of
its characters decoded: https://developers.hubspot.com/docs/api/webhooks/validating-requests
"""

from contact_import.webhooks.provider import EventId, IdOnlyEvent, Provider, Scheme

PROVIDER = Provider(
    "HubSpot",
    schemes={
        "hubspot_v3": Scheme(
            "x-hubspot-signature-v3",
            "{method}{url}{body}{ts}",
            encoding="base64",
            ts_header="x-hubspot-request-timestamp",
            ts_unit="ms",
            url_decode=True,
        ),
        "hubspot_v2": Scheme("x-hubspot-signature", "{secret}{method}{url}{body}", kind="digest"),
        "hubspot_v1": Scheme("x-hubspot-signature", "{secret}{body}", kind="digest"),
    },
    event_ids=(
        # Events come in an array; a single one may come bare. Two objects can have events of the same id.
        EventId(paths=("*.eventId", "*.objectId"), required=("0.subscriptionType", "0.eventId", "0.objectId")),
        EventId(paths=("eventId", "objectId"), required=("subscriptionType", "eventId", "objectId")),
    ),
    id_only_events=(
        IdOnlyEvent(
            frozenset({"subscriptiontype", "objectid"}),
            "HubSpot's app webhooks contain only ids: use a workflow with `Send a webhook`, or a connector such as "
            "Zapier.",
        ),
    ),
)
