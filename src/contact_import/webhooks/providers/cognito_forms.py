"""Cognito Forms"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Cognito Forms")
