"""Power Automate: its HTTP action"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Power Automate")
