"""Describe Gravity Forms: the names that `Select Fields` gives; `All Fields` sends numbers only."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Gravity Forms")
