"""Collect the signature schemes of all providers, by the names that a configuration gives."""

from contact_import.webhooks.registry import load_providers

SCHEMES = {name: scheme for provider in load_providers().values() for name, scheme in provider.schemes.items()}
