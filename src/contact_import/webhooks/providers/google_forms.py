"""Describe Google Forms: a script of its sheet posts the answers (the script is in docs/webhooks.md)."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Google Forms")
