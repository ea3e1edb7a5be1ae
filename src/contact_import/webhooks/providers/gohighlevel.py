"""Describe GoHighLevel: one JSON object of the contact; `location` is the business's own address."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("GoHighLevel")
