"""Save the position at which the planning of a large file stopped, for the invocation that continues it."""

import json
from dataclasses import asdict, dataclass, replace

from contact_import.aws.s3 import Bucket
from contact_import.contacts.duplicates import Seen
from contact_import.domain.object_keys import make_plan_position_key
from contact_import.sending.batches import Batch, BatchNumbers, SplitPosition

_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class PlanPosition:
    """The planned part of a file: `units` with `rows` rows, of which the last batch has the number `batches`.

    A unit may end inside a row group, whose batches are not in the order of rows. Planning therefore continues from
    `split`, before that row group, and leaves out the batches that are in a unit already. `canary_unit` is 0 until a
    unit has contacts.
    """

    units: int = 0
    rows: int = 0
    batches: int = 0
    canary_unit: int = 0
    split: SplitPosition | None = None

    def add_unit(self, unit: tuple[Batch, ...], split: SplitPosition) -> "PlanPosition":
        """Return the position after one more unit."""
        rows, units = self.rows + sum(batch.rows for batch in unit), self.units + 1
        canary_unit = self.canary_unit or (units if unit[0].contacts else 0)
        return replace(self, units=units, rows=rows, batches=unit[-1].number, canary_unit=canary_unit, split=split)


def save_position(bucket: Bucket, import_id: str, position: PlanPosition, seen: Seen) -> None:
    """Save a position and the numbers that were seen, as one object, so that both are of the same moment.

    The first line is JSON; then come the numbers, in six bytes each: ten million take 60 MB.
    """
    with bucket.open_writer(make_plan_position_key(import_id), _BINARY) as writer:
        writer.write(json.dumps(asdict(position)) + "\n")
        for data in seen.to_bytes():
            writer.write_bytes(data)


def load_position(bucket: Bucket, import_id: str) -> tuple[PlanPosition, Seen]:
    """Return the saved position and numbers, or the beginning of the file if none is saved."""
    key, seen = make_plan_position_key(import_id), Seen()
    if not bucket.has_object(key):
        return PlanPosition(), seen
    with bucket.open(key) as stream:
        value = json.loads(stream.readline())
        seen.load(stream)
    numbers = BatchNumbers(**value["split"].pop("numbers"))
    return PlanPosition(**value | {"split": SplitPosition(**value["split"], numbers=numbers)}), seen
