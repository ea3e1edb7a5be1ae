"""Describe Webflow: https://developers.webflow.com/data/docs/working-with-webhooks"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Webflow",
    # Only webhooks that an OAuth app made are signed; those of the site's settings send a token.
    schemes={"webflow": Scheme("x-webflow-signature", "{ts}:{body}", ts_header="x-webflow-timestamp", ts_unit="ms")},
    event_ids=(EventId(paths=("payload.id",), required=("triggerType", "payload.id")),),
)
