"""Describe n8n: its HTTP Request node sends the keys that it is given."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("n8n")
