"""How far an import is: progress.json beside its results, and a page that says that it is running.

What is written here may get lost or be late. It never fails an import, and never takes the place of a result.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from contact_import.aws.s3 import AWS_FAULTS, Bucket
from contact_import.domain.object_keys import units_done_key
from contact_import.domain.outcomes import Status
from contact_import.ledger.records import Part
from contact_import.reports.html_page import RUNNING, render_running
from contact_import.reports.result import Import
from contact_import.sending.batches import Batch

SECONDS = 5.0  # between two reports
READ_AHEAD = 64 * 1024  # so many bytes, or nearly, are read before the first row of them is seen
_TRIES = 3  # to write what another unit writes too

WAITING, READING, SENDING, WRITING, FINISHED = "waiting", "reading", "sending", "writing", "finished"


class Progress:
    """The progress of one run. `note` may be called from any thread, all else from the one that cuts the batches."""

    def __init__(self, this: Import, bucket: Bucket, now: Callable[[], datetime]) -> None:
        self._this, self._bucket, self._now = this, bucket, now
        self._stage = WAITING
        self._percent = 0.0
        self._bytes = self._settled = 0
        self._unit = 0
        self._counts: Counter[str] = Counter()
        self._noted: deque[dict[str, int]] = deque()
        self._written = 0.0

    def begin(self, stage: str) -> None:
        """Say at once that the import is at this stage; that it waits, only where nothing was said yet."""
        self._stage = stage
        with suppress(*AWS_FAULTS):
            if stage != WAITING or read(self._bucket, self._this.prefix) is None:
                self._write()

    def watch(self, batches: Iterable[Batch], at: Callable[[], int]) -> Iterator[Batch]:
        """The batches, and every few seconds a report of how many bytes, which `at` tells, they took."""
        for batch in batches:
            self._counts["read"] += batch.rows
            self._bytes = at() - READ_AHEAD
            self.tick()
            yield batch
        self._bytes = self._this.upload.size

    def tick(self, settled: int = 0) -> None:
        """So many rows more are settled. Report when the last report is some seconds old."""
        self._settled += settled
        if self._now().timestamp() - self._written < SECONDS:
            return
        if self._unit:
            self._write_unit()
        else:
            self._percent = self._share()
            self._write()

    def _share(self) -> float:
        """The percent of the bytes whose rows are settled, or read where nothing is sent yet. It never falls."""
        size, read = self._this.upload.size, self._counts["read"]
        rows = read if self._stage == READING else self._settled
        share = 100 * self._bytes * rows / (size * read) if size and read else 0.0
        return max(self._percent, min(100.0, share))

    def note(self, part: Part) -> None:
        """The outcomes of a batch: counted at once, so that none of them waits in memory for the next report."""
        outcomes, calls = part.delivery.outcomes, part.delivery.requests.get("sent", 0)
        failed = sum(outcome.status is not Status.ACCEPTED for outcome in outcomes)
        accepted = len(part.accepted.numbers) + len(outcomes) - failed
        self._noted.append({"accepted": accepted, "failed": failed, "calls": calls})

    def planned(self) -> None:
        """The file is cut: from now on its units say what they did."""
        self._stage, self._percent = SENDING, 0.0
        self._write()
        state = {"done": "0", "counts": dict(self._counts)}
        with suppress(*AWS_FAULTS):
            self._bucket.put(units_done_key(self._this.ident), json.dumps(state).encode())

    def follow(self, unit: int) -> None:
        """From now on `note` and `tick` tell of this unit."""
        self._unit, self._settled = unit, 0
        self._counts = Counter()
        self._noted.clear()
        self._written = self._now().timestamp()

    def add_unit(self, unit: int, parts: Iterable[Part]) -> None:
        """A unit is done. One that is done once more counts once."""
        self._counts = Counter()
        self._noted.clear()
        for part in parts:
            self.note(part)
        self._drain()
        with suppress(*AWS_FAULTS):
            for _ in range(_TRIES):
                if self._has_told(unit, is_done=True):
                    self._stage = SENDING
                    self._publish()
                    return

    def _write_unit(self) -> None:
        """Say how far the unit is, beside what the others say."""
        self._drain()
        own = self._counts
        self._written = self._now().timestamp()
        with suppress(*AWS_FAULTS):
            if self._has_told(self._unit, is_done=False):
                self._stage = SENDING
                self._publish()
        self._counts = own

    def resume(self) -> None:
        """Take the figures of the units, for the last stage."""
        with suppress(*AWS_FAULTS):
            if kept := self._bucket.read(units_done_key(self._this.ident)):
                self._counts.update(json.loads(kept)["counts"])
        self._percent = 100.0

    def end(self, result: Mapping[str, Any]) -> None:
        """Say that the import is over, as its result tells it."""
        rows = result["rows"]
        self._noted.clear()
        self._counts = Counter(
            read=rows["read"],
            accepted=rows["accepted"],
            failed=rows["read"] - rows["accepted"],
            calls=result["requests"]["sent"],
        )
        self._stage, self._percent = FINISHED, 100.0
        with suppress(*AWS_FAULTS):
            self._put()

    def _has_told(self, unit: int, *, is_done: bool) -> bool:
        """Put the counts of a unit among those of the others, unless it was done before, and take the sum of all."""
        key = units_done_key(self._this.ident)
        if not (found := self._bucket.read_tagged(key)):
            return False
        state = json.loads(found[0])
        done, counts, under_way = int(state["done"], 16), Counter(state["counts"]), state.get("under_way", {})
        if not done >> unit & 1:
            under_way.pop(str(unit), None)
            if is_done:
                done |= 1 << unit
                counts += self._counts
            else:
                under_way[str(unit)] = {"counts": dict(self._counts), "settled": self._settled}
            state |= {"done": f"{done:x}", "counts": dict(counts), "under_way": under_way}
            if not self._bucket.put_over(key, json.dumps(state).encode(), found[1]):
                return False
        # Not what this run counts of a unit that is under way: what an earlier one settled of it is not in there.
        settled = counts["accepted"] + counts["failed"] + sum(one.get("settled", 0) for one in under_way.values())
        for one in under_way.values():
            counts.update(one["counts"])
        self._counts = counts
        self._percent = min(100.0, 100 * settled / max(1, counts["read"]))
        return True

    def _drain(self) -> None:
        while self._noted:
            self._counts.update(self._noted.popleft())

    def _write(self) -> None:
        self._drain()
        self._publish()

    def _publish(self) -> None:
        self._written = self._now().timestamp()
        with suppress(*AWS_FAULTS):
            self._show(self._put())

    def _put(self) -> dict[str, Any]:
        figures = {
            "import_id": self._this.ident,
            "status": "finished" if self._stage == FINISHED else "running",
            "stage": self._stage,
            "percent": round(self._percent, 1),
            "rows": {name: self._counts[name] for name in ("read", "accepted", "failed")},
            "calls": self._counts["calls"],
            "dry_run": self._this.dry_run,
            "started_at": _stamp(self._this.started_at),
            "updated_at": _stamp(self._now()),
        }
        self._bucket.put(_key(self._this.prefix), json.dumps(figures).encode())
        return figures

    def _show(self, figures: Mapping[str, Any]) -> None:
        """Write the page, but never over one that tells a result: another run may be through already."""
        key = f"{self._this.prefix}report.html"
        body = render_running(figures, self._this.upload.key).encode("utf-8", "replace")
        if not (found := self._bucket.read_tagged(key)):
            self._bucket.put_over(key, body, "")
        elif RUNNING.encode() in found[0]:
            self._bucket.put_over(key, body, found[1])


def read(bucket: Bucket, prefix: str) -> dict[str, Any] | None:
    """The content of an import's progress.json, None when there is none. `prefix` is that of its results."""
    kept = bucket.read(_key(prefix))
    return json.loads(kept) if kept else None


def _key(prefix: str) -> str:
    return f"{prefix}progress.json"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
