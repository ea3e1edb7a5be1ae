"""What must survive: the outcomes of each batch, under `work/<import_id>/` in the bucket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from contact_import.bucket import Bucket
from contact_import.deliveries import Delivery
from contact_import.keys import batch_key, batches_prefix
from contact_import.outcomes import Caution, Outcome, Status
from contact_import.rows import Row


@dataclass(frozen=True, slots=True)
class Part:
    """The outcomes of one batch. Batches of one `window` share a run of consecutive rows."""

    number: int
    window: int
    delivery: Delivery


class Ledger:
    def __init__(self, bucket: Bucket, import_id: str) -> None:
        self._bucket = bucket
        self._import_id = import_id

    def done(self) -> frozenset[int]:
        """The numbers of the batches whose outcomes are there: an earlier run of this import sent them."""
        keys = self._bucket.keys(batches_prefix(self._import_id))
        return frozenset(int(key.rpartition("/")[2].removesuffix(".json")) for key in keys)

    def put(self, part: Part) -> None:
        self._bucket.put(batch_key(self._import_id, part.number), encode(part))

    def parts(self) -> Iterator[Part]:
        """All of them in the order of their numbers, one in memory."""
        for key in self._bucket.keys(batches_prefix(self._import_id)):
            body = self._bucket.read(key)
            if body is not None:
                yield decode(body)


def encode(part: Part) -> bytes:
    delivery = part.delivery
    value = {
        "number": part.number,
        "window": part.window,
        "requests": delivery.requests,
        "messages": delivery.messages,
        "outcomes": [
            (
                outcome.row.number,
                outcome.status,
                outcome.reason,
                outcome.row.cells,
                [(caution.field, caution.reason) for caution in outcome.cautions],
            )
            for outcome in delivery.outcomes
        ],
    }
    # ASCII: a lone surrogate that a broken export left in a cell survives as an escape.
    return json.dumps(value, separators=(",", ":")).encode()


def decode(body: bytes) -> Part:
    value = json.loads(body)
    outcomes = tuple(
        Outcome(
            Row(number, tuple(cells)),
            Status(status),
            reason,
            tuple(Caution(field, why) for field, why in cautions),
        )
        for number, status, reason, cells, cautions in value["outcomes"]
    )
    return Part(value["number"], value["window"], Delivery(outcomes, value["requests"], tuple(value["messages"])))
