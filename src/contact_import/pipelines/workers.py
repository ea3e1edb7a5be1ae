"""A pool of workers that settles batches: claim, send, commit. Both paths of a file use it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import compress
from threading import Semaphore

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.retry import MAX_CALL_SECONDS
from contact_import.ledger.compaction import Compactor, keep_outcomes
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.ledger import LEASE_SECONDS, Ledger
from contact_import.ledger.records import BatchRecord
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult, dry_run, mark_unsent, send_batch

# The owner of a claim starts its last request this long after claiming. The other 7 seconds of its lease are for the
# commit and for clocks that differ (docs/reliability.md, "Last call").
SENDING_SECONDS = LEASE_SECONDS - 7
_POLL_SECONDS = 1.0
_MIN_SECONDS_LEFT = 2.0
_NO_TIME = "there was no time left to send this contact"


@dataclass(frozen=True, slots=True)
class _Slots:
    """How many batches may be in each phase, so that claims and commits are written while requests are in flight.

    `claimed` batches wait for their request to go out. They are few, because after a crash they are ambiguous.
    `calling` batches may have a request in flight.
    """

    claimed: Semaphore
    calling: Semaphore


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads that bring the batches of one import to Cellcast, with at most `concurrency` requests in flight.

    `should_close` is called when nothing more can be sent: True commits the remaining batches as unsent, for the
    report; False leaves them to a later run. `on_settled` gets the record of each batch that this run commits, on any
    thread. `on_progress` gets, on the thread that takes the batches and at least once a second, how many rows were
    settled since its last call, by any run. `compact` reduces outcomes to what the ledger stores.
    """

    ledger: Ledger
    client: CellcastClient
    concurrency: int
    should_close: Callable[[], bool]
    is_dry_run: bool = False
    on_settled: Callable[[BatchRecord], None] = lambda _record: None
    on_progress: Callable[[int], None] = lambda _rows: None
    compact: Compactor = keep_outcomes

    def send_batches(self, batches: Iterable[Batch]) -> bool:
        """Settle every batch that is not settled yet. Return whether none is left to a later run."""
        ahead = self.concurrency // 2
        slots = _Slots(Semaphore(max(1, ahead)), Semaphore(self.concurrency))
        # Each batch takes a thread from its claim to its commit: `concurrency` of them have a request in flight,
        # `ahead` wait with a claim, and `ahead` commit.
        threads = self.concurrency + 2 * ahead
        unsettled = 0
        waiting: dict[Future[bool], int] = {}  # with the number of rows of each
        with ThreadPoolExecutor(threads) as pool:
            for batch in batches:
                if self._has_to_stop and not self.should_close():
                    unsettled += 1
                    break
                waiting[pool.submit(self._settle_batch, batch, slots)] = batch.rows
                # One batch beyond the threads is read ahead, and no more, so that memory does not grow.
                while len(waiting) > threads:
                    unsettled += self._collect_finished(waiting)
            while waiting:
                unsettled += self._collect_finished(waiting)
        return unsettled == 0

    def _collect_finished(self, waiting: dict[Future[bool], int]) -> int:
        """Remove the batches that have finished within a second, maybe none. Return how many of them are unsettled."""
        finished, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        rows = [waiting.pop(future) for future in finished]
        is_settled = [future.result() for future in finished]
        self.on_progress(sum(compress(rows, is_settled)))
        return is_settled.count(False)

    @property
    def _has_to_stop(self) -> bool:
        return bool(self.client.stop_reason) or self.client.remaining_seconds <= _MIN_SECONDS_LEFT

    def _settle_batch(self, batch: Batch, slots: _Slots) -> bool:
        """Claim, send and commit one batch; wait while another run owns it. Return whether it is settled."""
        while True:
            with ExitStack() as claimed:
                if self._has_to_send(batch):
                    claimed.enter_context(slots.claimed)
                if self._has_to_stop:
                    break
                settled = self.ledger.settle(batch.number, self._build_send(batch, slots, claimed.close))
            if settled is SkipReason.COMMITTED or (isinstance(settled, Committed) and not settled.is_partial):
                self._report_settled(settled)
                return True
            # Another run owns the batch, or sending it takes longer than one lease.
            pause = _get_retry_after(settled) if isinstance(settled, Committed) else _POLL_SECONDS
            if pause >= self.client.remaining_seconds - _MIN_SECONDS_LEFT:
                break
            self.client.sleep(pause)
        if not self.should_close():
            return False
        closed = self.ledger.commit_unsent(batch.number, self._build_close(batch))
        self._report_settled(closed)
        return closed is not SkipReason.BUSY

    def _has_to_send(self, batch: Batch) -> bool:
        return bool(batch.contacts) and not self.is_dry_run

    def _report_settled(self, settled: SkipReason | Committed) -> None:
        if isinstance(settled, Committed) and isinstance(settled.outcomes, BatchRecord):
            self.on_settled(settled.outcomes)

    def _build_send(
        self, batch: Batch, slots: _Slots, on_request: Callable[[], None]
    ) -> Callable[[int, BatchRecord | None], BatchRecord]:
        deadline = self.client.clock() + SENDING_SECONDS  # counted from before the claim is written

        def send(attempts: int, previous: BatchRecord | None) -> BatchRecord:
            if not self._has_to_send(batch):
                return self._build_record(batch, dry_run(batch))
            previous_result = previous.result if previous else None
            with self._acquire_calling_slot(slots, deadline) as seconds:
                result = send_batch(
                    batch,
                    self.client,
                    previous=previous_result,
                    attempts=attempts,
                    seconds=seconds,
                    on_request=on_request,
                )
            return self._build_record(batch, result)

        return send

    @contextmanager
    def _acquire_calling_slot(self, slots: _Slots, deadline: float) -> Iterator[float]:
        """Wait for a slot. Give the seconds in which requests may start, 0 when a whole request no longer fits.

        With 0 seconds nothing is sent and the claim is committed as partial. A request that is cut short at the
        deadline would leave its contacts ambiguous instead.
        """
        longest = max(_POLL_SECONDS, deadline - self.client.clock() - MAX_CALL_SECONDS)
        if not slots.calling.acquire(timeout=max(0.0, min(longest, self.client.remaining_seconds))):
            yield 0.0
            return
        try:
            yield deadline - self.client.clock()
        finally:
            slots.calling.release()

    def _build_close(self, batch: Batch) -> Callable[[int, BatchRecord | None], BatchRecord]:
        def build_unsent(attempts: int, previous: BatchRecord | None) -> BatchRecord:
            previous_result = previous.result if previous else None
            result = mark_unsent(
                batch, self.client.stop_reason or _NO_TIME, previous=previous_result, attempts=attempts
            )
            # Whole, without compaction: a run on one machine may continue the import, and send what is unsent here.
            return BatchRecord(batch.number, batch.row_group, result)

        return build_unsent

    def _build_record(self, batch: Batch, result: BatchResult) -> BatchRecord:
        return BatchRecord(batch.number, batch.row_group, *self.compact(result))


def _get_retry_after(committed: Committed) -> float:
    assert isinstance(committed.outcomes, BatchRecord)  # noqa: S101  `send` returns nothing else
    return committed.outcomes.result.retry_after
