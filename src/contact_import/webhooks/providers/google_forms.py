"""Google Forms, from a script of its sheet"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider("Google Forms")
