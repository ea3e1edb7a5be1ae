"""Describe Forminator, which names a field by its kind and a number.

A part of a field has a third word: `name-1-first-name`.
"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Forminator", key_prefix=r"(?:name|address)-\d+-", key_suffix=r"(?<=name)-\d+")
