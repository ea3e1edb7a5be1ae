"""Describe Forminit: a sender block with names, e-mail and phone."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Forminit")
