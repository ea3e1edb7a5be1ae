"""The plan of a large file: its batches, in units for one invocation each, under `work/<import_id>/plan/`."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import batched, groupby
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.checks.canary import CanaryBatch
from contact_import.columns.detect import Column
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_batch_records_key, make_manifest_key, make_reading_key, make_unit_key
from contact_import.domain.outcomes import RowWarning
from contact_import.files.table import ReadSummary
from contact_import.ledger.records import (
    BatchRecord,
    decode_batch_records,
    decode_batches,
    encode_batch_records,
    encode_batches,
)
from contact_import.sending.batches import Batch

UNIT_BATCHES = 50  # 20,000 contacts: some seconds of Cellcast's time, some megabytes of memory
_MAX_CANARY_BATCHES = 10_000  # more than a canary batch has: CANARY_CONTACTS is bounded
_WRITER_THREADS = 4


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What planning came to. `error` says why there is nothing, or no more, of the file in the plan.

    `sip` is the unit that is sent before any other, 0 when there is none.
    """

    units: int
    reading: ReadSummary | None
    error: str = ""
    labels: Labels = Labels()
    canary_unit: int = 0


class Plan:
    def __init__(self, bucket: Bucket, import_id: str) -> None:
        self._bucket = bucket
        self._import_id = import_id

    @property
    def manifest(self) -> str:
        """The key of the list of units, which is written last: where it is, the plan is whole."""
        return make_manifest_key(self._import_id)

    @property
    def is_written(self) -> bool:
        return self._bucket.has_object(self.manifest)

    def write_units(self, batches: Iterator[Batch], *, has_canary: bool = False) -> tuple[int, int]:
        """Store the batches, some units under way at a time. Give the number of units, and that of the sip's."""
        count = canary_unit = 0
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_WRITER_THREADS) as pool:
            for count, unit in enumerate(_group_into_units(batches, has_canary=has_canary), start=1):
                canary_unit = canary_unit or (count if has_canary and unit[0].contacts else 0)
                body = encode_batches(unit)
                waiting.append(pool.submit(self._bucket.put, make_unit_key(self._import_id, count), body))
                if len(waiting) > _WRITER_THREADS:
                    waiting.popleft().result()
            for writing in waiting:
                writing.result()
        return count, canary_unit

    def write_summary(self, summary: PlanSummary) -> None:
        reading = asdict(summary.reading) if summary.reading else None
        value = {"units": summary.units, "error": summary.error, "reading": reading, "labels": asdict(summary.labels)}
        value["canary_unit"] = summary.canary_unit
        self._bucket.put(make_reading_key(self._import_id), json.dumps(value).encode())
        units = [{"unit": number} for number in range(1, summary.units + 1)]
        self._bucket.put(self.manifest, json.dumps(units).encode())

    def read_summary(self) -> PlanSummary | None:
        """None when planning never came to its end."""
        body = self._bucket.read(make_reading_key(self._import_id))
        if not body:
            return None
        value = json.loads(body)
        reading = _parse_reading(value["reading"]) if value["reading"] else None
        labels = Labels(tuple(value["labels"]["tags"]), tuple(value["labels"]["lists"]))
        return PlanSummary(value["units"], reading, value["error"], labels, value["canary_unit"])

    def read_canary_unit(self) -> int:
        """The unit that is sent before any other, 0 when there is none."""
        summary = self.read_summary()
        return summary.canary_unit if summary else 0

    def read_unit(self, number: int) -> list[Batch]:
        body = self._bucket.read(make_unit_key(self._import_id, number))
        if body is None:
            raise LookupError("unit")
        return decode_batches(body)

    def is_unit_done(self, unit: int) -> bool:
        return self._bucket.has_object(make_batch_records_key(self._import_id, unit))

    def write_records(self, unit: int, records: Iterable[BatchRecord]) -> None:
        """Keep the outcomes of a unit all of whose batches are sealed for good as one object."""
        self._bucket.put(make_batch_records_key(self._import_id, unit), encode_batch_records(records))

    def read_records(self, unit: int) -> list[BatchRecord] | None:
        body = self._bucket.read(make_batch_records_key(self._import_id, unit))
        return None if body is None else decode_batch_records(body)


def _group_into_units(batches: Iterator[Batch], *, has_canary: bool) -> Iterator[tuple[Batch, ...]]:
    """Equally many batches each, but for the first ones with contacts, which are a unit of their own."""
    if has_canary:
        canary = CanaryBatch(batches)
        for has_contacts, group in groupby(canary.read_first(), key=lambda batch: bool(batch.contacts)):
            yield from batched(group, _MAX_CANARY_BATCHES if has_contacts else UNIT_BATCHES, strict=False)
        batches = canary.read_rest()
    yield from batched(batches, UNIT_BATCHES, strict=False)


def _parse_reading(value: dict[str, Any]) -> ReadSummary:
    return ReadSummary(
        value["format"],
        tuple(Column(**column) for column in value["columns"]),
        tuple(RowWarning(**warning) for warning in value["warnings"]),
        value["error"],
    )
