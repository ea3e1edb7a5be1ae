"""ActiveCampaign"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("ActiveCampaign")
