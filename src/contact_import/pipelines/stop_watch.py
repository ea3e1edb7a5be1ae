"""Stop a running import if a person asks for it: `DELETE /imports/{import_id}` leaves a mark in the bucket."""

from collections.abc import Callable
from dataclasses import dataclass

from contact_import.cellcast.client import CellcastClient
from contact_import.ledger.ledger import Ledger

_INTERVAL_SECONDS = 5.0  # one GET in five seconds costs nothing compared with the calls of these seconds


@dataclass(slots=True)
class StopWatch:
    """A look-out for the mark, every five seconds. Requests in flight end normally; all other contacts stay unsent.

    `then` is called at each check with the same number of rows.
    """

    ledger: Ledger
    client: CellcastClient
    then: Callable[[int], None]
    _checked_at: float = 0.0

    def check(self, settled: int) -> None:
        """Stop the client if the import is marked. The first look is after five seconds: a short import has none."""
        now = self.client.clock()
        self._checked_at = self._checked_at or now
        if now - self._checked_at >= _INTERVAL_SECONDS:
            self._checked_at = now
            if not self.client.stop_reason and (reason := self.ledger.stop_reason):
                self.client.stop(reason, is_failure=True)
        self.then(settled)
