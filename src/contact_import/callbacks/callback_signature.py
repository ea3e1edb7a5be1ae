"""Sign a callback by Standard Webhooks, as its libraries verify it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac

from contact_import.errors import SecretError

_PREFIX = "whsec_"
_MIN_KEY_BYTES, _MAX_KEY_BYTES = 24, 64  # of the specification


def read_callback_key(name: str, secret: str) -> bytes:
    """Return the key in a secret: base64, with or without `whsec_` before it.

    Raise SecretError, which names the secret and never its value.
    """
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _MIN_KEY_BYTES <= len(key) <= _MAX_KEY_BYTES:
        raise SecretError(
            f"The secret {name} cannot sign callbacks: it needs {_MIN_KEY_BYTES} to {_MAX_KEY_BYTES} bytes in base64."
        )
    return key


def build_signed_headers(key: bytes, message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """Return the headers that identify and sign a body; `timestamp` is the time of the attempt since 1970."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
