"""Import ids: 24 hexadecimal digits that the same source always gives, so that a repeated event is the same import."""

import hashlib
import re

_LENGTH = 24  # 96 bits: no two imports of a bucket get the same id by chance


def compute_import_id(bucket: str, key: str, version: str) -> str:
    """Return the id of the import of an uploaded object; `version` is its version id or its ETag.

    A repeated event gives the same id, new content under the same key a different one.
    """
    return _hash(bucket, key, version)


def compute_submission_id(source: str, key: str) -> str:
    """Return the import id of what came in over HTTP.

    `source` is the endpoint ("hooks/website", "contacts"); `key` is what distinguishes this delivery from others of
    the same source.
    """
    return _hash(source, key)


def is_import_id(text: str) -> bool:
    """Return whether a text from outside can be part of an object key: it is an id and nothing else."""
    return re.fullmatch(f"[0-9a-f]{{{_LENGTH}}}", text) is not None


def _hash(*parts: str) -> str:
    # A NUL between the parts: S3 allows any text in a key, and joined without it "a" + "bc" would equal "ab" + "c".
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
