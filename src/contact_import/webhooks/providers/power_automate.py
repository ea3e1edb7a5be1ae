"""Describe Power Automate: its HTTP action sends the keys that it is given."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Power Automate")
