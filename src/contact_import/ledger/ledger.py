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
    away_key,
    batch_key,
    batches_prefix,
    decisions_key,
    handed_over_key,
    stop_key,
)
from contact_import.errors import LedgerError, UnfinishedError
from contact_import.ledger.leases import (
    Claim,
    Done,
    Entry,
    HoldBack,
    Left,
    Read,
    Sealed,
    Send,
    Settling,
    Write,
    close,
    settle,
)
from contact_import.ledger.local_cache import Spool
from contact_import.ledger.records import Part, claim_from_bytes, claim_to_bytes

LEASE_SECONDS = 45.0  # of a claim; what it allows to do must end well before
_READERS = 8


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is this run's to send. `tries` and `before` are what `send` of `Ledger.settle` is told."""

    tries: int
    before: Part | None
    seal: Callable[[Part], Left | Sealed]


class Ledger:
    """The ledger of one import. `now` is the clock that all runs share; `spool` spares it reading what it wrote."""

    def __init__(
        self,
        bucket: Bucket,
        import_id: str,
        now: Callable[[], datetime],
        nonce: Callable[[], str] = lambda: uuid.uuid4().hex,
        spool: Spool | None = None,
    ) -> None:
        self._bucket = bucket
        self._import_id = import_id
        self._nonce = nonce
        self._now = lambda: now().timestamp()
        self._spool = spool

    @property
    def import_id(self) -> str:
        return self._import_id

    def freeze(self, decided: Callable[[], bytes]) -> bytes:
        """What the first run of this import decided. `decided` is asked when there is nothing yet."""
        key = decisions_key(self._import_id)
        if kept := self._bucket.read(key):
            return kept
        self._bucket.put_over(key, decided(), "")
        return self.frozen()

    def frozen(self) -> bytes:
        """Raise LedgerError when nothing was decided."""
        if kept := self._bucket.read(decisions_key(self._import_id)):
            return kept
        raise LedgerError("The bucket does not keep what the import decided at its beginning.")

    @property
    def has_begun(self) -> bool:
        """Whether a run has decided already."""
        return self._bucket.has(decisions_key(self._import_id))

    def settle(self, number: int, send: Callable[[int, Part | None], Part]) -> Left | Sealed:
        """Claim a batch, `send` it and seal what came of it, or leave it: see `claims`.

        `send` is told how many have tried it, itself included, since the outcomes that are given with it.
        """
        claimed = self.claim(number)
        return claimed if isinstance(claimed, Left) else claimed.seal(send(claimed.tries, claimed.before))

    def claim(self, number: int) -> "Left | Claimed":
        """The first half of `settle`, for who sends batches of several imports in one request."""
        key = batch_key(self._import_id, number)
        settling = settle(self._nonce(), self._now, LEASE_SECONDS)
        paused = self._play(settling, key, None)
        if not isinstance(paused, Send):
            assert isinstance(paused, Left)  # noqa: S101  nothing is sealed before it was sent
            return paused
        before = paused.before if isinstance(paused.before, Part) else None
        return Claimed(paused.tries, before, lambda part: _settled(self._play(settling, key, _done(part))))

    def close(self, number: int, hold_back: Callable[[int, Part | None], Part]) -> Left | Sealed:
        """Seal a batch for good with what `hold_back`, which is told as `send` is, says of it."""
        key, settling = batch_key(self._import_id, number), close(self._nonce(), self._now)
        paused = self._play(settling, key, None)
        while isinstance(paused, Send | HoldBack):
            part = hold_back(paused.tries, paused.before if isinstance(paused.before, Part) else None)
            paused = self._play(settling, key, _done(part))
        return paused

    def entries(self, numbers: Iterable[int] | None = None) -> Iterator[Claim | Sealed | None]:
        """Those of the given batches, or of all that there are, in order. A few are read ahead, the rest later."""
        keys = (
            self._bucket.keys(batches_prefix(self._import_id))
            if numbers is None
            else (batch_key(self._import_id, number) for number in numbers)
        )
        yield from read_ahead(self._record, keys, is_near=self._is_spooled)

    def parts(self, numbers: Iterable[int] | None = None) -> Iterator[Part]:
        """The outcomes of the given batches, or of all, in the order of their numbers.

        Raise UnfinishedError when there is one that is not sealed for good.
        """
        for record in self.entries(numbers):
            if not isinstance(record, Sealed) or record.is_open:
                raise UnfinishedError("Another run is at this import.")
            assert isinstance(record.outcomes, Part)  # noqa: S101  `settle` seals nothing else
            yield record.outcomes

    def mark_handed_over(self) -> None:
        """From now on the import is the state machine's, also when its event comes again."""
        self._bucket.put(handed_over_key(self._import_id), b"{}")

    @property
    def is_handed_over(self) -> bool:
        return self._bucket.has(handed_over_key(self._import_id))

    def stop(self, why: str) -> None:
        """Leave the mark that ends every unit of the import."""
        self._bucket.put(stop_key(self._import_id), json.dumps({"why": why}).encode())

    @property
    def stopped(self) -> str:
        """Why nothing more may be sent for this import, "" while it may."""
        return self._word(stop_key(self._import_id))

    def note_away(self, why: str) -> None:
        """Keep what was last heard of an endpoint that stays away."""
        self._bucket.put(away_key(self._import_id), json.dumps({"why": why}).encode())

    @property
    def away(self) -> str:
        return self._word(away_key(self._import_id))

    def _word(self, key: str) -> str:
        kept = self._bucket.read(key)
        return str(json.loads(kept)["why"]) if kept else ""

    def _play(self, settling: Settling[Left | Sealed], key: str, answer: object) -> Send | HoldBack | Left | Sealed:
        """Do what the conversation asks for, up to its end or to where a batch is to be sent or held back."""
        while True:
            try:
                effect = settling.send(answer)
            except StopIteration as end:
                done: Left | Sealed = end.value
                return done
            match effect:
                case Read():
                    answer = self._read(key)
                case Write(record, over):
                    body = claim_to_bytes(record)
                    answer = self._bucket.put_over(key, body, over)
                    if answer and self._spool and isinstance(record, Sealed) and not record.is_open:
                        self._spool.keep(key, body)  # nobody replaces it any more
                case Send() | HoldBack():
                    return effect

    def _is_spooled(self, key: str) -> bool:
        return self._spool is not None and key in self._spool

    def _record(self, key: str) -> Claim | Sealed | None:
        if self._spool and (body := self._spool.read(key)):
            return claim_from_bytes(body)
        found = self._read(key)
        return found.record if found else None

    def _read(self, key: str) -> Entry | None:
        found = self._bucket.read_tagged(key)
        return Entry(found[1], claim_from_bytes(found[0])) if found else None


def _done(part: Part) -> Done:
    return Done(part, is_open=bool(part.delivery.again))


def _settled(paused: Send | HoldBack | Left | Sealed) -> Left | Sealed:
    assert isinstance(paused, Left | Sealed)  # noqa: S101  what was sent is sealed next
    return paused


def read_ahead[K, T](
    read: Callable[[K], T],
    keys: Iterable[K],
    *,
    ahead: int = _READERS,
    is_near: Callable[[K], bool] = lambda _key: False,
) -> Iterator[T]:
    """What is under the keys, in order: S3 takes its time over each, so that some are asked for at once.

    What is near is read when its turn comes: to have it done by another thread takes longer than doing it.
    """
    with ThreadPoolExecutor(ahead) as pool:
        waiting: deque[Callable[[], T]] = deque()
        for key in keys:
            waiting.append(partial(read, key) if is_near(key) else pool.submit(read, key).result)
            if len(waiting) > ahead:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
