"""Describe Squarespace: https://developers.squarespace.com/webhooks"""

from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent, Provider, Scheme

PROVIDER = Provider(
    "Squarespace",
    # The secret is given in hex and used as the bytes that it encodes.
    schemes={"squarespace": Scheme("squarespace-signature", key_encoding="hex")},
    has_token=False,
    id_only_events=(
        IdOnlyEvent(
            frozenset({"websiteid", "subscriptionid", "topic"}),
            f"Squarespace's webhooks contain only ids: {USE_CONNECTOR}.",
        ),
    ),
)
