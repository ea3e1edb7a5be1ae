"""Formspree"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Formspree", key_aliases={"replyto": "email"})
