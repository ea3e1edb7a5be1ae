"""Describe RD Station: one contact with its phones, and its consent under `legal_bases`."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("RD Station")
