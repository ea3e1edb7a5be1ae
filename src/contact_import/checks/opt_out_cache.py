"""Cellcast's opt-out list as what comes in over HTTP finds it: read anew every ten minutes, not for each few people."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contact_import.aws.s3 import AWS_FAULTS, Bucket
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered
from contact_import.checks import opt_out_screening
from contact_import.checks.opt_outs import OptOuts
from contact_import.domain.object_keys import READING_OPT_OUTS, SHARED_OPT_OUTS

_OLDEST = timedelta(minutes=10)
_PATIENCE_SECONDS = 20  # with another reader; whoever still has no list then tries again later
_MARGIN = timedelta(seconds=5)  # by which the clocks of two functions may differ, and a call be late
_UNUSABLE = (*AWS_FAULTS, ValueError, KeyError, TypeError)  # another version of this code may have written it
_NEVER = datetime.min.replace(tzinfo=UTC)
_BUSY = "another function was still reading it"


@dataclass(frozen=True, slots=True)
class _Edition:
    at: datetime
    opt_outs: OptOuts


class Register:
    """The list, kept here and in the bucket until it is ten minutes old, and not a moment longer.

    All functions of a stack share it, and only one of them reads it at a time, so that it takes no more of Cellcast's
    calls however many are awake. `now` is the time of day: another clock may stand still while a function is frozen.
    """

    def __init__(self, bucket: Bucket, now: Callable[[], datetime]) -> None:
        self._bucket, self._now = bucket, now
        self._last = _Edition(_NEVER, OptOuts())

    def look_up(self, line: Line) -> OptOuts | Unanswered:
        """The list, or why there is none: one that is too old is none."""
        for _ in range(_PATIENCE_SECONDS):
            if kept := self._kept():
                return kept
            if self._is_ours(line):
                return self._read(line)
            if line.left <= 1:
                break
            line.sleep(1.0)
        return Unanswered(_BUSY)

    def _kept(self) -> OptOuts | None:
        if not self._is_young(self._last):
            with suppress(*_UNUSABLE):  # then it is read from Cellcast
                if body := self._bucket.read(SHARED_OPT_OUTS):
                    value = json.loads(body)
                    self._last = _Edition(datetime.fromisoformat(value["at"]), OptOuts.from_json(value))
        last = self._last
        return last.opt_outs if self._is_young(last) else None

    def _is_young(self, edition: _Edition) -> bool:
        return -_MARGIN < self._now() - edition.at < _OLDEST

    def _read(self, line: Line) -> OptOuts | Unanswered:
        at = self._now()  # of the first page: somebody may opt out while the others are read
        found = opt_out_screening.read(line)
        with suppress(*AWS_FAULTS):
            if isinstance(found, OptOuts):
                self._last = _Edition(at, found)
                value = found.as_json() | {"at": at.isoformat()}
                self._bucket.put(SHARED_OPT_OUTS, json.dumps(value, separators=(",", ":")).encode())
            self._bucket.put(READING_OPT_OUTS, _until(_NEVER))
        return found

    def _is_ours(self, line: Line) -> bool:
        """Whether nobody else is reading. A reader that died is waited for until its time would have been up."""
        with suppress(*_UNUSABLE):
            there = self._bucket.read_tagged(READING_OPT_OUTS)
            if there and datetime.fromisoformat(json.loads(there[0])["until"]) > self._now():
                return False
            until = self._now() + timedelta(seconds=max(line.left, 0.0)) + _MARGIN
            return bool(self._bucket.put_over(READING_OPT_OUTS, _until(until), there[1] if there else ""))
        return True


def _until(moment: datetime) -> bytes:
    return json.dumps({"until": moment.isoformat()}).encode()
