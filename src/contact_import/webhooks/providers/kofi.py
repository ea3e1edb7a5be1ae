"""Describe Ko-fi: JSON in the form field `data`, with the token in that JSON."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Ko-fi", secret_names=("verification_token",))
