"""Fluent Forms"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Fluent Forms")
