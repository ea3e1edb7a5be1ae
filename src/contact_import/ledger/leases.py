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

_NOT_TAKEN = "The bucket does not take what it is given: the outcomes of a batch could not be kept."
_MAX_WRITES = 6  # of one record that the bucket neither takes nor refuses; each has boto3's own retries


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody sends this batch, until `lease_ends` (seconds of the clock that all runs share).

    `nonce` is of this very attempt: after a write whose answer got lost, it tells whether the write was ours.
    `tries` counts this owner and those before it that died. `before` are the outcomes of an open seal.
    """

    nonce: str
    lease_ends: float
    tries: int = 1
    before: object = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """The outcomes of a batch; final unless `is_open`."""

    nonce: str
    outcomes: object
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What is in the ledger, and the tag under which it may be replaced."""

    tag: str
    record: Claim | Sealed


class Left(Enum):
    """Why a run did nothing about a batch."""

    SEALED = "sealed"  # it is done
    BUSY = "busy"  # somebody else is at it
    LOST = "lost"  # our lease ran out meanwhile, and somebody took it over


@dataclass(frozen=True, slots=True)
class Read:
    """Answered with the Entry, or None when there is nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """Replace what `over` is the tag of, "" for nothing. Answered with the new tag.

    "" is the answer when something else was there, and also when it is not known whether the write was done.
    """

    record: Claim | Sealed
    over: str


@dataclass(frozen=True, slots=True)
class Send:
    """Deliver the batch. Answered with `Done`.

    `tries` above 1: so many owners, less one, died over it, and each may have sent it. `before` are the outcomes
    of an open seal, None at first.
    """

    tries: int
    before: object


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Say what becomes of the batch without sending it. Told and answered as `Send` is."""

    tries: int
    before: object


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a batch, and whether a later run may try some of it again."""

    outcomes: object
    is_open: bool


type Effect = Read | Write | Send | HoldBack
type Settling[R] = Generator[Effect, object, R]


def settle(nonce: str, now: Callable[[], float], lease: float) -> Settling[Left | Sealed]:
    """Bring one batch from wherever it is to a seal of this run, or leave it to whoever has it.

    A claim holds for `lease` seconds; who answers `Send` must have sent for the last time before they are over.
    """
    claimed = yield from _claim(nonce, now, lease)
    if isinstance(claimed, Left):
        return claimed
    done = yield Send(claimed.record.tries, claimed.record.before)
    assert isinstance(done, Done)  # noqa: S101  what `Send` says
    return (yield from _seal(Sealed(nonce, done.outcomes, done.is_open), claimed.tag))


def close(nonce: str, now: Callable[[], float]) -> Settling[Left | Sealed]:
    """Seal a batch for good without sending it, so that what is reported of it stays true."""
    entry: Entry | None = None
    for _ in range(_MAX_WRITES):
        there = entry.record if entry else None
        if isinstance(there, Sealed) and there.nonce == nonce:
            return there
        if left := _left(there, now()):
            return left
        after = _after(there, nonce, 0)
        done = yield HoldBack(after.tries, after.before)
        assert isinstance(done, Done)  # noqa: S101  what `HoldBack` says
        sealed = Sealed(nonce, done.outcomes)
        if (yield Write(sealed, over=entry.tag if entry else "")):
            return sealed
        entry = _entry((yield Read()))
    raise LedgerError(_NOT_TAKEN)


@dataclass(frozen=True, slots=True)
class _Claimed:
    tag: str
    record: Claim


def _claim(nonce: str, now: Callable[[], float], lease: float) -> Settling[Left | _Claimed]:
    entry: Entry | None = None  # nearly always there is nothing yet: the first write finds out by itself
    for _ in range(_MAX_WRITES):
        there = entry.record if entry else None
        if entry and isinstance(there, Claim) and there.nonce == nonce:
            # A write of ours whose answer got lost: it was done.
            return _Claimed(entry.tag, there)
        if left := _left(there, now()):
            return left
        claim = _after(there, nonce, now() + lease)
        tag = yield Write(claim, over=entry.tag if entry else "")
        if tag:
            return _Claimed(str(tag), claim)
        entry = _entry((yield Read()))
    raise LedgerError(_NOT_TAKEN)


def _left(there: Claim | Sealed | None, now: float) -> Left | None:
    match there:
        case Sealed(is_open=False):
            return Left.SEALED
        case Claim(lease_ends=ends) if ends > now:
            return Left.BUSY
    return None


def _after(there: Claim | Sealed | None, nonce: str, lease_ends: float) -> Claim:
    match there:
        case Claim():
            return Claim(nonce, lease_ends, there.tries + 1, there.before)
        case Sealed():
            return Claim(nonce, lease_ends, 1, there.outcomes)
    return Claim(nonce, lease_ends)


def _seal(sealed: Sealed, tag: str) -> Settling[Left | Sealed]:
    for _ in range(_MAX_WRITES):
        if (yield Write(sealed, over=tag)):
            return sealed
        entry = _entry((yield Read()))
        if entry and isinstance(entry.record, Sealed) and entry.record.nonce == sealed.nonce:
            return sealed
        if not entry or entry.tag != tag:
            return Left.LOST
    raise LedgerError(_NOT_TAKEN)


def _entry(answer: object) -> Entry | None:
    return answer if isinstance(answer, Entry) else None
