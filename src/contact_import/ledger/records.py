"""What is kept in the bucket between runs, as JSON: batches, their outcomes, and claims.

ASCII throughout: a lone surrogate that a broken export left in a cell survives as an escape.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Accepted, Caution, Outcome, Status
from contact_import.files.csv_rows import Row
from contact_import.ledger.leases import Claim, Sealed
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import Delivery

_STATUSES = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class Part:
    """The outcomes of one batch. Batches of one `window` share a run of consecutive rows.

    A row is in `accepted` or has its outcome in the delivery, and never both: see `sheets.abridging`.
    """

    number: int
    window: int
    delivery: Delivery
    accepted: Accepted = Accepted()


def claim_to_bytes(record: Claim | Sealed) -> bytes:
    if isinstance(record, Claim):
        before = _part_to_json(record.before) if isinstance(record.before, Part) else None
        value = {"nonce": record.nonce, "lease_ends": record.lease_ends, "tries": record.tries, "before": before}
        return _dump(value)
    assert isinstance(record.outcomes, Part)  # noqa: S101  `Ledger.settle` takes nothing else
    return _dump({"nonce": record.nonce, "is_open": record.is_open, "sealed": _part_to_json(record.outcomes)})


def claim_from_bytes(body: bytes) -> Claim | Sealed:
    value = json.loads(body)
    if "sealed" in value:
        return Sealed(value["nonce"], _part_from_json(value["sealed"]), value["is_open"])
    before = _part_from_json(value["before"]) if value["before"] else None
    return Claim(value["nonce"], value["lease_ends"], value["tries"], before)


def parts_to_bytes(parts: Iterable[Part]) -> bytes:
    return _dump([_part_to_json(part) for part in parts])


def parts_from_bytes(body: bytes) -> list[Part]:
    return [_part_from_json(value) for value in json.loads(body)]


def batches_to_bytes(batches: Iterable[Batch]) -> bytes:
    return _dump([_batch_to_json(batch) for batch in batches])


def batches_from_bytes(body: bytes) -> list[Batch]:
    return [_batch_from_json(value) for value in json.loads(body)]


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _part_to_json(part: Part) -> dict[str, Any]:
    return {
        "number": part.number,
        "window": part.window,
        "requests": part.delivery.requests,
        "messages": part.delivery.messages,
        "again": part.delivery.again,
        "outcomes": _outcomes_to_json(part.delivery.outcomes),
        "accepted": part.accepted,
    }


def _part_from_json(value: dict[str, Any]) -> Part:
    outcomes = _outcomes_from_json(value["outcomes"])
    delivery = Delivery(outcomes, value["requests"], tuple(value["messages"]), tuple(value["again"]))
    # What an earlier version of this code kept has none.
    accepted = Accepted(*map(tuple, value.get("accepted", ())))
    return Part(value["number"], value["window"], delivery, accepted)


def _batch_to_json(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "window": batch.window,
        "tags": batch.labels.tags,
        "lists": batch.labels.lists,
        "contacts": [
            (one.row.number, one.row.cells, one.values, _cautions_to_json(one.cautions)) for one in batch.contacts
        ],
        "decided": _outcomes_to_json(batch.decided),
    }


def _batch_from_json(value: dict[str, Any]) -> Batch:
    labels = Labels(tuple(value["tags"]), tuple(value["lists"]))
    contacts = tuple(
        Contact(Row(number, tuple(cells)), tuple(values), labels, _cautions_from_json(cautions))
        for number, cells, values, cautions in value["contacts"]
    )
    return Batch(value["number"], value["window"], labels, contacts, _outcomes_from_json(value["decided"]))


def _outcomes_to_json(outcomes: Iterable[Outcome]) -> list[Any]:
    return [
        (row.number, status, reason, row.cells, _cautions_to_json(cautions) if cautions else ())
        for row, status, reason, cautions in outcomes
    ]


def _outcomes_from_json(value: Sequence[Any]) -> tuple[Outcome, ...]:
    if not value:
        return ()
    numbers, statuses, reasons, cells, cautions = zip(*value, strict=True)
    rows = map(Row._make, zip(numbers, map(tuple, cells), repeat(""), repeat(""), strict=False))
    known = (_cautions_from_json(some) if some else () for some in cautions)
    return tuple(map(Outcome._make, zip(rows, map(_STATUSES.__getitem__, statuses), reasons, known, strict=True)))


def _cautions_to_json(cautions: Iterable[Caution]) -> list[tuple[str, str]]:
    return [(caution.field, caution.reason) for caution in cautions]


def _cautions_from_json(value: Iterable[tuple[str, str]]) -> tuple[Caution, ...]:
    return tuple(Caution(field, reason) for field, reason in value)
