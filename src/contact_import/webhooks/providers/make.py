"""Describe Make: its HTTP module sends the keys that it is given."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Make")
