"""Describe Svix, and the senders that use it (Clerk, Resend): Standard Webhooks with other header names.

https://docs.svix.com/receiving/verifying-payloads/how-manual
"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Svix, and services that send through it (Clerk, Resend)",
    schemes={
        "svix": Scheme(
            "svix-signature",
            "{id}.{ts}.{body}",
            encoding="base64",
            header_format="space_v1",
            id_header="svix-id",
            ts_header="svix-timestamp",
            key_encoding="b64:whsec_",
        )
    },
    has_token=False,
    event_ids=(EventId(headers=("svix-id",)),),
)
