"""Describe Elementor's form widget: fields by id, each with its type, title and value."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Elementor")
