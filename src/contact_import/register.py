"""Cellcast's opt-out list as what comes in over HTTP finds it: read anew every ten minutes, not for each few people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from contact_import import screening
from contact_import.enquiries import Unanswered
from contact_import.line import Line
from contact_import.opt_outs import OptOuts

_OLDEST = timedelta(minutes=10)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Register:
    """The list, kept between invocations until it is ten minutes old, and not a moment longer.

    `now` is the time of day: another clock may stand still while a function is frozen.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._read_at, self._kept = _NEVER, OptOuts()

    def look_up(self, line: Line) -> OptOuts | Unanswered:
        """The list, or why there is none: one that is too old is none."""
        asked_at = self._now()
        if timedelta(0) <= asked_at - self._read_at < _OLDEST:
            return self._kept
        found = screening.read(line)
        if isinstance(found, OptOuts):
            # The age counts from the first page on: somebody may have opted out while the others were read.
            self._read_at, self._kept = asked_at, found
        return found
