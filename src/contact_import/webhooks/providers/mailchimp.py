"""Describe Mailchimp: https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Mailchimp", key_aliases={"addr1": "address line 1", "addr2": "address line 2"})
