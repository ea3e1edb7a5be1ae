"""Describe every sender that follows Standard Webhooks: https://www.standardwebhooks.com"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Any service that follows Standard Webhooks",
    schemes={
        "standard_webhooks": Scheme(
            "webhook-signature",
            "{id}.{ts}.{body}",
            encoding="base64",
            header_format="space_v1",
            id_header="webhook-id",
            ts_header="webhook-timestamp",
            key_encoding="b64:whsec_",
        )
    },
    has_token=False,
    event_ids=(EventId(headers=("webhook-id",)),),
)
