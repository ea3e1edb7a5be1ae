"""Who may send a batch: one owner at a time, and never again in silence.

Every batch has one object in the ledger. It is written only over what was read before (S3's conditional writes:
docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), so that of several runs one wins:

    nothing ──claim──► claimed ──seal──► sealed for good
                        │ ▲ ▲               or
                        └─┘ └───claim──── sealed open: some of its contacts are certainly not being sent, and
      taken over, when the                a later run may try them again
      owner's lease has run out:
      it died, and its request
      may have gone out

The rules are written as a conversation without any input or output of its own: `settle` says what it wants done
and is told what came of it. The importer plays it against S3, the test against every order of events.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from contact_import.errors import LedgerError

_WRITE_FAILED = "The bucket does not take what it is given: the outcomes of a batch could not be kept."
_MAX_WRITE_ATTEMPTS = 6  # of one record that the bucket neither takes nor refuses; each has boto3's own retries


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody sends this batch, until `lease_ends` (seconds of the clock that all runs share).

    `nonce` is of this very attempt: after a write whose answer got lost, it tells whether the write was ours.
    `tries` counts this owner and those before it that died. `before` are the outcomes of an open seal.
    """

    attempt_id: str
    lease_expires_at: float
    attempts: int = 1
    previous: object = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcomes of a batch; final unless `is_open`."""

    attempt_id: str
    outcomes: object
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class VersionedRecord:
    """What is in the ledger, and the tag under which it may be replaced."""

    etag: str
    record: Claim | Committed


class SkipReason(Enum):
    """Why a run did nothing about a batch."""

    COMMITTED = "committed"  # it is done
    BUSY = "busy"  # somebody else is at it
    LEASE_LOST = "lease_lost"  # our lease ran out meanwhile, and somebody took it over


@dataclass(frozen=True, slots=True)
class Read:
    """Answered with the Entry, or None when there is nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """Replace what `over` is the tag of, "" for nothing. Answered with the new tag.

    "" is the answer when something else was there, and also when it is not known whether the write was done.
    """

    record: Claim | Committed
    expected_etag: str


@dataclass(frozen=True, slots=True)
class Send:
    """Deliver the batch. Answered with `Done`.

    `tries` above 1: so many owners, less one, died over it, and each may have sent it. `before` are the outcomes
    of an open seal, None at first.
    """

    attempts: int
    previous: object


@dataclass(frozen=True, slots=True)
class MarkUnsent:
    """Say what becomes of the batch without sending it. Told and answered as `Send` is."""

    attempts: int
    previous: object


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a batch, and whether a later run may try some of it again."""

    outcomes: object
    is_partial: bool


type Effect = Read | Write | Send | MarkUnsent
type EffectGenerator[R] = Generator[Effect, object, R]


def settle(attempt_id: str, now: Callable[[], float], lease_seconds: float) -> EffectGenerator[SkipReason | Committed]:
    """Bring one batch from wherever it is to a seal of this run, or leave it to whoever has it.

    A claim holds for `lease` seconds; who answers `Send` must have sent for the last time before they are over.
    """
    claimed = yield from _claim(attempt_id, now, lease_seconds)
    if isinstance(claimed, SkipReason):
        return claimed
    done = yield Send(claimed.record.attempts, claimed.record.previous)
    assert isinstance(done, Done)  # noqa: S101  what `Send` says
    return (yield from _commit(Committed(attempt_id, done.outcomes, done.is_partial), claimed.etag))


def commit_unsent(attempt_id: str, now: Callable[[], float]) -> EffectGenerator[SkipReason | Committed]:
    """Seal a batch for good without sending it, so that what is reported of it stays true."""
    entry: VersionedRecord | None = None
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if isinstance(current, Committed) and current.attempt_id == attempt_id:
            return current
        if skip_reason := _find_skip_reason(current, now()):
            return skip_reason
        next_claim = _make_next_claim(current, attempt_id, 0)
        done = yield MarkUnsent(next_claim.attempts, next_claim.previous)
        assert isinstance(done, Done)  # noqa: S101  what `HoldBack` says
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
    entry: VersionedRecord | None = None  # nearly always there is nothing yet: the first write finds out by itself
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if entry and isinstance(current, Claim) and current.attempt_id == attempt_id:
            # A write of ours whose answer got lost: it was done.
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
        case Claim():
            return Claim(attempt_id, lease_expires_at, current.attempts + 1, current.previous)
        case Committed():
            return Claim(attempt_id, lease_expires_at, 1, current.outcomes)
    return Claim(attempt_id, lease_expires_at)


def _commit(committed: Committed, etag: str) -> EffectGenerator[SkipReason | Committed]:
    for _ in range(_MAX_WRITE_ATTEMPTS):
        if (yield Write(committed, expected_etag=etag)):
            return committed
        entry = _narrow_to_record((yield Read()))
        if entry and isinstance(entry.record, Committed) and entry.record.attempt_id == committed.attempt_id:
            return committed
        if not entry or entry.etag != etag:
            return SkipReason.LEASE_LOST
    raise LedgerError(_WRITE_FAILED)


def _narrow_to_record(answer: object) -> VersionedRecord | None:
    return answer if isinstance(answer, VersionedRecord) else None
