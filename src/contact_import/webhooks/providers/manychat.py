"""Describe ManyChat, which names the opt-in of each channel apart."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("ManyChat", key_aliases={"optinphone": "sms opt in", "optinsms": "sms opt in"})
