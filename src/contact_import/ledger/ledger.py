"""What must survive a run: `work/<import_id>/` in the bucket."""

import json
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import (
    make_batch_key,
    make_batches_prefix,
    make_config_key,
    make_handed_over_key,
    make_stop_key,
    make_unavailable_key,
)
from contact_import.errors import LedgerError, UnfinishedError
from contact_import.ledger.leases import (
    Claim,
    Committed,
    Done,
    EffectGenerator,
    MarkUnsent,
    Read,
    Send,
    SkipReason,
    VersionedRecord,
    Write,
    commit_unsent,
    settle,
)
from contact_import.ledger.local_cache import LocalCache
from contact_import.ledger.records import BatchRecord, decode_ledger_record, encode_ledger_record

LEASE_SECONDS = 45.0  # of a claim; what it allows to do must end well before
_MAX_READ_AHEAD = 8


@dataclass(frozen=True, slots=True)
class ActiveClaim:
    """A batch that is this run's to send. `tries` and `before` are what `send` of `Ledger.settle` is told."""

    attempts: int
    previous: BatchRecord | None
    commit: Callable[[BatchRecord], SkipReason | Committed]


class Ledger:
    """The ledger of one import. `now` is the clock that all runs share; `spool` spares it reading what it wrote."""

    def __init__(
        self,
        bucket: Bucket,
        import_id: str,
        now: Callable[[], datetime],
        make_attempt_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        cache: LocalCache | None = None,
    ) -> None:
        self._bucket = bucket
        self._import_id = import_id
        self._make_attempt_id = make_attempt_id
        self._now = lambda: now().timestamp()
        self._cache = cache

    @property
    def import_id(self) -> str:
        return self._import_id

    def save_config_once(self, make_config: Callable[[], bytes]) -> bytes:
        """What the first run of this import decided. `decided` is asked when there is nothing yet."""
        key = make_config_key(self._import_id)
        if stored := self._bucket.read(key):
            return stored
        self._bucket.put_if_match(key, make_config(), "")
        return self.load_config()

    def load_config(self) -> bytes:
        """Raise LedgerError when nothing was decided."""
        if stored := self._bucket.read(make_config_key(self._import_id)):
            return stored
        raise LedgerError("The bucket does not keep what the import decided at its beginning.")

    @property
    def has_begun(self) -> bool:
        """Whether a run has decided already."""
        return self._bucket.has_object(make_config_key(self._import_id))

    def settle(self, number: int, send: Callable[[int, BatchRecord | None], BatchRecord]) -> SkipReason | Committed:
        """Claim a batch, `send` it and seal what came of it, or leave it: see `claims`.

        `send` is told how many have tried it, itself included, since the outcomes that are given with it.
        """
        claimed = self.claim(number)
        return claimed if isinstance(claimed, SkipReason) else claimed.commit(send(claimed.attempts, claimed.previous))

    def claim(self, number: int) -> "SkipReason | ActiveClaim":
        """The first half of `settle`, for who sends batches of several imports in one request."""
        key = make_batch_key(self._import_id, number)
        protocol = settle(self._make_attempt_id(), self._now, LEASE_SECONDS)
        step = self._advance(protocol, key, None)
        if not isinstance(step, Send):
            assert isinstance(step, SkipReason)  # noqa: S101  nothing is sealed before it was sent
            return step
        previous = step.previous if isinstance(step.previous, BatchRecord) else None
        return ActiveClaim(
            step.attempts, previous, lambda record: _expect_settled(self._advance(protocol, key, _make_done(record)))
        )

    def commit_unsent(
        self, number: int, mark_unsent: Callable[[int, BatchRecord | None], BatchRecord]
    ) -> SkipReason | Committed:
        """Seal a batch for good with what `hold_back`, which is told as `send` is, says of it."""
        key, protocol = make_batch_key(self._import_id, number), commit_unsent(self._make_attempt_id(), self._now)
        step = self._advance(protocol, key, None)
        while isinstance(step, Send | MarkUnsent):
            record = mark_unsent(step.attempts, step.previous if isinstance(step.previous, BatchRecord) else None)
            step = self._advance(protocol, key, _make_done(record))
        return step

    def read_batch_states(self, numbers: Iterable[int] | None = None) -> Iterator[Claim | Committed | None]:
        """Those of the given batches, or of all that there are, in order. A few are read ahead, the rest later."""
        keys = (
            self._bucket.list_keys(make_batches_prefix(self._import_id))
            if numbers is None
            else (make_batch_key(self._import_id, number) for number in numbers)
        )
        yield from read_ahead(self._read_record, keys, is_cached=self._is_cached)

    def read_batch_records(self, numbers: Iterable[int] | None = None) -> Iterator[BatchRecord]:
        """The outcomes of the given batches, or of all, in the order of their numbers.

        Raise UnfinishedError when there is one that is not sealed for good.
        """
        for record in self.read_batch_states(numbers):
            if not isinstance(record, Committed) or record.is_partial:
                raise UnfinishedError("Another run is at this import.")
            assert isinstance(record.outcomes, BatchRecord)  # noqa: S101  `settle` seals nothing else
            yield record.outcomes

    def mark_handed_over(self) -> None:
        """From now on the import is the state machine's, also when its event comes again."""
        self._bucket.put(make_handed_over_key(self._import_id), b"{}")

    @property
    def is_handed_over(self) -> bool:
        return self._bucket.has_object(make_handed_over_key(self._import_id))

    def mark_stopped(self, reason: str) -> None:
        """Leave the mark that ends every unit of the import."""
        self._bucket.put(make_stop_key(self._import_id), json.dumps({"reason": reason}).encode())

    @property
    def stop_reason(self) -> str:
        """Why nothing more may be sent for this import, "" while it may."""
        return self._read_reason(make_stop_key(self._import_id))

    def mark_unavailable(self, reason: str) -> None:
        """Keep what was last heard of an endpoint that stays away."""
        self._bucket.put(make_unavailable_key(self._import_id), json.dumps({"reason": reason}).encode())

    @property
    def unavailable_reason(self) -> str:
        return self._read_reason(make_unavailable_key(self._import_id))

    def _read_reason(self, key: str) -> str:
        stored = self._bucket.read(key)
        return str(json.loads(stored)["reason"]) if stored else ""

    def _advance(
        self, protocol: EffectGenerator[SkipReason | Committed], key: str, answer: object
    ) -> Send | MarkUnsent | SkipReason | Committed:
        """Do what the conversation asks for, up to its end or to where a batch is to be sent or held back."""
        while True:
            try:
                effect = protocol.send(answer)
            except StopIteration as end:
                done: SkipReason | Committed = end.value
                return done
            match effect:
                case Read():
                    answer = self._read_versioned(key)
                case Write(record, expected_etag):
                    body = encode_ledger_record(record)
                    answer = self._bucket.put_if_match(key, body, expected_etag)
                    if answer and self._cache and isinstance(record, Committed) and not record.is_partial:
                        self._cache.save(key, body)  # nobody replaces it any more
                case Send() | MarkUnsent():
                    return effect

    def _is_cached(self, key: str) -> bool:
        return self._cache is not None and key in self._cache

    def _read_record(self, key: str) -> Claim | Committed | None:
        if self._cache and (body := self._cache.read(key)):
            return decode_ledger_record(body)
        found = self._read_versioned(key)
        return found.record if found else None

    def _read_versioned(self, key: str) -> VersionedRecord | None:
        found = self._bucket.read_with_etag(key)
        return VersionedRecord(found[1], decode_ledger_record(found[0])) if found else None


def _make_done(record: BatchRecord) -> Done:
    return Done(record, is_partial=bool(record.result.retry_rows))


def _expect_settled(step: Send | MarkUnsent | SkipReason | Committed) -> SkipReason | Committed:
    assert isinstance(step, SkipReason | Committed)  # noqa: S101  what was sent is sealed next
    return step


def read_ahead[K, T](
    read: Callable[[K], T],
    keys: Iterable[K],
    *,
    max_ahead: int = _MAX_READ_AHEAD,
    is_cached: Callable[[K], bool] = lambda _key: False,
) -> Iterator[T]:
    """What is under the keys, in order: S3 takes its time over each, so that some are asked for at once.

    What is near is read when its turn comes: to have it done by another thread takes longer than doing it.
    """
    with ThreadPoolExecutor(max_ahead) as pool:
        waiting: deque[Callable[[], T]] = deque()
        for key in keys:
            waiting.append(partial(read, key) if is_cached(key) else pool.submit(read, key).result)
            if len(waiting) > max_ahead:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
