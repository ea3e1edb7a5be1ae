"""What came in over HTTP to its results: many deliveries at once, each of them an import of its own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered
from contact_import.checks.opt_out_screening import why_not
from contact_import.checks.opt_outs import OptOuts
from contact_import.domain.object_keys import webhook_prefix
from contact_import.domain.outcomes import Outcome, Status
from contact_import.files.table import Reading
from contact_import.ledger.leases import Left, Sealed
from contact_import.ledger.ledger import LEASE_SECONDS, Claimed, Ledger
from contact_import.ledger.records import Part
from contact_import.pipelines.workers import SENDING_SECONDS
from contact_import.reports.result import Import, kept_result, write_results
from contact_import.sending.batches import Batch, cut
from contact_import.sending.deliver import Delivery
from contact_import.sending.merged import Held, Piece, bundles, deliver_together
from contact_import.webhooks.submission import Submission
from contact_import.webhooks.submission_contacts import Judge, judged, left_out

_HANDS = 16  # S3 takes its time over each object, and there are some for each delivery
_SHORT = 2.0

_UNSCREENED = "Cellcast's opt-out list could not be read by now"

type LookUp = Callable[[Line], OptOuts | Unanswered]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an import: its `result`, or None while some of it is left to a later run.

    That makes no sense before `wait` seconds are over; `why` says for people what it waits for. `fault` is what broke
    it off, if anything did.
    """

    result: dict[str, Any] | None = None
    wait: float = 0.0
    why: str = ""
    fault: BaseException | None = None


@dataclass(slots=True)
class _Opened:
    """One import of the window, as far as it has come. `sealed` are the batches that this run sealed for good.

    `opted_out` are the outcomes of people on Cellcast's opt-out list, by the numbers of their rows.
    """

    submission: Submission
    ledger: Ledger
    reading: Reading
    batches: tuple[Batch, ...]
    opted_out: Mapping[int, Outcome] = field(default_factory=dict)
    sealed: dict[int, Part] = field(default_factory=dict)
    wait: float = 0.0
    fault: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Mine:
    """A piece that this run has claimed."""

    piece: Piece
    claimed: Claimed
    opened: _Opened

    def held(self) -> Held:
        before = self.claimed.before
        return Held(self.piece, before.delivery if before else None, self.claimed.tries, self.opened.opted_out)

    def seal(self, delivery: Delivery) -> Left | Sealed:
        return self.claimed.seal(Part(self.piece.batch.number, self.piece.batch.window, delivery))


class Window:
    """Brings the submissions of a few seconds to Cellcast in few requests, and writes the results of each.

    Nothing is given up: what could not be sent stays open for a later run. `look_up` finds Cellcast's opt-out list;
    without the list nothing is sent, and without `look_up` it is not asked for.
    """

    def __init__(
        self,
        bucket: Bucket,
        line: Line,
        concurrency: int,
        now: Callable[[], datetime],
        *,
        judge: Judge = judged,
        look_up: LookUp | None = None,
    ) -> None:
        self._bucket, self._line, self._now, self._judge = bucket, line, now, judge
        self._concurrency, self._look_up = concurrency, look_up
        self._remarks: tuple[str, ...] = ()
        self._unscreened = ""
        self._opened: dict[str, _Opened] = {}

    def run(self, submissions: Sequence[Submission]) -> dict[str, Ended]:
        """What became of each, by its import id."""
        with ThreadPoolExecutor(_HANDS) as hands, ThreadPoolExecutor(self._concurrency) as callers:
            in_order = sorted(submissions, key=lambda one: (one.received_at, one.import_id))
            opening = {one.import_id: hands.submit(self._open, one) for one in in_order}
            broken = {ident: Ended(fault=fault) for ident, one in opening.items() if (fault := one.exception())}
            self._opened = {ident: one.result() for ident, one in opening.items() if ident not in broken}
            pieces = [Piece(ident, batch) for ident, one in self._opened.items() for batch in one.batches]
            if self._look_up and any(piece.batch.contacts for piece in pieces):
                self._screen(self._look_up(self._line))
            most = min((one.cut.max_contacts for one in submissions), default=1)
            for bundle, call in [(one, callers.submit(self._settle, one, hands)) for one in bundles(pieces, most)]:
                self._note_fault(bundle, call)
            endings = {ident: hands.submit(self._end, one) for ident, one in self._opened.items()}
        return broken | {ident: self._ended(ident, ending) for ident, ending in endings.items()}

    def _note_fault(self, bundle: Sequence[Piece], call: Future[None]) -> None:
        if fault := call.exception():
            for piece in bundle:
                self._opened[piece.import_id].fault = fault

    def _screen(self, found: OptOuts | Unanswered) -> None:
        """Note who gets nothing. The batches stay as they are, so that every run cuts the same ones."""
        if isinstance(found, Unanswered):
            self._unscreened = why_not(found)
            # Without Cellcast's words: this is logged.
            self._line.stop(found.words if found.is_denied else _UNSCREENED, is_failure=found.is_denied)
            return
        self._remarks = found.remarks
        for opened in self._opened.values():
            if any(one.phone_number in found.numbers for batch in opened.batches for one in batch.contacts):
                opened.opted_out = left_out(opened.submission, found.numbers, self._judge)

    def _open(self, submission: Submission) -> _Opened:
        reading, judged = self._judge(submission, frozenset())
        limits = submission.cut
        batches = cut(judged, max_contacts=limits.max_contacts, max_bytes=limits.max_bytes)
        ledger = Ledger(self._bucket, submission.import_id, self._now)
        return _Opened(submission, ledger, reading, tuple(batches))

    def _settle(self, bundle: Sequence[Piece], hands: ThreadPoolExecutor) -> None:
        """Claim the pieces of a bundle, send what is in them, and seal what came of it."""
        until = self._line.clock() + SENDING_SECONDS
        if self._line.stopped or self._line.left <= _SHORT:
            bundle = [piece for piece in bundle if not piece.batch.contacts]
        mine = self._claimed([(piece, hands.submit(self._claim, piece)) for piece in bundle])
        cuts = [self._opened[one.piece.import_id].submission.cut for one in mine]
        deliveries = deliver_together(
            [one.held() for one in mine],
            self._line,
            max_contacts=min((one.max_contacts for one in cuts), default=1),
            max_bytes=min((one.max_bytes for one in cuts), default=1),
            seconds=until - self._line.clock(),
        )
        # Of a number that came twice, the later words went out. While nobody knows of it (this run may die), no
        # later run may send the earlier ones: they are sealed first.
        both = list(zip(mine, deliveries, strict=True))
        for is_first in (True, False):
            seals = [
                (one.piece, hands.submit(one.seal, delivery), delivery)
                for one, delivery in both
                if _has_duplicates(delivery) == is_first
            ]
            for piece, seal, delivery in seals:
                self._note(piece, seal, delivery)

    def _claim(self, piece: Piece) -> Left | Claimed:
        return self._opened[piece.import_id].ledger.claim(piece.batch.number)

    def _claimed(self, claims: Sequence[tuple[Piece, Future[Left | Claimed]]]) -> list[_Mine]:
        mine = []
        for piece, claim in claims:
            if fault := claim.exception():
                self._opened[piece.import_id].fault = fault
            elif isinstance(claimed := claim.result(), Claimed):
                mine.append(_Mine(piece, claimed, self._opened[piece.import_id]))
            elif claimed is Left.BUSY:
                self._opened[piece.import_id].wait = LEASE_SECONDS
        return mine

    def _note(self, piece: Piece, seal: Future[Left | Sealed], delivery: Delivery) -> None:
        opened = self._opened[piece.import_id]
        opened.wait = max(opened.wait, delivery.wait)
        if fault := seal.exception():
            opened.fault = fault
        elif isinstance(sealed := seal.result(), Sealed) and not sealed.is_open:
            opened.sealed[piece.batch.number] = Part(piece.batch.number, piece.batch.window, delivery)

    def _end(self, opened: _Opened) -> dict[str, Any] | None:
        """Write the results of an import all of whose batches are sealed for good; give what is in them."""
        this = _import_of(opened, self._bucket)
        this.remarks.extend(self._remarks)
        if len(opened.sealed) == len(opened.batches):
            parts = [opened.sealed[number] for number in sorted(opened.sealed)]
        elif kept := kept_result(this, self._bucket):
            return kept
        else:
            found = opened.ledger.entries([batch.number for batch in opened.batches])
            parts = [
                record.outcomes
                for record in found
                if isinstance(record, Sealed) and not record.is_open and isinstance(record.outcomes, Part)
            ]
        if len(parts) < len(opened.batches):
            if why := self._why:
                opened.ledger.note_away(why)
            return None
        if not opened.submission.people:
            self._bucket.put(f"{this.prefix}delivery.json", opened.submission.kept())
        return write_results(this, self._bucket, parts, self._now)

    def _ended(self, ident: str, ending: "Future[dict[str, Any] | None]") -> Ended:
        opened = self._opened[ident]
        if fault := opened.fault or ending.exception():
            return Ended(fault=fault)
        result = ending.result()
        return Ended(result, opened.wait, "" if result else self._why)

    @property
    def _why(self) -> str:
        """Why nothing more is sent, for people."""
        return self._unscreened or self._line.stopped


def _has_duplicates(delivery: Delivery) -> bool:
    return any(outcome.status is Status.DUPLICATE for outcome in delivery.outcomes)


def _import_of(opened: _Opened, bucket: Bucket) -> Import:
    submission = opened.submission
    return Import(
        upload=Upload(bucket.name, submission.door, size=len(submission.post.body)),
        ident=submission.import_id,
        prefix=webhook_prefix(submission.import_id, submission.received_at),
        dry_run=False,
        started_at=submission.received_at,
        labels=submission.labels,
        reading=opened.reading,
        kind="webhook",
        phone_region=submission.cut.phone_region,
    )
