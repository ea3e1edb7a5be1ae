"""Describe Snipcart: an order, whose fields of the buyer begin with `billingAddress`."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Snipcart", key_aliases={"billingaddressname": "name", "shippingaddressname": "shipping name"})
