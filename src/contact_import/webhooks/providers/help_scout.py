"""Describe Help Scout: https://developer.helpscout.com/webhooks/"""

from contact_import.webhooks.provider import Provider, Scheme

PROVIDER = Provider(
    "Help Scout",
    schemes={"help_scout": Scheme("x-helpscout-signature", encoding="base64", algorithm="sha1")},
    has_token=False,
    event_headers=("x-helpscout-event",),
)
