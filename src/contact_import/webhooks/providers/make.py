"""Make: its HTTP module"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Make")
