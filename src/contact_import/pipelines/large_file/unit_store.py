"""Store the units of a large file: batches to send, and records of units that are done, under `work/<import_id>/`."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.columns.detect import Column
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_batch_records_key, make_manifest_key, make_reading_key, make_unit_key
from contact_import.domain.outcomes import RowWarning
from contact_import.files.table import ReadSummary
from contact_import.ledger.records import (
    BatchRecord,
    parse_batch_records,
    parse_batches,
    serialize_batch_records,
    serialize_batches,
)
from contact_import.sending.batches import Batch

_WRITER_THREADS = 4


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The outcome of planning. `error` is why the plan lacks all or a part of the file, "" if it is complete.

    Units are numbered from 1. `canary_unit` is sent before any other unit, 0 if there is none.
    """

    units: int
    reading: ReadSummary | None
    error: str = ""
    labels: Labels = Labels()
    canary_unit: int = 0


class UnitStore:
    """The units of one import."""

    def __init__(self, bucket: Bucket, import_id: str) -> None:
        self._bucket = bucket
        self._import_id = import_id

    @property
    def manifest_key(self) -> str:
        """Return the key of the list of units, from which the Distributed Map reads its items.

        The manifest is written last: a plan that has it is complete.
        """
        return make_manifest_key(self._import_id)

    @property
    def is_planned(self) -> bool:
        """Return whether the plan is complete."""
        return self._bucket.has_object(self.manifest_key)

    def write_units(self, units: Iterable[tuple[Batch, ...]], first_number: int = 1) -> None:
        """Store the units with consecutive numbers, up to four at the same time."""
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_WRITER_THREADS) as pool:
            for number, unit in enumerate(units, start=first_number):
                # Encoded before it waits: the bytes take a fraction of the batches' memory.
                body = encode_json(serialize_batches(unit))
                waiting.append(pool.submit(self._bucket.put, make_unit_key(self._import_id, number), body))
                # The oldest write must end before another begins, so that few units are in memory.
                if len(waiting) > _WRITER_THREADS:
                    waiting.popleft().result()
            for writing in waiting:
                writing.result()

    def write_summary(self, summary: PlanSummary) -> None:
        """Store the summary, then the manifest, which completes the plan."""
        value = {
            "units": summary.units,
            "error": summary.error,
            "reading": asdict(summary.reading) if summary.reading else None,
            "labels": asdict(summary.labels),
            "canary_unit": summary.canary_unit,
        }
        self._bucket.put_json(make_reading_key(self._import_id), value)
        self._bucket.put_json(self.manifest_key, [{"unit": number} for number in range(1, summary.units + 1)])

    def read_summary(self) -> PlanSummary | None:
        """Return the summary, None if planning did not end."""
        value = self._bucket.read_json(make_reading_key(self._import_id))
        if not value:
            return None
        reading = _parse_reading(value["reading"]) if value["reading"] else None
        labels = Labels(tuple(value["labels"]["tags"]), tuple(value["labels"]["lists"]))
        return PlanSummary(value["units"], reading, value["error"], labels, value["canary_unit"])

    def read_canary_unit(self) -> int:
        """Return the number of the unit that is sent before any other, 0 if there is none."""
        summary = self.read_summary()
        return summary.canary_unit if summary else 0

    def read_unit(self, number: int) -> list[Batch]:
        """Return the batches of a unit. Raise LookupError if the plan has no such unit."""
        value = self._bucket.read_json(make_unit_key(self._import_id, number))
        if value is None:
            raise LookupError("unit")
        return parse_batches(value)

    def is_unit_done(self, unit: int) -> bool:
        """Return whether the records of a unit are stored."""
        return self._bucket.has_object(make_batch_records_key(self._import_id, unit))

    def write_records(self, unit: int, records: Iterable[BatchRecord]) -> None:
        """Store the records of a unit, all finally committed, as one object, which also marks the unit as done."""
        self._bucket.put_json(make_batch_records_key(self._import_id, unit), serialize_batch_records(records))

    def read_records(self, unit: int) -> list[BatchRecord] | None:
        """Return the records of a unit, None if it is not done."""
        value = self._bucket.read_json(make_batch_records_key(self._import_id, unit))
        return None if value is None else parse_batch_records(value)


def _parse_reading(value: dict[str, Any]) -> ReadSummary:
    return ReadSummary(
        value["format"],
        tuple(Column(**column) for column in value["columns"]),
        tuple(RowWarning(**warning) for warning in value["warnings"]),
        value["error"],
    )
