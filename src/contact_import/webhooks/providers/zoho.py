"""Describe Zoho CRM: workflow rules send the given parameters; the API's notifications contain only ids."""

from contact_import.webhooks.provider import IdOnlyEvent, Provider

PROVIDER = Provider(
    "Zoho CRM",
    id_only_events=(
        IdOnlyEvent(
            frozenset({"module", "ids"}),
            "Zoho's notifications contain only ids: use a workflow rule with a webhook, which can send the fields.",
        ),
    ),
    key_prefix="[Aa]ddress_(?=[Aa]ddress)",  # `Address_AddressLine1`
)
