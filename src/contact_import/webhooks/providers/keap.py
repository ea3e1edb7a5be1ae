"""Describe Keap: a campaign's HTTP POST sends what it is given; REST hooks contain only ids."""

from contact_import.webhooks.provider import IdOnlyEvent, Provider

PROVIDER = Provider(
    "Keap",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"object_keys", "event_key"}),
            "Keap's REST hooks contain only ids: use `Send a HTTP POST` in a campaign, or a connector such as Zapier.",
        ),
    ),
)
