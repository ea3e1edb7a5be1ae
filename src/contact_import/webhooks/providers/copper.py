"""Describe Copper, whose webhooks carry ids only."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "Copper",
    id_only_events=(
        IdOnlyEvent(frozenset({"ids", "updated_attributes"}), f"Copper's webhooks carry ids only: {USE_CONNECTOR}."),
    ),
)
