"""How far an import is: progress.json beside its results, and a page that says that it is running.

What is written here may get lost or be late. It never fails an import, and never takes the place of a result.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_errors import AWS_ERRORS
from contact_import.domain.object_keys import make_units_done_key
from contact_import.domain.outcomes import Status
from contact_import.ledger.records import BatchRecord
from contact_import.reports.html.running_page import RUNNING_MARKER, render_running_page
from contact_import.reports.result import ImportState
from contact_import.sending.batches import Batch

UPDATE_INTERVAL_SECONDS = 5.0  # between two reports
READ_AHEAD_BYTES = 64 * 1024  # so many bytes, or nearly, are read before the first row of them is seen
_WRITE_ATTEMPTS = 3  # to write what another unit writes too

WAITING, READING, SENDING, WRITING, FINISHED = "waiting", "reading", "sending", "writing", "finished"


class ProgressReporter:
    """The progress of one run. `note` may be called from any thread, all else from the one that cuts the batches."""

    def __init__(self, state: ImportState, bucket: Bucket, now: Callable[[], datetime]) -> None:
        self._state, self._bucket, self._now = state, bucket, now
        self._stage = WAITING
        self._percent = 0.0
        self._bytes_read = self._settled_rows = 0
        self._unit = 0
        self._counts: Counter[str] = Counter()
        self._pending_counts: deque[dict[str, int]] = deque()
        self._last_write = 0.0

    def start_stage(self, stage: str) -> None:
        """Say at once that the import is at this stage; that it waits, only where nothing was said yet."""
        self._stage = stage
        with suppress(*AWS_ERRORS):
            if stage != WAITING or load_progress(self._bucket, self._state.prefix) is None:
                self._write_progress()

    def track(self, batches: Iterable[Batch], get_position: Callable[[], int]) -> Iterator[Batch]:
        """The batches, and every few seconds a report of how many bytes, which `at` tells, they took."""
        for batch in batches:
            self._counts["read"] += batch.rows
            self._bytes_read = get_position() - READ_AHEAD_BYTES
            self.update()
            yield batch
        self._bytes_read = self._state.upload.size

    def update(self, settled: int = 0) -> None:
        """So many rows more are settled. Report when the last report is some seconds old."""
        self._settled_rows += settled
        if self._now().timestamp() - self._last_write < UPDATE_INTERVAL_SECONDS:
            return
        if self._unit:
            self._write_unit_progress()
        else:
            self._percent = self._compute_percent()
            self._write_progress()

    def _compute_percent(self) -> float:
        """The percent of the bytes whose rows are settled, or read where nothing is sent yet. It never falls."""
        size, rows_read = self._state.upload.size, self._counts["read"]
        rows = rows_read if self._stage == READING else self._settled_rows
        percent = 100 * self._bytes_read * rows / (size * rows_read) if size and rows_read else 0.0
        return max(self._percent, min(100.0, percent))

    def add_record(self, record: BatchRecord) -> None:
        """The outcomes of a batch: counted at once, so that none of them waits in memory for the next report."""
        outcomes, calls = record.result.outcomes, record.result.requests.get("sent", 0)
        failed = sum(outcome.status is not Status.ACCEPTED for outcome in outcomes)
        accepted = len(record.accepted.row_numbers) + len(outcomes) - failed
        self._pending_counts.append({"accepted": accepted, "failed": failed, "calls": calls})

    def mark_planned(self) -> None:
        """The file is cut: from now on its units say what they did."""
        self._stage, self._percent = SENDING, 0.0
        self._write_progress()
        units_done = {"done": "0", "counts": dict(self._counts)}
        with suppress(*AWS_ERRORS):
            self._bucket.put(make_units_done_key(self._state.import_id), json.dumps(units_done).encode())

    def start_unit(self, unit: int) -> None:
        """From now on `note` and `tick` tell of this unit."""
        self._unit, self._settled_rows = unit, 0
        self._counts = Counter()
        self._pending_counts.clear()
        self._last_write = self._now().timestamp()

    def finish_unit(self, unit: int, records: Iterable[BatchRecord]) -> None:
        """A unit is done. One that is done once more counts once."""
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
        """Say how far the unit is, beside what the others say."""
        self._drain_pending()
        unit_counts = self._counts
        self._last_write = self._now().timestamp()
        with suppress(*AWS_ERRORS):
            if self._merge_unit_counts(self._unit, is_done=False):
                self._stage = SENDING
                self._publish()
        self._counts = unit_counts

    def load_unit_counts(self) -> None:
        """Take the figures of the units, for the last stage."""
        with suppress(*AWS_ERRORS):
            if body := self._bucket.read(make_units_done_key(self._state.import_id)):
                self._counts.update(json.loads(body)["counts"])
        self._percent = 100.0

    def finish(self, result: Mapping[str, Any]) -> None:
        """Say that the import is over, as its result tells it."""
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
        """Put the counts of a unit among those of the others, unless it was done before, and take the sum of all."""
        key = make_units_done_key(self._state.import_id)
        if not (found := self._bucket.read_with_etag(key)):
            return False
        units_done = json.loads(found[0])
        done, counts, under_way = (
            int(units_done["done"], 16),
            Counter(units_done["counts"]),
            units_done.get("under_way", {}),
        )
        if not done >> unit & 1:
            under_way.pop(str(unit), None)
            if is_done:
                done |= 1 << unit
                counts += self._counts
            else:
                under_way[str(unit)] = {"counts": dict(self._counts), "settled": self._settled_rows}
            units_done |= {"done": f"{done:x}", "counts": dict(counts), "under_way": under_way}
            if not self._bucket.put_if_match(key, json.dumps(units_done).encode(), found[1]):
                return False
        # Not what this run counts of a unit that is under way: what an earlier one settled of it is not in there.
        settled = counts["accepted"] + counts["failed"] + sum(one.get("settled", 0) for one in under_way.values())
        for one in under_way.values():
            counts.update(one["counts"])
        self._counts = counts
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
            "import_id": self._state.import_id,
            "status": "finished" if self._stage == FINISHED else "running",
            "stage": self._stage,
            "percent": round(self._percent, 1),
            "rows": {name: self._counts[name] for name in ("read", "accepted", "failed")},
            "calls": self._counts["calls"],
            "dry_run": self._state.dry_run,
            "started_at": _format_timestamp(self._state.started_at),
            "updated_at": _format_timestamp(self._now()),
        }
        self._bucket.put(_build_progress_key(self._state.prefix), json.dumps(document).encode())
        return document

    def _write_page(self, document: Mapping[str, Any]) -> None:
        """Write the page, but never over one that tells a result: another run may be through already."""
        key = f"{self._state.prefix}report.html"
        body = render_running_page(document, self._state.upload.key).encode("utf-8", "replace")
        if not (found := self._bucket.read_with_etag(key)):
            self._bucket.put_if_match(key, body, "")
        elif RUNNING_MARKER.encode() in found[0]:
            self._bucket.put_if_match(key, body, found[1])


def load_progress(bucket: Bucket, prefix: str) -> dict[str, Any] | None:
    """The content of an import's progress.json, None when there is none. `prefix` is that of its results."""
    body = bucket.read(_build_progress_key(prefix))
    return json.loads(body) if body else None


def _build_progress_key(prefix: str) -> str:
    return f"{prefix}progress.json"


def _format_timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
