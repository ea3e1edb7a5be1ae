"""Describe Fillout: an array of questions, each with its type, words and value."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Fillout")
