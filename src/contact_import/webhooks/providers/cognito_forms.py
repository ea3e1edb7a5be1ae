"""Describe Cognito Forms: one JSON object of the entry; name, phone and address may have parts."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Cognito Forms")
