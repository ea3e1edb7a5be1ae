"""Describe Webhooks by Zapier: the keys that the step is given."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Zapier")
