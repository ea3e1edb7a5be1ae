"""Several batches at a time, each to its seal in the ledger."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import compress
from threading import Semaphore

from contact_import.cellcast.client import Line
from contact_import.ledger.leases import Left, Sealed
from contact_import.ledger.ledger import LEASE_SECONDS, Ledger
from contact_import.ledger.records import Part
from contact_import.sending.attempts import LONGEST_CALL
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import Delivery, deliver, hold_back, rehearse

SENDING_SECONDS = LEASE_SECONDS - 7  # whoever claimed a batch sends for the last time so long before others may
_LOOK_SECONDS = 1.0
_SHORT = 2.0
_NO_TIME = "there was no time left to send this contact"


@dataclass(frozen=True, slots=True)
class _Places:
    """How many batches may be where at once, so that claims and seals are written while requests are in flight.

    `claimed` are those whose request is still to go out: after a crash they are in doubt, so they are few. `calling`
    are those that may have one in flight.
    """

    claimed: Semaphore
    calling: Semaphore


@dataclass(frozen=True, slots=True)
class Workers:
    """Those who bring the batches of one import to Cellcast, with at most `concurrency` requests in flight.

    `closes` is asked when nothing more can be sent: True seals the rest for good, to be reported; False leaves it
    to a later run. `note` is told the outcomes of each batch that this run settled, from any thread; `tick` is told
    once in a while, by the thread that takes the batches, how many rows are settled since, by whatever run. `abridge`
    makes of the outcomes of a batch what is kept of them.
    """

    ledger: Ledger
    line: Line
    concurrency: int
    closes: Callable[[], bool]
    is_rehearsal: bool = False
    note: Callable[[Part], None] = lambda _part: None
    tick: Callable[[int], None] = lambda _rows: None
    abridge: Callable[[Part], Part] = lambda part: part

    def deliver(self, batches: Iterable[Batch]) -> bool:
        """Settle each batch that is not yet; give whether none is left to a later run."""
        ahead = self.concurrency // 2
        places = _Places(Semaphore(max(1, ahead)), Semaphore(self.concurrency))
        threads = self.concurrency + 2 * ahead  # some have a request in flight, some claim, and some seal
        left = 0
        waiting: dict[Future[bool], int] = {}  # with the rows of each
        with ThreadPoolExecutor(threads) as pool:
            for batch in batches:
                if self._is_over and not self.closes():
                    left += 1
                    break
                waiting[pool.submit(self._settle, batch, places)] = batch.rows
                while len(waiting) > threads:  # one is cut before it is needed, and no more: memory stays flat
                    left += self._some_left(waiting)
            while waiting:
                left += self._some_left(waiting)
        return left == 0

    def _some_left(self, waiting: dict[Future[bool], int]) -> int:
        """Let go of the batches that are finished, or after a while of none. Give how many of them are not settled."""
        finished, _ = wait(waiting, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        rows = [waiting.pop(future) for future in finished]
        is_settled = [future.result() for future in finished]
        self.tick(sum(compress(rows, is_settled)))
        return is_settled.count(False)

    @property
    def _is_over(self) -> bool:
        return bool(self.line.stopped) or self.line.left <= _SHORT

    def _settle(self, batch: Batch, places: _Places) -> bool:
        while True:
            with ExitStack() as claimed:
                if self._sends(batch):
                    claimed.enter_context(places.claimed)
                if self._is_over:
                    break
                done = self.ledger.settle(batch.number, self._sender(batch, places, claimed.close))
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

    def _sends(self, batch: Batch) -> bool:
        return bool(batch.contacts) and not self.is_rehearsal

    def _tell(self, done: Left | Sealed) -> None:
        if isinstance(done, Sealed) and isinstance(done.outcomes, Part):
            self.note(done.outcomes)

    def _sender(self, batch: Batch, places: _Places, begins: Callable[[], None]) -> Callable[[int, Part | None], Part]:
        until = self.line.clock() + SENDING_SECONDS  # from before the claim is written

        def send(tries: int, before: Part | None) -> Part:
            if not self._sends(batch):
                return self._part(batch, rehearse(batch))
            earlier = before.delivery if before else None
            with self._calling(places, until) as seconds:
                delivery = deliver(batch, self.line, before=earlier, tries=tries, seconds=seconds, begins=begins)
            return self._part(batch, delivery)

        return send

    @contextmanager
    def _calling(self, places: _Places, until: float) -> Iterator[float]:
        """Give the seconds in which requests may go out: 0 when there was no place while a whole one still fitted."""
        longest = max(_LOOK_SECONDS, until - self.line.clock() - LONGEST_CALL)
        if not places.calling.acquire(timeout=max(0.0, min(longest, self.line.left))):
            yield 0.0
            return
        try:
            yield until - self.line.clock()
        finally:
            places.calling.release()

    def _closer(self, batch: Batch) -> Callable[[int, Part | None], Part]:
        def say(tries: int, before: Part | None) -> Part:
            earlier = before.delivery if before else None
            delivery = hold_back(batch, self.line.stopped or _NO_TIME, before=earlier, tries=tries)
            return self._part(batch, delivery)

        return say

    def _part(self, batch: Batch, delivery: Delivery) -> Part:
        return self.abridge(Part(batch.number, batch.window, delivery))


def _wait_of(sealed: Sealed) -> float:
    assert isinstance(sealed.outcomes, Part)  # noqa: S101  `send` gives nothing else
    return sealed.outcomes.delivery.wait
