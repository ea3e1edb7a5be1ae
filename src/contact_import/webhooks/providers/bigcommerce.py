"""Describe BigCommerce, whose webhooks contain only ids."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "BigCommerce",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"scope", "store_id", "producer"}), f"BigCommerce's webhooks contain only ids: {USE_CONNECTOR}."
        ),
    ),
)
