"""The plan of a large file: its batches, in units for one invocation each, under `work/<import_id>/plan/`."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import batched, groupby
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.checks.canary import Sip
from contact_import.columns.detect import Column
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import manifest_key, parts_key, reading_key, unit_key
from contact_import.domain.outcomes import Caution
from contact_import.files.table import Reading
from contact_import.ledger.records import Part, batches_from_bytes, batches_to_bytes, parts_from_bytes, parts_to_bytes
from contact_import.sending.batches import Batch

UNIT_BATCHES = 50  # 20,000 contacts: some seconds of Cellcast's time, some megabytes of memory
_SIP_BATCHES = 10_000  # more than any sip has: FIRST_SIP is bounded
_WRITERS = 4


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning came to. `error` says why there is nothing, or no more, of the file in the plan.

    `sip` is the unit that is sent before any other, 0 when there is none.
    """

    units: int
    reading: Reading | None
    error: str = ""
    labels: Labels = Labels()
    sip: int = 0


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

    def write_units(self, batches: Iterator[Batch], *, has_sip: bool = False) -> tuple[int, int]:
        """Store the batches, some units under way at a time. Give the number of units, and that of the sip's."""
        count = sip = 0
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_WRITERS) as pool:
            for count, unit in enumerate(_units(batches, has_sip=has_sip), start=1):
                sip = sip or (count if has_sip and unit[0].contacts else 0)
                body = batches_to_bytes(unit)
                waiting.append(pool.submit(self._bucket.put, unit_key(self._import_id, count), body))
                if len(waiting) > _WRITERS:
                    waiting.popleft().result()
            for writing in waiting:
                writing.result()
        return count, sip

    def finish(self, planned: Planned) -> None:
        reading = asdict(planned.reading) if planned.reading else None
        value = {"units": planned.units, "error": planned.error, "reading": reading, "labels": asdict(planned.labels)}
        value["sip"] = planned.sip
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
        return Planned(value["units"], reading, value["error"], labels, value.get("sip", 0))

    def sip(self) -> int:
        """The unit that is sent before any other, 0 when there is none."""
        planned = self.planned()
        return planned.sip if planned else 0

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


def _units(batches: Iterator[Batch], *, has_sip: bool) -> Iterator[tuple[Batch, ...]]:
    """Equally many batches each, but for the first ones with contacts, which are a unit of their own."""
    if has_sip:
        sip = Sip(batches)
        for has_contacts, group in groupby(sip.first(), key=lambda batch: bool(batch.contacts)):
            yield from batched(group, _SIP_BATCHES if has_contacts else UNIT_BATCHES, strict=False)
        batches = sip.rest()
    yield from batched(batches, UNIT_BATCHES, strict=False)


def _reading_from_json(value: dict[str, Any]) -> Reading:
    return Reading(
        value["format"],
        tuple(Column(**column) for column in value["columns"]),
        tuple(Caution(**caution) for caution in value["cautions"]),
        value["error"],
    )
