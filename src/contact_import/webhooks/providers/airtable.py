"""Describe Airtable: automations send what their script chooses; the API's own webhooks contain only ids."""

from contact_import.webhooks.provider import IdOnlyEvent, Provider

PROVIDER = Provider(
    "Airtable",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"base", "webhook", "timestamp"}),
            "Airtable's webhooks contain only ids: use an automation with `Run a script`, which can send the record.",
        ),
    ),
)
