"""Keap: campaigns, and REST hooks."""

from contact_import.webhooks.provider import IdOnlyEvent, Provider

PROVIDER = Provider(
    "Keap",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"object_keys", "event_key"}),
            "Keap's REST hooks carry ids only: use `Send a HTTP POST` in a campaign, or a connector such as Zapier.",
        ),
    ),
)
