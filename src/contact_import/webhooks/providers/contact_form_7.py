"""Describe Contact Form 7 with the plugin CF7 to Webhook: the fields by the names in the form (`your-email`)."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Contact Form 7")
