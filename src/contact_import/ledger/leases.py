"""The protocol of leases: a batch has one owner at a time, and is never sent twice without being reported.

Every batch has one object in the ledger. A run writes it only over the version that it has read (S3's conditional
writes: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), so that one of several runs wins:

    nothing ──claim──► claimed ──commit──► committed, final
                        │ ▲ ▲                 or
                        └─┘ └───claim────── committed, partial: some of its contacts were certainly not sent, and
      taken over, when the                  a later run may send them
      owner's lease has expired:
      the owner died, and its
      request may have gone out

The protocol is sans-I/O: `settle` is a generator that yields the reads, writes and sends that it needs and receives
their results. `Ledger` performs them against S3; the test performs them in every order of events, with crashes and
lost responses. docs/reliability.md gives the reason for each rule.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from contact_import.errors import LedgerError

_WRITE_FAILED = "The bucket does not take what it is given: the outcomes of a batch could not be kept."
_MAX_WRITE_ATTEMPTS = 6  # of one record that S3 neither accepts nor rejects; each has boto3's own retries


@dataclass(frozen=True, slots=True)
class Claim:
    """A run owns this batch until `lease_expires_at` (seconds of the clock that all runs share).

    `attempt_id` identifies this attempt: after a write whose response was lost, it shows whether the write was ours.
    `attempts` counts this owner and those before it that died. `previous` are the outcomes of a partial commit.
    """

    attempt_id: str
    lease_expires_at: float
    attempts: int = 1
    previous: object = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcomes of a batch; final unless `is_partial`."""

    attempt_id: str
    outcomes: object
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class VersionedRecord:
    """The state of a batch in the ledger, and the ETag under which it may be replaced."""

    etag: str
    record: Claim | Committed


class SkipReason(Enum):
    """Why a run left a batch as it is."""

    COMMITTED = "committed"  # another run has finished it
    BUSY = "busy"  # another run owns it
    LEASE_LOST = "lease_lost"  # our lease expired meanwhile, and another run took the batch over


@dataclass(frozen=True, slots=True)
class Read:
    """Read the state of the batch. The answer is a VersionedRecord, or None for no state."""


@dataclass(frozen=True, slots=True)
class Write:
    """Replace the state that has `expected_etag`, "" for no state. The answer is the new ETag.

    The answer is "" when another state was there, and also when the outcome of the write is unknown.
    """

    record: Claim | Committed
    expected_etag: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send the batch. The answer is `Done`.

    `attempts` above 1 means that `attempts - 1` owners died, and each may have sent the batch. `previous` are the
    outcomes of a partial commit, None without one.
    """

    attempts: int
    previous: object


@dataclass(frozen=True, slots=True)
class MarkUnsent:
    """Determine the outcomes of the batch without sending it. Fields and answer are those of `Send`."""

    attempts: int
    previous: object


@dataclass(frozen=True, slots=True)
class Done:
    """The outcomes of a batch, and whether a later run may send some of its contacts."""

    outcomes: object
    is_partial: bool


type Effect = Read | Write | Send | MarkUnsent
type EffectGenerator[R] = Generator[Effect, object, R]


def settle(attempt_id: str, now: Callable[[], float], lease_seconds: float) -> EffectGenerator[SkipReason | Committed]:
    """Claim one batch, have it sent and commit its outcomes; return why not when another run has it.

    A claim holds for `lease_seconds`. Whoever answers `Send` must start its last request before they are over.
    """
    claimed = yield from _claim(attempt_id, now, lease_seconds)
    if isinstance(claimed, SkipReason):
        return claimed
    done = yield Send(claimed.record.attempts, claimed.record.previous)
    assert isinstance(done, Done)  # noqa: S101  what `Send` says
    return (yield from _commit(Committed(attempt_id, done.outcomes, done.is_partial), claimed.etag))


def commit_unsent(attempt_id: str, now: Callable[[], float]) -> EffectGenerator[SkipReason | Committed]:
    """Commit a batch finally without sending it, so that what is reported about it stays true."""
    entry: VersionedRecord | None = None
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if isinstance(current, Committed) and current.attempt_id == attempt_id:
            return current
        if skip_reason := _find_skip_reason(current, now()):
            return skip_reason
        next_claim = _make_next_claim(current, attempt_id, 0)
        done = yield MarkUnsent(next_claim.attempts, next_claim.previous)
        assert isinstance(done, Done)  # noqa: S101  what `MarkUnsent` says
        committed = Committed(attempt_id, done.outcomes)
        if (yield Write(committed, expected_etag=entry.etag if entry else "")):
            return committed
        entry = _narrow_to_record((yield Read()))
    raise LedgerError(_WRITE_FAILED)


@dataclass(frozen=True, slots=True)
class _WrittenClaim:
    etag: str
    record: Claim


def _claim(
    attempt_id: str, now: Callable[[], float], lease_seconds: float
) -> EffectGenerator[SkipReason | _WrittenClaim]:
    # Nearly always there is no state yet, so the first write assumes that: it saves a read for each batch.
    entry: VersionedRecord | None = None
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if entry and isinstance(current, Claim) and current.attempt_id == attempt_id:
            # The response to our own write was lost, and botocore's retry found the object that it had written.
            return _WrittenClaim(entry.etag, current)
        if skip_reason := _find_skip_reason(current, now()):
            return skip_reason
        claim = _make_next_claim(current, attempt_id, now() + lease_seconds)
        etag = yield Write(claim, expected_etag=entry.etag if entry else "")
        if etag:
            return _WrittenClaim(str(etag), claim)
        entry = _narrow_to_record((yield Read()))
    raise LedgerError(_WRITE_FAILED)


def _find_skip_reason(current: Claim | Committed | None, now: float) -> SkipReason | None:
    match current:
        case Committed(is_partial=False):
            return SkipReason.COMMITTED
        case Claim(lease_expires_at=expires_at) if expires_at > now:
            return SkipReason.BUSY
    return None


def _make_next_claim(current: Claim | Committed | None, attempt_id: str, lease_expires_at: float) -> Claim:
    match current:
        # The owner died, and may have sent the batch. What was ambiguous before it is still ambiguous.
        case Claim():
            return Claim(attempt_id, lease_expires_at, current.attempts + 1, current.previous)
        # The owner of a partial commit lived to report it, so the count begins again.
        case Committed():
            return Claim(attempt_id, lease_expires_at, 1, current.outcomes)
    return Claim(attempt_id, lease_expires_at)


def _commit(committed: Committed, etag: str) -> EffectGenerator[SkipReason | Committed]:
    for _ in range(_MAX_WRITE_ATTEMPTS):
        if (yield Write(committed, expected_etag=etag)):
            return committed
        # Either the response to our write was lost, or another run took the batch over: the attempt id decides.
        entry = _narrow_to_record((yield Read()))
        if entry and isinstance(entry.record, Committed) and entry.record.attempt_id == committed.attempt_id:
            return committed
        if not entry or entry.etag != etag:
            return SkipReason.LEASE_LOST
    raise LedgerError(_WRITE_FAILED)


def _narrow_to_record(answer: object) -> VersionedRecord | None:
    return answer if isinstance(answer, VersionedRecord) else None
