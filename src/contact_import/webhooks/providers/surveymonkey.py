"""Describe SurveyMonkey, whose webhooks contain only ids."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "SurveyMonkey",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"filter_id", "object_id"}), f"SurveyMonkey's webhooks contain only ids: {USE_CONNECTOR}."
        ),
    ),
)
