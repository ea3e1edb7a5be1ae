"""Describe SurveyMonkey, whose webhooks carry ids only."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "SurveyMonkey",
    id_only_events=(
        IdOnlyEvent(frozenset({"filter_id", "object_id"}), f"SurveyMonkey's webhooks carry ids only: {USE_CONNECTOR}."),
    ),
)
