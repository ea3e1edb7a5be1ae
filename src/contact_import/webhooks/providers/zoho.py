"""Describe Zoho CRM: workflow rules send the parameters that they are given; the API's notifications carry ids only."""

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
