"""The plan of a large file: its batches, in units for one invocation each, under `work/<import_id>/plan/`."""

import json
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import batched
from typing import Any

from contact_import.batches import Batch
from contact_import.bucket import Bucket
from contact_import.columns import Column
from contact_import.keys import manifest_key, parts_key, reading_key, unit_key
from contact_import.labels import Labels
from contact_import.outcomes import Caution
from contact_import.records import Part, batches_from_bytes, batches_to_bytes, parts_from_bytes, parts_to_bytes
from contact_import.tables import Reading

UNIT_BATCHES = 50  # 20,000 contacts: some seconds of Cellcast's time, some megabytes of memory
_WRITERS = 4


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning came to. `error` says why there is nothing, or no more, of the file in the plan."""

    units: int
    reading: Reading | None
    error: str = ""
    labels: Labels = Labels()


class Plan:
    def __init__(self, bucket: Bucket, import_id: str) -> None:
        self._bucket = bucket
        self._import_id = import_id

    @property
    def manifest(self) -> str:
        """The key of the list of units, which is written last: where it is, the plan is whole."""
        return manifest_key(self._import_id)

    @property
    def is_made(self) -> bool:
        return self._bucket.has(self.manifest)

    def write_units(self, batches: Iterable[Batch]) -> int:
        """Store the batches, some units under way at a time, and give the number of units."""
        count = 0
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_WRITERS) as pool:
            for count, unit in enumerate(batched(batches, UNIT_BATCHES, strict=False), start=1):
                body = batches_to_bytes(unit)
                waiting.append(pool.submit(self._bucket.put, unit_key(self._import_id, count), body))
                if len(waiting) > _WRITERS:
                    waiting.popleft().result()
            for writing in waiting:
                writing.result()
        return count

    def finish(self, planned: Planned) -> None:
        reading = asdict(planned.reading) if planned.reading else None
        value = {"units": planned.units, "error": planned.error, "reading": reading, "labels": asdict(planned.labels)}
        self._bucket.put(reading_key(self._import_id), json.dumps(value).encode())
        units = [{"unit": number} for number in range(1, planned.units + 1)]
        self._bucket.put(self.manifest, json.dumps(units).encode())

    def planned(self) -> Planned | None:
        """None when planning never came to its end."""
        kept = self._bucket.read(reading_key(self._import_id))
        if not kept:
            return None
        value = json.loads(kept)
        reading = _reading_from_json(value["reading"]) if value["reading"] else None
        labels = Labels(tuple(value["labels"]["tags"]), tuple(value["labels"]["lists"]))
        return Planned(value["units"], reading, value["error"], labels)

    def unit(self, number: int) -> list[Batch]:
        body = self._bucket.read(unit_key(self._import_id, number))
        if body is None:
            raise LookupError("unit")
        return batches_from_bytes(body)

    def is_done(self, unit: int) -> bool:
        return self._bucket.has(parts_key(self._import_id, unit))

    def write_parts(self, unit: int, parts: Iterable[Part]) -> None:
        """Keep the outcomes of a unit all of whose batches are sealed for good as one object."""
        self._bucket.put(parts_key(self._import_id, unit), parts_to_bytes(parts))

    def parts(self, unit: int) -> list[Part] | None:
        body = self._bucket.read(parts_key(self._import_id, unit))
        return None if body is None else parts_from_bytes(body)


def _reading_from_json(value: dict[str, Any]) -> Reading:
    return Reading(
        value["format"],
        tuple(Column(**column) for column in value["columns"]),
        tuple(Caution(**caution) for caution in value["cautions"]),
        value["error"],
    )
