"""Report the progress of a running import: progress.json beside its results, and a page that says that it is running.

Progress may be lost or late. It never fails an import, and never replaces a result.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.aws.s3_errors import AWS_ERRORS
from contact_import.domain.object_keys import make_units_done_key
from contact_import.domain.outcomes import Status
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.records import BatchRecord
from contact_import.reports.html.running_page import RUNNING_MARKER, render_running_page
from contact_import.reports.result import format_timestamp
from contact_import.sending.batches import Batch

UPDATE_INTERVAL_SECONDS = 5.0
READ_AHEAD_BYTES = 64 * 1024  # that an upload's streams buffer before its first row: the percentage would be too high
_MIN_SECONDS = 5.0  # of sending: after less, the time left cannot be estimated
_WRITE_ATTEMPTS = 3  # several units write the same object, each if it is unchanged: another one may be first

WAITING, READING, SENDING, WRITING, FINISHED = "waiting", "reading", "sending", "writing", "finished"


class ProgressReporter:
    """The progress of one run of an import, written every five seconds.

    Any thread may call `add_record`; everything else belongs to the thread that reads batches. `started_at` is the
    start of this run, until the caller learns of an earlier run. The units of a large file share one object of counts,
    which `mark_planned` begins; the last run reads it with `load_unit_counts`.
    """

    def __init__(
        self, identity: ImportIdentity, started_at: datetime, bucket: Bucket, now: Callable[[], datetime]
    ) -> None:
        self._identity, self._bucket, self._now = identity, bucket, now
        self.started_at = started_at
        self._stage = WAITING
        self._percent = 0.0
        self._bytes_read = self._settled_rows = 0
        self._unit = 0
        self._counts: Counter[str] = Counter()
        self._pending_counts: deque[dict[str, int]] = deque()
        self._last_write = 0.0
        self._sending_since = 0.0  # of the whole import, though a large file is sent by many runs

    def start_stage(self, stage: str) -> None:
        """Report that the import has reached a stage; WAITING only if no run has reported anything yet."""
        self._stage = stage
        if stage == SENDING and not self._sending_since:
            self._sending_since = self._now().timestamp()
        with suppress(*AWS_ERRORS):
            if stage != WAITING or load_progress(self._bucket, self._identity.results_prefix) is None:
                self._write_progress()

    def continue_stage(self, stage: str) -> None:
        """Report a stage that an earlier run may have begun: rows and percent do not fall back to zero."""
        with suppress(*AWS_ERRORS):
            earlier = load_progress(self._bucket, self._identity.results_prefix)
            if earlier and earlier["stage"] == stage:
                self._percent, self._counts["read"] = earlier["percent"], earlier["rows"]["read"]
        self.start_stage(stage)

    def track(self, batches: Iterable[Batch], get_position: Callable[[], int], rows_before: int = 0) -> Iterator[Batch]:
        """Yield the batches, and report every few seconds. `get_position` returns how many bytes have been read."""
        self._counts["read"] = rows_before
        for batch in batches:
            self._counts["read"] += batch.rows
            self._bytes_read = get_position() - READ_AHEAD_BYTES
            self.update()
            yield batch
        self._bytes_read = self._identity.upload.size

    def update(self, settled: int = 0) -> None:
        """Count `settled` more rows, and report if the last report is older than the interval."""
        self._settled_rows += settled
        if self._now().timestamp() - self._last_write < UPDATE_INTERVAL_SECONDS:
            return
        if self._unit:
            self._write_unit_progress()
        else:
            self._percent = self._compute_percent()
            self._write_progress()

    def _compute_percent(self) -> float:
        """Return the share of the bytes whose rows are settled, or read while nothing is sent. It never falls."""
        size, rows_read = self._identity.upload.size, self._counts["read"]
        rows = rows_read if self._stage == READING else self._settled_rows
        percent = 100 * self._bytes_read * rows / (size * rows_read) if size and rows_read else 0.0
        return max(self._percent, min(100.0, percent))

    def add_record(self, record: BatchRecord) -> None:
        """Count the outcomes of a batch."""
        outcomes, calls = record.result.outcomes, record.result.requests.get("sent", 0)
        failed = sum(outcome.status is not Status.ACCEPTED for outcome in outcomes)
        accepted = len(record.accepted.row_numbers) + len(outcomes) - failed
        # Counts rather than the record: a quick import would hold the rows of all records until the next report, a
        # quarter of a million of them. Appending to a deque needs no lock.
        self._pending_counts.append({"accepted": accepted, "failed": failed, "calls": calls})

    def mark_planned(self) -> None:
        """Report that the file is split into units. From now on the units report their own counts."""
        self._stage, self._percent, self._sending_since = SENDING, 0.0, self._now().timestamp()
        self._write_progress()
        units_done = {"done": "0", "counts": dict(self._counts), "sending_since": self._sending_since}
        with suppress(*AWS_ERRORS):
            self._bucket.put_json(make_units_done_key(self._identity.import_id), units_done)

    def start_unit(self, unit: int) -> None:
        """Count from zero: the next calls of `add_record` and `update` count for this unit."""
        self._unit, self._settled_rows = unit, 0
        self._counts = Counter()
        self._pending_counts.clear()
        self._last_write = self._now().timestamp()

    def finish_unit(self, unit: int, records: Iterable[BatchRecord]) -> None:
        """Report that a unit is done. A unit that is finished twice counts once."""
        self._counts = Counter()
        self._pending_counts.clear()
        for record in records:
            self.add_record(record)
        self._drain_pending()
        with suppress(*AWS_ERRORS):
            for _ in range(_WRITE_ATTEMPTS):
                if self._merge_unit_counts(unit, is_done=True):
                    self._stage = SENDING
                    self._publish()
                    return

    def _write_unit_progress(self) -> None:
        """Report the counts of the current unit together with those of the other units."""
        self._drain_pending()
        unit_counts = self._counts
        self._last_write = self._now().timestamp()
        with suppress(*AWS_ERRORS):
            if self._merge_unit_counts(self._unit, is_done=False):
                self._stage = SENDING
                self._publish()
        self._counts = unit_counts

    def load_unit_counts(self) -> None:
        """Load the counts of all units, for the last stage."""
        with suppress(*AWS_ERRORS):
            if stored := self._bucket.read_json(make_units_done_key(self._identity.import_id)):
                self._counts.update(stored["counts"])
        self._percent = 100.0

    def finish(self, result: Mapping[str, Any]) -> None:
        """Report that the import is finished, with the counts of its result. report.html is already the final page."""
        rows = result["rows"]
        self._pending_counts.clear()
        self._counts = Counter(
            read=rows["read"],
            accepted=rows["accepted"],
            failed=rows["read"] - rows["accepted"],
            calls=result["requests"]["sent"],
        )
        self._stage, self._percent = FINISHED, 100.0
        with suppress(*AWS_ERRORS):
            self._write_json()

    def _merge_unit_counts(self, unit: int, *, is_done: bool) -> bool:
        """Store the counts of a unit beside those of the others, unless it was done before, and continue with the sum.

        Return False if another unit wrote at the same time. `done` is the set of finished units as bits of a
        hexadecimal number ("6": units 1 and 2), `counts` their sum; `under_way` has the counts of the other units.
        """
        key = make_units_done_key(self._identity.import_id)
        if not (found := self._bucket.read_with_etag(key)):
            return False
        stored = json.loads(found[0])
        done, counts, under_way = int(stored["done"], 16), Counter(stored["counts"]), stored.get("under_way", {})
        if not done >> unit & 1:
            under_way.pop(str(unit), None)
            if is_done:
                done |= 1 << unit
                counts += self._counts
            else:
                under_way[str(unit)] = {"counts": dict(self._counts), "settled": self._settled_rows}
            stored |= {"done": f"{done:x}", "counts": dict(counts), "under_way": under_way}
            if not self._bucket.put_if_match(key, encode_json(stored), found[1]):
                return False
        # `settled` of a unit rather than its counts: those lack the batches that an earlier run of the unit settled.
        settled = counts["accepted"] + counts["failed"] + sum(one.get("settled", 0) for one in under_way.values())
        for one in under_way.values():
            counts.update(one["counts"])
        self._counts, self._sending_since = counts, stored.get("sending_since", 0.0)
        self._percent = min(100.0, 100 * settled / max(1, counts["read"]))
        return True

    def _drain_pending(self) -> None:
        while self._pending_counts:
            self._counts.update(self._pending_counts.popleft())

    def _write_progress(self) -> None:
        self._drain_pending()
        self._publish()

    def _publish(self) -> None:
        self._last_write = self._now().timestamp()
        with suppress(*AWS_ERRORS):
            self._write_page(self._write_json())

    def _write_json(self) -> dict[str, Any]:
        document = {
            "import_id": self._identity.import_id,
            "status": "finished" if self._stage == FINISHED else "running",
            "stage": self._stage,
            "percent": round(self._percent, 1),
            "seconds_left": self._estimate_seconds_left(),
            "rows": {name: self._counts[name] for name in ("read", "accepted", "failed")},
            "calls": self._counts["calls"],
            "dry_run": self._identity.is_dry_run,
            "started_at": format_timestamp(self.started_at),
            "updated_at": format_timestamp(self._now()),
        }
        self._bucket.put_json(_make_progress_key(self._identity.results_prefix), document)
        return document

    def _estimate_seconds_left(self) -> int | None:
        """Return how many seconds the rest of sending takes at the pace so far, None if it is too early to say."""
        elapsed = self._now().timestamp() - self._sending_since
        if self._stage != SENDING or not self._sending_since or elapsed < _MIN_SECONDS or self._percent < 1:
            return None
        return round(elapsed * (100 - self._percent) / self._percent)

    def _write_page(self, document: Mapping[str, Any]) -> None:
        """Write the page, unless the stored page is the report: another run may have finished the import meanwhile."""
        key = f"{self._identity.results_prefix}report.html"
        body = render_running_page(document, self._identity.upload.key).encode("utf-8", "replace")
        if not (found := self._bucket.read_with_etag(key)):
            self._bucket.put_if_match(key, body, "")
        elif RUNNING_MARKER.encode() in found[0]:
            self._bucket.put_if_match(key, body, found[1])


def load_progress(bucket: Bucket, results_prefix: str) -> dict[str, Any] | None:
    """Return the content of an import's progress.json, None if there is none."""
    progress: dict[str, Any] | None = bucket.read_json(_make_progress_key(results_prefix))
    return progress


def _make_progress_key(results_prefix: str) -> str:
    return f"{results_prefix}progress.json"
