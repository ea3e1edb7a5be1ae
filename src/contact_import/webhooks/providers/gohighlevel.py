"""GoHighLevel"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("GoHighLevel")
