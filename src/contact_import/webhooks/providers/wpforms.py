"""Describe WPForms: the keys that `Request Body` gives."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("WPForms")
