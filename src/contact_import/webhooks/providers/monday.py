"""Describe monday.com: https://developer.monday.com/api-reference/reference/webhooks"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("monday.com", key_aliases={"pulsename": "name"})
