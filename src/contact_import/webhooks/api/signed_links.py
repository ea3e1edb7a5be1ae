"""Sign and check links to result files, for people without a token or an AWS login: in a mail, valid for some days.

A link is `/imports/<import id>/<file>?expires=<seconds since 1970>&signature=<text>`. Its holder can read that one file
until it expires, as with a presigned URL of S3. A presigned URL ends with the credentials that sign it, for a Lambda
function after some hours (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html). So these
links are signed with a key of the stack, and redirect to a presigned URL that is made when a link is opened.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from urllib.parse import quote

from contact_import.domain.utf8 import encode_utf8

RESULT_FILES = ("failed.csv", "accepted.csv", "report.html")

# A part of the signed text: a signature of this key for any other purpose is not valid here.
_PURPOSE = "contact-import result link 1"
_MAX_EXPIRY_DIGITS = 11  # seconds, until the year 5138


class LinkVerdict(Enum):
    """The verdict about a signed link. Only the holder of a genuine link learns that it has expired."""

    VALID = "valid"
    EXPIRED = "expired"
    INVALID = "invalid"


def sign_link(key: bytes, import_id: str, file_name: str, expires: str) -> str:
    """Return the signature of a link: HMAC-SHA256 as base64url. It is bound to the import, the file and the expiry.

    `expires` is the text of the link's parameter. Raise ValueError for an empty key, with which anyone could sign.
    """
    if not key:
        raise ValueError("the key of signed links is empty")
    # NUL is in no id and in no name of RESULT_FILES, so no two links have the same signed text.
    text = f"{_PURPOSE}\0{import_id}\0{file_name}\0{expires}"
    digest = hmac.digest(key, encode_utf8(text), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def build_signed_link(key: bytes, base_url: str, import_id: str, file_name: str, expires_at: datetime) -> str:
    """Return the URL of a result file that is valid until `expires_at`, without a token.

    `base_url` is the address of the HTTP API, with or without a slash at its end.
    """
    expires = str(int(expires_at.timestamp()))
    signature = sign_link(key, import_id, file_name, expires)
    path = f"/imports/{quote(import_id, safe='')}/{quote(file_name, safe='')}"
    return f"{base_url.rstrip('/')}{path}?expires={expires}&signature={signature}"


def has_signature(query: Mapping[str, str]) -> bool:
    """Return whether a request comes from a signed link, valid or not."""
    return "signature" in query


def check_signed_link(
    key: bytes, import_id: str, file_name: str, query: Mapping[str, str], now: datetime
) -> LinkVerdict:
    """Return the verdict about the parameters of a link to a file of an import."""
    expires = query.get("expires", "")
    expected = sign_link(key, import_id, file_name, expires)
    given = encode_utf8(query.get("signature", ""))
    if not hmac.compare_digest(given, expected.encode()):
        return LinkVerdict.INVALID
    # The signature is genuine: from here on the text is this application's own.
    if not (expires.isascii() and expires.isdecimal() and len(expires) <= _MAX_EXPIRY_DIGITS):
        return LinkVerdict.INVALID
    return LinkVerdict.VALID if now.timestamp() < int(expires) else LinkVerdict.EXPIRED
