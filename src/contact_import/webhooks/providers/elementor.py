"""Elementor's form widget"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Elementor")
