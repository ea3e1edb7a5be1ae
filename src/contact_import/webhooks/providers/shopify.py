"""Describe Shopify: https://shopify.dev/docs/apps/build/webhooks"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Shopify",
    schemes={"shopify": Scheme("x-shopify-hmac-sha256", encoding="base64")},
    has_token=False,
    event_ids=(EventId(headers=("x-shopify-event-id",)),),
    event_headers=("x-shopify-topic",),
    test_header="x-shopify-test",
)
