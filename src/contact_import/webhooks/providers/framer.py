"""Describe Framer: https://www.framer.com/help/articles/framer-form-webhook-setup"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Framer",
    schemes={
        "framer": Scheme("framer-signature", "{body}{id}", prefix="sha256=", id_header="framer-webhook-submission-id")
    },
    has_token=False,
    event_ids=(EventId(headers=("framer-webhook-submission-id",)),),
)
