"""Describe ServiceM8: https://developer.servicem8.com/docs/webhooks-overview

A notification says which fields of which object changed, without their values.
"""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "ServiceM8",
    id_only_events=(
        IdOnlyEvent(frozenset({"changed_fields", "uuid"}), f"ServiceM8's webhooks contain only ids: {USE_CONNECTOR}."),
    ),
)
