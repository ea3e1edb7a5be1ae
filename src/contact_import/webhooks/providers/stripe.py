"""Describe Stripe: https://docs.stripe.com/webhooks"""

from contact_import.webhooks.provider import EventId, Provider, Scheme

PROVIDER = Provider(
    "Stripe",
    schemes={"stripe": Scheme("stripe-signature", "{ts}.{body}", header_format="kv")},
    has_token=False,
    event_ids=(EventId(paths=("id",), required=("data.object", "livemode", "type")),),
    key_aliases={"promotions": "marketing consent"},
)
