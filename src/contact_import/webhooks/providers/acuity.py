"""Describe Acuity Scheduling, whose webhooks contain only ids."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "Acuity Scheduling",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"appointmenttypeid", "calendarid"}), f"Acuity's webhooks contain only ids: {USE_CONNECTOR}."
        ),
    ),
)
