"""WPForms"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("WPForms")
