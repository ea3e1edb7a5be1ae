"""Describe Acuity Scheduling, whose webhooks carry ids only."""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider

PROVIDER = Provider(
    "Acuity Scheduling",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"appointmenttypeid", "calendarid"}), f"Acuity's webhooks carry ids only: {USE_CONNECTOR}."
        ),
    ),
)
