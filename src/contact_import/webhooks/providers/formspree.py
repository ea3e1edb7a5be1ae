"""Describe Formspree: the fields by the names in the form; `_replyto` is the e-mail address."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Formspree", key_aliases={"replyto": "email"})
