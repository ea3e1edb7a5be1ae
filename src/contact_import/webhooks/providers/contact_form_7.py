"""Contact Form 7 with the plugin CF7 to Webhook"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Contact Form 7")
