"""Describe ActiveCampaign: form fields such as `contact[phone]`, and an event type that may say `unsubscribe`."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("ActiveCampaign")
