"""Describe Eventbrite, whose webhooks carry the address of the order only."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "Eventbrite",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"api_url", "config"}), f"Eventbrite's webhooks contain only an address: {USE_CONNECTOR}."
        ),
    ),
)
