"""Describe Fluent Forms: the fields by their keys, names in parts."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Fluent Forms")
