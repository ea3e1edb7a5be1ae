"""n8n: its HTTP Request node"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("n8n")
