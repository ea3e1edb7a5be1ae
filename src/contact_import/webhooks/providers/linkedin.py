"""Describe the lead forms of LinkedIn, whose webhooks contain only ids."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "LinkedIn lead forms",
    id_only_events=(
        IdOnlyEvent(frozenset({"leadgenformresponse"}), f"LinkedIn's lead webhooks contain only ids: {USE_CONNECTOR}."),
    ),
)
