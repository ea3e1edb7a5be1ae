"""Formstack: its HMAC key, or the shared secret, which comes as `HandshakeKey`"""

from contact_import.webhooks.provider import Provider, Scheme

PROVIDER = Provider(
    "Formstack", schemes={"formstack": Scheme("x-fs-signature", prefix="sha256=")}, secret_names=("handshake_?key",)
)
