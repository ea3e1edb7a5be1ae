"""Gravity Forms"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Gravity Forms")
