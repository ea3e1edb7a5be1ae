"""Zoho CRM: webhooks of workflow rules, and notifications of its API."""

from contact_import.webhooks.provider import IdOnlyEvent, Provider

PROVIDER = Provider(
    "Zoho CRM",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"module", "ids"}),
            "Zoho's notifications carry ids only: use a workflow rule with a webhook, which can send the fields.",
        ),
    ),
    key_prefix="[Aa]ddress_(?=[Aa]ddress)",  # `Address_AddressLine1`
)
