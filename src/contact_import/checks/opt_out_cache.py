"""Cache Cellcast's opt-out list for submissions, which arrive every few seconds: it is at most ten minutes old.

All functions of a stack share the list through the bucket. A lock lets one function at a time fetch it: however many
functions run, the list is read once in ten minutes, and its calls leave Cellcast's limit to the sending.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.aws.s3_errors import AWS_ERRORS
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_outs import OptOuts, fetch_opt_outs
from contact_import.domain.object_keys import OPT_OUTS_LOCK, SHARED_OPT_OUTS

# The price of the cache: for ten minutes, a submission may still import a person who has just opted out in Cellcast.
_MAX_AGE = timedelta(minutes=10)
_MAX_WAIT_SECONDS = 20  # for another function's fetch; after that the submissions wait in their queue
_CLOCK_TOLERANCE = timedelta(seconds=5)  # between the clocks of two functions
# Another version of this code may have written the object.
_UNUSABLE_CACHE_ERRORS = (*AWS_ERRORS, ValueError, KeyError, TypeError)
_NEVER = datetime.min.replace(tzinfo=UTC)
_BUSY_MESSAGE = "another function was still reading it"


@dataclass(frozen=True, slots=True)
class _Snapshot:
    fetched_at: datetime
    opt_outs: OptOuts


class OptOutCache:
    """The opt-out list in memory and in the bucket.

    `now` returns the time of day. A monotonic clock may stop while Lambda has frozen the function, and would keep an
    old list fresh.
    """

    def __init__(self, bucket: Bucket, now: Callable[[], datetime]) -> None:
        self._bucket, self._now = bucket, now
        self._snapshot = _Snapshot(_NEVER, OptOuts())

    def get_opt_outs(self, client: CellcastClient) -> OptOuts | QueryFailed:
        """Return a list that is less than ten minutes old, or why there is none.

        Wait up to 20 seconds, one at a time, while another function fetches the list.
        """
        for _ in range(_MAX_WAIT_SECONDS):
            if cached := self._load_fresh():
                return cached
            if self._acquire_fetch_lock(client):
                return self._fetch(client)
            if client.remaining_seconds <= 1:
                break
            client.sleep(1.0)
        return QueryFailed(_BUSY_MESSAGE)

    def _load_fresh(self) -> OptOuts | None:
        if not self._is_fresh(self._snapshot):
            with suppress(*_UNUSABLE_CACHE_ERRORS):  # then the list is fetched from Cellcast
                if stored := self._bucket.read_json(SHARED_OPT_OUTS):
                    self._snapshot = _Snapshot(datetime.fromisoformat(stored["at"]), OptOuts.from_json(stored))
        snapshot = self._snapshot
        return snapshot.opt_outs if self._is_fresh(snapshot) else None

    def _is_fresh(self, snapshot: _Snapshot) -> bool:
        # A snapshot from the future is a clock that is wrong: its age is not known.
        return -_CLOCK_TOLERANCE < self._now() - snapshot.fetched_at < _MAX_AGE

    def _fetch(self, client: CellcastClient) -> OptOuts | QueryFailed:
        # The age counts from the first page: a person may opt out while the other pages are read.
        fetched_at = self._now()
        found = fetch_opt_outs(client)
        with suppress(*AWS_ERRORS):
            if isinstance(found, OptOuts):
                self._snapshot = _Snapshot(fetched_at, found)
                self._bucket.put_json(SHARED_OPT_OUTS, found.to_json() | {"at": fetched_at.isoformat()})
            # Free the lock also after a failure: the next function may try immediately.
            self._bucket.put_json(OPT_OUTS_LOCK, _build_lock(_NEVER))
        return found

    def _acquire_fetch_lock(self, client: CellcastClient) -> bool:
        """Return whether this function may fetch the list. The lock of a function that died ends with its invocation.

        If S3 fails or has an unusable lock, every function may fetch: the list matters more than a few calls.
        """
        with suppress(*_UNUSABLE_CACHE_ERRORS):
            lock = self._bucket.read_with_etag(OPT_OUTS_LOCK)
            if lock and datetime.fromisoformat(json.loads(lock[0])["until"]) > self._now():
                return False
            until = self._now() + timedelta(seconds=max(client.remaining_seconds, 0.0)) + _CLOCK_TOLERANCE
            body = encode_json(_build_lock(until))
            return bool(self._bucket.put_if_match(OPT_OUTS_LOCK, body, lock[1] if lock else ""))
        return True


def _build_lock(expires_at: datetime) -> dict[str, str]:
    return {"until": expires_at.isoformat()}
