"""Keep the ledger of one import: everything that must survive a run, under `work/<import_id>/` in the bucket."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.domain.object_keys import (
    make_config_key,
    make_group_key,
    make_groups_prefix,
    make_handed_over_key,
    make_stop_key,
    make_unavailable_key,
)
from contact_import.errors import LedgerError, UnfinishedError
from contact_import.ledger.group_store import GroupStore
from contact_import.ledger.import_config import ImportConfig
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
from contact_import.ledger.read_ahead import read_ahead
from contact_import.ledger.records import BatchRecord, GroupRecord, decode_ledger_record, encode_ledger_record

# The lease of a claim. Its owner stops sending well before (`pipelines.workers.SENDING_SECONDS`), so that the clocks of
# two runs may differ by seconds. A commit group takes some seconds at the whole rate limit, and ten times as long if
# ten imports share it. After a crash, the next run waits until the lease ends.
LEASE_SECONDS = 90.0

_CONFIG_LOST = "The configuration of the import could not be stored."


@dataclass(frozen=True, slots=True)
class ActiveClaim:
    """A commit group that this run has claimed, and may send until its lease expires.

    `attempts` counts the owners after `previous`, this run included: each earlier one died, and may have sent any of
    the batches. `previous` has the records of a partial commit, None without one. `commit` writes the outcomes.
    """

    attempts: int
    previous: GroupRecord | None
    commit: Callable[[GroupRecord], SkipReason | Committed]


class Ledger:
    """The ledger of one import. `now` returns the time of day in UTC, by which the runs compare their leases.

    With a `cache`, this run reads its own commits from the local disk instead of S3. The states of the commit groups
    are in `group_store`, by default in the bucket.
    """

    def __init__(
        self,
        bucket: Bucket,
        import_id: str,
        now: Callable[[], datetime],
        make_attempt_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        *,
        cache: LocalCache | None = None,
        group_store: GroupStore | None = None,
    ) -> None:
        self._bucket = bucket
        self._group_store = group_store or bucket
        self._import_id = import_id
        self._make_attempt_id = make_attempt_id
        self._now = lambda: now().timestamp()
        self._cache = cache

    @property
    def import_id(self) -> str:
        """Return the id of the import."""
        return self._import_id

    @property
    def has_begun(self) -> bool:
        """Return whether a run has saved the configuration of the import."""
        return self._bucket.has_object(make_config_key(self._import_id))

    def find_config(self) -> ImportConfig | None:
        """Return the configuration that the first run saved, None before that."""
        stored = self._bucket.read_json(make_config_key(self._import_id))
        return ImportConfig.from_json(stored) if stored else None

    def load_config(self) -> ImportConfig:
        """Return the configuration that the first run saved. Raise LedgerError if there is none."""
        if config := self.find_config():
            return config
        raise LedgerError(_CONFIG_LOST)

    def save_config_once(self, config: ImportConfig) -> ImportConfig:
        """Save the configuration unless another run was first. Return the saved one, which every run uses."""
        self._bucket.put_if_match(make_config_key(self._import_id), encode_json(config.to_json()), "")
        # Read it also after a successful write: two runs must never work with two configurations.
        return self.load_config()

    def settle(self, group: int, send: Callable[[int, GroupRecord | None], GroupRecord]) -> SkipReason | Committed:
        """Claim a commit group, send it and commit its records. Return a SkipReason if another run has it.

        `send` gets `attempts` and `previous` of the ActiveClaim, and returns the records to commit.
        """
        claimed = self.claim(group)
        return claimed if isinstance(claimed, SkipReason) else claimed.commit(send(claimed.attempts, claimed.previous))

    def claim(self, group: int) -> SkipReason | ActiveClaim:
        """Claim a commit group: the first half of `settle`, for a caller that sends several groups together."""
        key = make_group_key(self._import_id, group)
        # LEASE_SECONDS is read at each call: the crash tests shorten it.
        protocol = settle(self._make_attempt_id(), self._now, LEASE_SECONDS)
        step = self._advance(protocol, key, None)
        if not isinstance(step, Send):
            assert isinstance(step, SkipReason)  # noqa: S101  nothing is committed before it was sent
            return step

        def commit(records: GroupRecord) -> SkipReason | Committed:
            return _expect_settled(self._advance(protocol, key, _make_done(records)))

        return ActiveClaim(step.attempts, _narrow_to_records(step.previous), commit)

    def commit_unsent(
        self, group: int, mark_unsent: Callable[[int, GroupRecord | None], GroupRecord]
    ) -> SkipReason | Committed:
        """Commit a group without sending it, so that a report that calls its contacts unsent stays true.

        `mark_unsent` gets `attempts` and `previous` as `send` of `settle` does, and returns the records to commit.
        """
        key, protocol = make_group_key(self._import_id, group), commit_unsent(self._make_attempt_id(), self._now)
        step = self._advance(protocol, key, None)
        while isinstance(step, Send | MarkUnsent):
            records = mark_unsent(step.attempts, _narrow_to_records(step.previous))
            step = self._advance(protocol, key, _make_done(records))
        return step

    def read_group_states(self, groups: Iterable[int] | None = None) -> Iterator[Claim | Committed | None]:
        """Yield the states of the given groups, or of all groups in the bucket, in order; None for no state."""
        assert groups is not None or self._group_store is self._bucket  # noqa: S101  only the bucket lists its keys
        keys = (
            self._bucket.list_keys(make_groups_prefix(self._import_id))
            if groups is None
            else (make_group_key(self._import_id, group) for group in groups)
        )
        yield from read_ahead(self._read_state, keys)

    def read_batch_records(self, groups: Iterable[int] | None = None) -> Iterator[BatchRecord]:
        """Yield the records of the batches of the given groups, or of all groups in the ledger, in order.

        Raise UnfinishedError at a group that is not finally committed.
        """
        for state in self.read_group_states(groups):
            if not isinstance(state, Committed) or state.is_partial:
                raise UnfinishedError("Another run is working on this import.")
            assert isinstance(state.outcomes, tuple)  # noqa: S101  `settle` commits nothing else
            yield from state.outcomes

    def mark_handed_over(self) -> None:
        """Leave the import to the state machine, also if its event is delivered again."""
        self._bucket.put_json(make_handed_over_key(self._import_id), {})

    @property
    def is_handed_over(self) -> bool:
        """Return whether the import was left to the state machine."""
        return self._bucket.has_object(make_handed_over_key(self._import_id))

    def mark_stopped(self, reason: str) -> None:
        """Stop the import: every unit reads the mark before it sends. The first reason is kept."""
        if not self.stop_reason:
            self._bucket.put_json(make_stop_key(self._import_id), {"reason": reason})

    @property
    def is_stopped_by_user(self) -> bool:
        """Return whether a person stopped the import: then the contacts sent before are a result, not a failure."""
        stored = self._bucket.read_json(make_stop_key(self._import_id))
        return bool(stored and stored.get("by_user"))

    @property
    def stop_reason(self) -> str:
        """Return why nothing more may be sent for this import, "" while it may."""
        return self._read_reason(make_stop_key(self._import_id))

    def mark_unavailable(self, reason: str) -> None:
        """Save the last error of an endpoint that is unavailable, for the report."""
        self._bucket.put_json(make_unavailable_key(self._import_id), {"reason": reason})

    @property
    def unavailable_reason(self) -> str:
        """Return the last error of an unavailable endpoint, "" if there was none."""
        return self._read_reason(make_unavailable_key(self._import_id))

    def _read_reason(self, key: str) -> str:
        stored = self._bucket.read_json(key)
        return str(stored["reason"]) if stored else ""

    def _advance(
        self, protocol: EffectGenerator[SkipReason | Committed], key: str, answer: object
    ) -> Send | MarkUnsent | SkipReason | Committed:
        """Perform the reads and writes that the protocol yields, until it ends or yields a step for the caller."""
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
                    answer = self._group_store.put_if_match(key, body, expected_etag)
                    if answer and self._cache and isinstance(record, Committed) and not record.is_partial:
                        self._cache.save(key, body)  # a final commit is never replaced, so the copy stays valid
                case Send() | MarkUnsent():
                    return effect

    def _read_state(self, key: str) -> Claim | Committed | None:
        if self._cache and (body := self._cache.read(key)):
            return decode_ledger_record(body)
        found = self._read_versioned(key)
        return found.record if found else None

    def _read_versioned(self, key: str) -> VersionedRecord | None:
        found = self._group_store.read_with_etag(key)
        return VersionedRecord(found[1], decode_ledger_record(found[0])) if found else None


def _narrow_to_records(previous: object) -> GroupRecord | None:
    return previous if isinstance(previous, tuple) else None


def _make_done(records: GroupRecord) -> Done:
    return Done(records, is_partial=any(record.result.retry_rows for record in records))


def _expect_settled(step: Send | MarkUnsent | SkipReason | Committed) -> SkipReason | Committed:
    assert isinstance(step, SkipReason | Committed)  # noqa: S101  the protocol commits what was sent, and ends
    return step
