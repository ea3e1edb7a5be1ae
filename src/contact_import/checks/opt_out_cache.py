"""Cellcast's opt-out list as what comes in over HTTP finds it: read anew every ten minutes, not for each few people."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_errors import AWS_ERRORS
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_outs import OptOuts, fetch_opt_outs
from contact_import.domain.object_keys import OPT_OUTS_LOCK, SHARED_OPT_OUTS

_MAX_AGE = timedelta(minutes=10)
_MAX_WAIT_SECONDS = 20  # with another reader; whoever still has no list then tries again later
_CLOCK_TOLERANCE = timedelta(seconds=5)  # by which the clocks of two functions may differ, and a call be late
_UNUSABLE_CACHE_ERRORS = (
    *AWS_ERRORS,
    ValueError,
    KeyError,
    TypeError,
)  # another version of this code may have written it
_NEVER = datetime.min.replace(tzinfo=UTC)
_BUSY_MESSAGE = "another function was still reading it"


@dataclass(frozen=True, slots=True)
class _Snapshot:
    fetched_at: datetime
    opt_outs: OptOuts


class OptOutCache:
    """The list, kept here and in the bucket until it is ten minutes old, and not a moment longer.

    All functions of a stack share it, and only one of them reads it at a time, so that it takes no more of Cellcast's
    calls however many are awake. `now` is the time of day: another clock may stand still while a function is frozen.
    """

    def __init__(self, bucket: Bucket, now: Callable[[], datetime]) -> None:
        self._bucket, self._now = bucket, now
        self._snapshot = _Snapshot(_NEVER, OptOuts())

    def get_opt_outs(self, client: CellcastClient) -> OptOuts | QueryFailed:
        """The list, or why there is none: one that is too old is none."""
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
            with suppress(*_UNUSABLE_CACHE_ERRORS):  # then it is read from Cellcast
                if body := self._bucket.read(SHARED_OPT_OUTS):
                    value = json.loads(body)
                    self._snapshot = _Snapshot(datetime.fromisoformat(value["at"]), OptOuts.from_json(value))
        snapshot = self._snapshot
        return snapshot.opt_outs if self._is_fresh(snapshot) else None

    def _is_fresh(self, snapshot: _Snapshot) -> bool:
        return -_CLOCK_TOLERANCE < self._now() - snapshot.fetched_at < _MAX_AGE

    def _fetch(self, client: CellcastClient) -> OptOuts | QueryFailed:
        fetched_at = self._now()  # of the first page: somebody may opt out while the others are read
        found = fetch_opt_outs(client)
        with suppress(*AWS_ERRORS):
            if isinstance(found, OptOuts):
                self._snapshot = _Snapshot(fetched_at, found)
                value = found.to_json() | {"at": fetched_at.isoformat()}
                self._bucket.put(SHARED_OPT_OUTS, json.dumps(value, separators=(",", ":")).encode())
            self._bucket.put(OPT_OUTS_LOCK, _build_lock(_NEVER))
        return found

    def _acquire_fetch_lock(self, client: CellcastClient) -> bool:
        """Whether nobody else is reading. A reader that died is waited for until its time would have been up."""
        with suppress(*_UNUSABLE_CACHE_ERRORS):
            lock = self._bucket.read_with_etag(OPT_OUTS_LOCK)
            if lock and datetime.fromisoformat(json.loads(lock[0])["until"]) > self._now():
                return False
            until = self._now() + timedelta(seconds=max(client.remaining_seconds, 0.0)) + _CLOCK_TOLERANCE
            return bool(self._bucket.put_if_match(OPT_OUTS_LOCK, _build_lock(until), lock[1] if lock else ""))
        return True


def _build_lock(expires_at: datetime) -> bytes:
    return json.dumps({"until": expires_at.isoformat()}).encode()
