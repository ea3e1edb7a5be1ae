"""Slots in the bucket: at most so many functions at the same time send for large files, whatever the account allows.

Lambda's own limit, reserved concurrency, needs executions that a new account does not have.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.aws.s3_errors import AWS_ERRORS
from contact_import.domain.object_keys import make_slot_key
from contact_import.errors import SlotsTakenError


@contextmanager
def hold_slot(bucket: Bucket, owner: str, now: datetime, seconds: float, slots: int = 2) -> Iterator[None]:
    """Hold one of the slots, for `seconds` at most: a function that is killed frees its slot with the end of its time.

    An owner that comes again takes over its slot. Raise SlotsTakenError when all belong to others.
    """
    expires_at = now + timedelta(seconds=seconds)
    for number in range(1, slots + 1):
        key = make_slot_key(number)
        if etag := _take(bucket, key, owner, now, expires_at):
            break
    else:
        raise SlotsTakenError("Other large files are being sent; this one waits.")
    try:
        yield
    finally:
        with suppress(*AWS_ERRORS):  # it ends by itself
            bucket.put_if_match(key, _encode(owner, now), etag)


def _take(bucket: Bucket, key: str, owner: str, now: datetime, expires_at: datetime) -> str:
    """Return the ETag of the slot after taking it, "" when it belongs to somebody else."""
    found = bucket.read_with_etag(key)
    if found:
        slot = json.loads(found[0])
        if slot["owner"] != owner and datetime.fromisoformat(slot["expires_at"]) > now:
            return ""
    body = _encode(owner, expires_at)
    if etag := bucket.put_if_match(key, body, found[1] if found else ""):
        return etag
    # Somebody else was quicker, or the response to our own write was lost.
    found = bucket.read_with_etag(key)
    return found[1] if found and found[0] == body else ""


def _encode(owner: str, expires_at: datetime) -> bytes:
    return encode_json({"owner": owner, "attempt_id": uuid.uuid4().hex, "expires_at": expires_at.isoformat()})
