"""Describe Copper, whose webhooks contain only ids."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "Copper",
    id_only_events=(
        IdOnlyEvent(frozenset({"ids", "updated_attributes"}), f"Copper's webhooks contain only ids: {USE_CONNECTOR}."),
    ),
)
