"""Describe Formstack: https://developers.formstack.com/docs/webhook-setup

It signs with an HMAC key, or sends its shared secret in the body as `HandshakeKey`.
"""

from contact_import.webhooks.provider import Provider, Scheme

PROVIDER = Provider(
    "Formstack",
    # The header and the encoding were not found in its documentation: tokens are the safer choice.
    schemes={"formstack": Scheme("x-fs-signature", prefix="sha256=")},
    secret_names=("handshake_?key",),
)
