"""Several batches at a time, each to its seal in the ledger."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from contact_import.batches import Batch
from contact_import.claims import Left, Sealed
from contact_import.deliveries import deliver, hold_back, rehearse
from contact_import.ledger import LEASE_SECONDS, Ledger
from contact_import.line import Line
from contact_import.records import Part

SENDING_SECONDS = LEASE_SECONDS - 7  # whoever claimed a batch sends for the last time so long before others may
_BATCHES_WAITING = 2  # for each thread: enough that none waits, few enough that memory stays flat
_LOOK_SECONDS = 1.0
_SHORT = 2.0
_NO_TIME = "there was no time left to send this contact"


@dataclass(frozen=True, slots=True)
class Workers:
    """Those who bring the batches of one import to Cellcast.

    `closes` is asked when nothing more can be sent: True seals the rest for good, to be reported; False leaves it
    to a later run. `note` is told the outcomes of each batch that this run settled, from any thread.
    """

    ledger: Ledger
    line: Line
    concurrency: int
    closes: Callable[[], bool]
    is_rehearsal: bool = False
    note: Callable[[Part], None] = lambda _part: None

    def deliver(self, batches: Iterable[Batch]) -> bool:
        """Settle each batch that is not yet; give whether none is left to a later run."""
        left = 0
        waiting: set[Future[bool]] = set()
        with ThreadPoolExecutor(self.concurrency) as pool:
            for batch in batches:
                if self._is_over and not self.closes():
                    left += 1
                    break
                waiting.add(pool.submit(self._settle, batch))
                if len(waiting) >= self.concurrency * _BATCHES_WAITING:
                    finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    left += sum(not future.result() for future in finished)
        return left + sum(not future.result() for future in waiting) == 0

    @property
    def _is_over(self) -> bool:
        return bool(self.line.stopped) or self.line.left <= _SHORT

    def _settle(self, batch: Batch) -> bool:
        while not self._is_over:
            done = self.ledger.settle(batch.number, self._sender(batch))
            if done is Left.SEALED or (isinstance(done, Sealed) and not done.is_open):
                self._tell(done)
                return True
            # Somebody else is at it, or it takes longer than one claim may.
            pause = _wait_of(done) if isinstance(done, Sealed) else _LOOK_SECONDS
            if pause >= self.line.left - _SHORT:
                break
            self.line.sleep(pause)
        if not self.closes():
            return False
        closed = self.ledger.close(batch.number, self._closer(batch))
        self._tell(closed)
        return closed is not Left.BUSY

    def _tell(self, done: Left | Sealed) -> None:
        if isinstance(done, Sealed) and isinstance(done.outcomes, Part):
            self.note(done.outcomes)

    def _sender(self, batch: Batch) -> Callable[[int, Part | None], Part]:
        until = self.line.clock() + SENDING_SECONDS  # from before the claim is written

        def send(tries: int, before: Part | None) -> Part:
            if self.is_rehearsal:
                return Part(batch.number, batch.window, rehearse(batch))
            earlier = before.delivery if before else None
            seconds = until - self.line.clock()
            delivery = deliver(batch, self.line, before=earlier, tries=tries, seconds=seconds)
            return Part(batch.number, batch.window, delivery)

        return send

    def _closer(self, batch: Batch) -> Callable[[int, Part | None], Part]:
        def say(tries: int, before: Part | None) -> Part:
            earlier = before.delivery if before else None
            delivery = hold_back(batch, self.line.stopped or _NO_TIME, before=earlier, tries=tries)
            return Part(batch.number, batch.window, delivery)

        return say


def _wait_of(sealed: Sealed) -> float:
    assert isinstance(sealed.outcomes, Part)  # noqa: S101  `send` gives nothing else
    return sealed.outcomes.delivery.wait
