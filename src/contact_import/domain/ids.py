"""Import ids: 24 hexadecimal digits that the same source always gives, so that a repeated event is the same import."""

import hashlib
import re
from datetime import UTC, datetime

_LENGTH = 24  # 96 bits: no two imports of a bucket get the same id by chance
_TIME_DIGITS = 8  # of an upload id: the seconds since 1970, as hexadecimal digits
_API_UPLOAD = re.compile(f"(?:incoming|validate)/upload=([0-9a-f]{{{_LENGTH}}})/")


def compute_import_id(bucket: str, key: str, version: str) -> str:
    """Return the id of the import of an uploaded object; `version` is its version id or its ETag.

    A repeated event gives the same id, new content under the same key a different one. An upload of the API has a
    folder for itself alone, and its id depends on the key only: the id is known before the object is there, and a copy
    that is made twice is still one import.
    """
    return _hash(bucket, key, "" if is_api_upload(key) else version)


def compute_submission_id(source: str, key: str) -> str:
    """Return the import id of what came in over HTTP.

    `source` is the endpoint ("hooks/website", "contacts"); `key` is what distinguishes this delivery from others of
    the same source.
    """
    return _hash(source, key)


def make_upload_id(now: datetime, random_hex: str) -> str:
    """Return the id of an upload over the API: the time in seconds, then 64 bits that nobody can guess."""
    return f"{int(now.timestamp()):0{_TIME_DIGITS}x}{random_hex[: _LENGTH - _TIME_DIGITS]}"


def is_api_upload(key: str) -> bool:
    """Return whether the object was put there by the API: `incoming/upload=<upload id>/june.csv`."""
    return _API_UPLOAD.match(key) is not None


def find_upload_time(key: str) -> datetime | None:
    """Return when an upload over the API began, from its key; None for any other object."""
    found = _API_UPLOAD.match(key)
    return datetime.fromtimestamp(int(found[1][:_TIME_DIGITS], 16), UTC) if found else None


def is_import_id(text: str) -> bool:
    """Return whether a text from outside can be part of an object key: it is an id and nothing else."""
    return re.fullmatch(f"[0-9a-f]{{{_LENGTH}}}", text) is not None


def _hash(*parts: str) -> str:
    # A NUL between the parts: S3 allows any text in a key, and joined without it "a" + "bc" would equal "ab" + "c".
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
