"""RD Station"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("RD Station")
