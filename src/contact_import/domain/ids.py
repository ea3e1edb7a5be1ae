"""Compute import ids: 24 hexadecimal digits, always the same for the same source.

S3 and SQS deliver an event at least once (docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html):
a repeated event has the id of the first, and so finds its state and does not send the contacts again.
"""

import hashlib
import re
from datetime import UTC, datetime

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.utf8 import encode_utf8

_LENGTH = 24  # hexadecimal digits, 96 bits: among 10^9 imports, the odds of two equal ids are 1 in 10^11
_TIME_DIGITS = 8  # an upload id begins with the seconds since 1970
_API_UPLOAD = compile_lazily(f"(?:incoming|validate)/upload=([0-9a-f]{{{_LENGTH}}})/")


def compute_import_id(bucket: str, key: str, version: str) -> str:
    """Return the id of the import of an uploaded object; `version` is its version id or its ETag.

    New content under the same key has another id. For an upload over the API the id depends on the key alone, because
    that key is never used again: the API can return the id before the object exists, and an object that is copied
    twice is still one import.
    """
    return _hash(bucket, key, "" if is_api_upload(key) else version)


def compute_submission_id(source: str, key: str) -> str:
    """Return the import id of a submission over HTTP.

    `source` is the endpoint ("hooks/website", "contacts"); `key` distinguishes the submission from others of the same
    source, for example by the sender's event id.
    """
    return _hash(source, key)


def make_upload_id(now: datetime, random_hex: str) -> str:
    """Return the id of an upload over the API: the time in seconds, then 64 random bits that cannot be guessed."""
    return f"{int(now.timestamp()):0{_TIME_DIGITS}x}{random_hex[: _LENGTH - _TIME_DIGITS]}"


def is_api_upload(key: str) -> bool:
    """Return whether the API wrote the object: `incoming/upload=<upload id>/june.csv`."""
    return _API_UPLOAD.match(key) is not None


def find_upload_time(key: str) -> datetime | None:
    """Return the time at which an upload over the API began, from its key; None for any other object."""
    found = _API_UPLOAD.match(key)
    return datetime.fromtimestamp(int(found[1][:_TIME_DIGITS], 16), UTC) if found else None


def is_import_id(text: str) -> bool:
    """Return whether a text from a URL is an import id, and therefore safe as part of an object key."""
    return re.fullmatch(f"[0-9a-f]{{{_LENGTH}}}", text) is not None


def _hash(*parts: str) -> str:
    # A NUL between the parts: S3 allows any text in a key, and joined without it "a" + "bc" would equal "ab" + "c".
    return hashlib.sha256(encode_utf8("\0".join(parts))).hexdigest()[:_LENGTH]
