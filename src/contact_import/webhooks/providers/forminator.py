"""Forminator: fields are named by their kind and a number, parts of a field by a third word (`name-1-first-name`)."""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Forminator", key_prefix=r"(?:name|address)-\d+-", key_suffix=r"(?<=name)-\d+")
