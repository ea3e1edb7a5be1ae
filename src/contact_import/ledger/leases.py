"""Give each commit group of batches one owner at a time: none is lost, and none is sent twice without a report of it.

Every group has one state in the ledger. A run writes it only over the version that it has read (a conditional write:
docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html), so that one of several runs wins:

    nothing ──claim──► claimed ──commit──► committed, final
                        │ ▲ ▲                 or
                        └─┘ └───claim────── committed, partial: some of its contacts were certainly not sent, and
      taken over, if the                    a later run may send them
      owner's lease has expired:
      the owner died, and its
      request may have arrived

The protocol is sans-I/O: `settle` is a generator that yields the reads, writes and sends that it needs and receives
their results. `Ledger` performs them against a `GroupStore`; the test performs them in every order of events, with
crashes and lost responses. docs/reliability.md gives the reason for each rule.

A run that takes over the group of a run that died, effect by effect, each with its answer:

    Write(Claim("B", 1090.0), expected_etag="")            ""    the object exists
    Read()                                                 VersionedRecord("e1", Claim("A", 1000.0, attempts=1))
    Write(Claim("B", 1090.0, attempts=2), "e1")            "e2"  A's lease expired at 1000: B is the owner
    Send(attempts=2, previous=None)                        Done(outcomes, is_partial=False)
    Write(Committed("B", outcomes), "e2")                  "e3"  final

If A is not dead but slow, its own commit fails, because "e1" is gone: A reads, finds B and reports nothing. Whether A's
request arrived is unknown, so B's requests count as `possibly_repeated` in the report.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from contact_import.errors import LedgerError

_WRITE_FAILED = "The outcomes of a batch could not be stored."
# Writes of one record that the store neither accepts nor rejects (503, or no response), each with boto3's own retries.
_MAX_WRITE_ATTEMPTS = 6


class Claim(NamedTuple):
    """The ownership of a group by one run until `lease_expires_at` (seconds of the clock that all runs share).

    `attempt_id` identifies this attempt: after a write whose response was lost, it shows whose write the object is.
    `attempts` counts this owner and the earlier owners that died. `previous` are the outcomes of a partial commit.
    """

    attempt_id: str
    lease_expires_at: float
    attempts: int = 1
    previous: object = None


class Committed(NamedTuple):
    """The outcomes of a group, which are final unless `is_partial`."""

    attempt_id: str
    outcomes: object
    is_partial: bool = False


class VersionedRecord(NamedTuple):
    """The state of a group in the ledger, and the ETag that a write must name to replace it."""

    etag: str
    record: Claim | Committed


class SkipReason(Enum):
    """A reason for which a run leaves a group unchanged."""

    COMMITTED = "committed"  # another run has finished it
    BUSY = "busy"  # another run owns it
    LEASE_LOST = "lease_lost"  # this run's lease expired meanwhile, and another run took the group over


@dataclass(frozen=True, slots=True)
class Read:
    """Read the state of the group. The answer is a VersionedRecord, or None for no state."""


class Write(NamedTuple):
    """Replace the state that has `expected_etag`, "" for no state. The answer is the new ETag.

    The answer is "" if another state was there, and also if the outcome of the write is unknown: botocore repeats a PUT
    whose response was lost, and the repeat gets 412 from the object that the first one wrote.
    """

    record: Claim | Committed
    expected_etag: str


class Send(NamedTuple):
    """Send the group. The answer is `Done`.

    `attempts` above 1 means that `attempts - 1` owners died, and each may have sent the group. `previous` are the
    outcomes of a partial commit, None without one.
    """

    attempts: int
    previous: object


class MarkUnsent(NamedTuple):
    """Determine the outcomes of the group without sending it. Fields and answer are those of `Send`."""

    attempts: int
    previous: object


class Done(NamedTuple):
    """The outcomes of a group. With `is_partial`, a later run may send some of its contacts."""

    outcomes: object
    is_partial: bool


type Effect = Read | Write | Send | MarkUnsent
type EffectGenerator[R] = Generator[Effect, object, R]


def settle(attempt_id: str, now: Callable[[], float], lease_seconds: float) -> EffectGenerator[SkipReason | Committed]:
    """Claim one group, have it sent and commit its outcomes. Return a SkipReason if another run has it.

    A claim is valid for `lease_seconds`. The caller that answers `Send` must start its last request before they end.
    Raise LedgerError if the store accepts no write.
    """
    claimed = yield from _claim(attempt_id, now, lease_seconds)
    if isinstance(claimed, SkipReason):
        return claimed
    done = yield Send(claimed.record.attempts, claimed.record.previous)
    assert isinstance(done, Done)  # noqa: S101  as `Send` demands
    return (yield from _commit(Committed(attempt_id, done.outcomes, done.is_partial), claimed.etag))


def commit_unsent(attempt_id: str, now: Callable[[], float]) -> EffectGenerator[SkipReason | Committed]:
    """Commit a group finally without sending it, so that a report about it stays true.

    Without this, a slow or a restarted run could still send contacts that the report calls unsent, and a person who
    uploads failed.csv would send them a second time.
    """
    entry: VersionedRecord | None = None
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if isinstance(current, Committed) and current.attempt_id == attempt_id:
            return current
        if skip_reason := _find_skip_reason(current, now()):
            return skip_reason
        next_claim = _make_next_claim(current, attempt_id, 0)
        done = yield MarkUnsent(next_claim.attempts, next_claim.previous)
        assert isinstance(done, Done)  # noqa: S101  as `MarkUnsent` demands
        committed = Committed(attempt_id, done.outcomes)
        if (yield Write(committed, expected_etag=entry.etag if entry else "")):
            return committed
        entry = _narrow_to_record((yield Read()))
    raise LedgerError(_WRITE_FAILED)


class _WrittenClaim(NamedTuple):
    etag: str
    record: Claim


def _claim(
    attempt_id: str, now: Callable[[], float], lease_seconds: float
) -> EffectGenerator[SkipReason | _WrittenClaim]:
    # Nearly always there is no state yet, and the first write assumes that: it saves a read for each group.
    entry: VersionedRecord | None = None
    for _ in range(_MAX_WRITE_ATTEMPTS):
        current = entry.record if entry else None
        if entry and isinstance(current, Claim) and current.attempt_id == attempt_id:
            # The response to this run's own write was lost, and botocore's retry found the object that it had written.
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
        # The owner died, and may have sent the group. Its contacts that were ambiguous before are still ambiguous.
        case Claim():
            return Claim(attempt_id, lease_expires_at, current.attempts + 1, current.previous)
        # The owner of a partial commit reported what it had sent, so no attempt is in doubt.
        case Committed():
            return Claim(attempt_id, lease_expires_at, 1, current.outcomes)
    return Claim(attempt_id, lease_expires_at)


def _commit(committed: Committed, etag: str) -> EffectGenerator[SkipReason | Committed]:
    for _ in range(_MAX_WRITE_ATTEMPTS):
        if (yield Write(committed, expected_etag=etag)):
            return committed
        # Either the response to the write was lost, or another run took the group over: the attempt id decides.
        entry = _narrow_to_record((yield Read()))
        if entry and isinstance(entry.record, Committed) and entry.record.attempt_id == committed.attempt_id:
            return committed
        if not entry or entry.etag != etag:
            return SkipReason.LEASE_LOST
    raise LedgerError(_WRITE_FAILED)


def _narrow_to_record(answer: object) -> VersionedRecord | None:
    return answer if isinstance(answer, VersionedRecord) else None
