"""Webhooks by Zapier"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Zapier")
