"""Settle batches in threads: claim a commit group, send its batches, commit. Both paths of a file use this.

Two groups overlap in time, so that requests are always in flight while S3 takes its tens of milliseconds:

    settler 1  claim 1 ─ send 15 batches ─ commit 1 ─ claim 3 ─ send …
    settler 2            claim 2 ─ (its batches wait for a caller) ─ send ─ commit 2 ─ …
    callers             `concurrency` threads with one request each, paced by the rate limiter
"""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import compress, groupby, repeat
from operator import attrgetter
from typing import TypeGuard

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.retry import MAX_CALL_SECONDS
from contact_import.ledger.compaction import Compactor, keep_outcomes
from contact_import.ledger.leases import Committed, SkipReason
from contact_import.ledger.ledger import LEASE_SECONDS, Ledger
from contact_import.ledger.records import BatchRecord, GroupRecord
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult, dry_run, mark_unsent, send_batch

# The owner of a claim starts its last request this long after claiming. The other 7 seconds of its lease are for the
# commit and for clocks that differ (docs/reliability.md, "Last call").
SENDING_SECONDS = LEASE_SECONDS - 7
_POLL_SECONDS = 1.0
_MIN_SECONDS_LEFT = 2.0
_NO_TIME = "the import ran out of time before this contact was sent"
# One group is claimed or committed while the requests of the other are in flight. After a crash all of their batches
# may have been sent: more open groups would put more contacts in doubt and gain no speed.
_MAX_OPEN_GROUPS = 2

type _CommitGroup = tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads that send the batches of one import to Cellcast, with at most `concurrency` requests in flight.

    Batches of one `commit_group` are claimed and committed together.

    - `should_close` is called when nothing more can be sent. True commits the remaining batches as unsent, for the
      report; False leaves them to a later run.
    - `on_settled` gets the record of each batch that this run commits, on any thread.
    - `on_progress` gets the number of rows that were settled (by any run) since its last call. It is called on the
      thread that reads the batches, at least once a second.
    - `compact` reduces outcomes to the form that the ledger stores.
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
        """Settle every batch that is not settled yet. Return False if some are left to a later run."""
        max_open = min(_MAX_OPEN_GROUPS, self.concurrency)
        unsettled = 0
        waiting: dict[Future[bool], int] = {}  # with the number of rows of each
        # Two pools, because a group waits for its batches: in one pool, groups could take every thread and deadlock.
        with ThreadPoolExecutor(self.concurrency) as callers, ThreadPoolExecutor(max_open) as settlers:
            for _, group in groupby(batches, key=attrgetter("commit_group")):
                if self._has_to_stop and not self.should_close():
                    unsettled += 1
                    break
                batches_of_group = tuple(group)
                rows = sum(batch.rows for batch in batches_of_group)
                waiting[settlers.submit(self._settle_group, batches_of_group, callers)] = rows
                # One group beyond the open ones is read ahead and no more, so memory does not grow with the file.
                while len(waiting) > max_open:
                    unsettled += self._collect_finished(waiting)
            while waiting:
                unsettled += self._collect_finished(waiting)
        return unsettled == 0

    def _collect_finished(self, waiting: dict[Future[bool], int]) -> int:
        """Remove the groups that finish within a second, maybe none. Return how many of them are unsettled."""
        finished, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        rows = [waiting.pop(future) for future in finished]
        is_settled = [future.result() for future in finished]
        self.on_progress(sum(compress(rows, is_settled)))
        return is_settled.count(False)

    @property
    def _has_to_stop(self) -> bool:
        return bool(self.client.stop_reason) or self.client.remaining_seconds <= _MIN_SECONDS_LEFT

    def _settle_group(self, group: _CommitGroup, callers: ThreadPoolExecutor) -> bool:
        """Claim, send and commit one group. Wait if another run owns it. Return whether it is settled."""
        number = group[0].commit_group
        while not self._has_to_stop:
            settled = self.ledger.settle(number, self._build_send(group, callers))
            if settled is SkipReason.COMMITTED or (isinstance(settled, Committed) and not settled.is_partial):
                self._report_settled(settled)
                return True
            # Another run owns the group, or sending it takes longer than one lease.
            pause = _get_retry_after(settled) if isinstance(settled, Committed) else _POLL_SECONDS
            if pause >= self.client.remaining_seconds - _MIN_SECONDS_LEFT:
                break
            self.client.sleep(pause)
        if not self.should_close():
            return False
        closed = self.ledger.commit_unsent(number, self._build_close(group))
        self._report_settled(closed)
        return closed is not SkipReason.BUSY

    def _report_settled(self, settled: SkipReason | Committed) -> None:
        if isinstance(settled, Committed) and isinstance(settled.outcomes, tuple):
            for record in settled.outcomes:
                self.on_settled(record)

    def _build_send(
        self, group: _CommitGroup, callers: ThreadPoolExecutor
    ) -> Callable[[int, GroupRecord | None], GroupRecord]:
        # From before the claim is written: its lease begins at that moment, not when S3 has answered.
        deadline = self.client.clock() + SENDING_SECONDS

        def send(attempts: int, previous: GroupRecord | None) -> GroupRecord:
            def send_one(batch: Batch, record: BatchRecord | None) -> BatchRecord:
                if _is_final(record):
                    return record
                if self.is_dry_run or not batch.contacts:
                    return self._build_record(batch, dry_run(batch))
                result = send_batch(
                    batch,
                    self.client,
                    previous=record.result if record else None,
                    attempts=attempts,
                    seconds=self._compute_sending_seconds(deadline),
                )
                return self._build_record(batch, result)

            return tuple(callers.map(send_one, group, previous or repeat(None)))

        return send

    def _compute_sending_seconds(self, deadline: float) -> float:
        """Return the seconds in which requests may start, 0 if a whole request no longer fits into the lease.

        With 0 seconds nothing is sent and the claim is committed as partial. A request that is cut short at the
        deadline would instead leave its contacts ambiguous.
        """
        seconds = deadline - self.client.clock()
        return seconds if seconds > min(MAX_CALL_SECONDS, SENDING_SECONDS - _POLL_SECONDS) else 0.0

    def _build_close(self, group: _CommitGroup) -> Callable[[int, GroupRecord | None], GroupRecord]:
        def close_one(batch: Batch, record: BatchRecord | None, attempts: int) -> BatchRecord:
            if _is_final(record):
                return record
            reason = self.client.stop_reason or _NO_TIME
            result = mark_unsent(batch, reason, previous=record.result if record else None, attempts=attempts)
            # Without compaction: `cellcast-import run` may continue the import, and needs the unsent rows for it.
            return BatchRecord(batch.number, batch.row_group, result)

        return lambda attempts, previous: tuple(
            close_one(batch, record, attempts)
            for batch, record in zip(group, previous or (None,) * len(group), strict=True)
        )

    def _build_record(self, batch: Batch, result: BatchResult) -> BatchRecord:
        return BatchRecord(batch.number, batch.row_group, *self.compact(result))


def _is_final(record: BatchRecord | None) -> TypeGuard[BatchRecord]:
    """Return whether no contact of the batch may be sent any more, although its group is not finished."""
    return record is not None and not record.result.retry_rows


def _get_retry_after(committed: Committed) -> float:
    assert isinstance(committed.outcomes, tuple)  # noqa: S101  `send` returns nothing else
    records: GroupRecord = committed.outcomes
    return max(record.result.retry_after for record in records)
