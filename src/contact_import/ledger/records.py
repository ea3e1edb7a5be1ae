"""Serialize and parse the objects that the bucket stores between runs: batches, their outcomes, and claims.

Rows and outcomes are arrays, not objects: an import of a million rows writes and parses each of them.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from contact_import.aws.s3 import encode_json
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.leases import Claim, Committed
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult

_STATUSES = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """The outcomes of one batch. Batches of one `row_group` share a run of consecutive rows of the file.

    A row is in `accepted` or has an outcome in `result`, never both (see `compaction`).
    """

    number: int
    row_group: int
    result: BatchResult
    accepted: AcceptedLines = AcceptedLines()


# The outcomes of a commit group, one record for each of its batches. `Claim.previous` and `Committed.outcomes` have it.
type GroupRecord = tuple[BatchRecord, ...]


def encode_ledger_record(record: Claim | Committed) -> bytes:
    """Return the state of a commit group as the body of its object, in JSON."""
    if isinstance(record, Claim):
        previous = serialize_batch_records(record.previous) if isinstance(record.previous, tuple) else None
        value = {
            "attempt_id": record.attempt_id,
            "lease_expires_at": record.lease_expires_at,
            "attempts": record.attempts,
            "previous": previous,
        }
        return encode_json(value)
    assert isinstance(record.outcomes, tuple)  # noqa: S101  `Ledger.settle` commits nothing else
    return encode_json(
        {
            "attempt_id": record.attempt_id,
            "is_partial": record.is_partial,
            "committed": serialize_batch_records(record.outcomes),
        }
    )


def decode_ledger_record(body: bytes) -> Claim | Committed:
    """Parse the object of a commit group."""
    value = json.loads(body)
    if "committed" in value:
        return Committed(value["attempt_id"], tuple(parse_batch_records(value["committed"])), value["is_partial"])
    previous = tuple(parse_batch_records(value["previous"])) if value["previous"] else None
    return Claim(value["attempt_id"], value["lease_expires_at"], value["attempts"], previous)


def serialize_batch_records(records: Iterable[BatchRecord]) -> list[Any]:
    """Return the records of a unit as a JSON value."""
    return [_serialize_batch_record(record) for record in records]


def parse_batch_records(value: Iterable[Any]) -> list[BatchRecord]:
    """Parse a value that `serialize_batch_records` returned."""
    return [_parse_batch_record(one) for one in value]


def serialize_batches(batches: Iterable[Batch]) -> list[Any]:
    """Return the batches of a unit, which are to be sent later, as a JSON value."""
    return [_serialize_batch(batch) for batch in batches]


def parse_batches(value: Iterable[Any]) -> list[Batch]:
    """Parse a value that `serialize_batches` returned. `body` of each batch is empty, and built when it is sent."""
    return [_parse_batch(one) for one in value]


def _serialize_batch_record(record: BatchRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "row_group": record.row_group,
        "requests": record.result.requests,
        "messages": record.result.messages,
        "retry_rows": record.result.retry_rows,
        "outcomes": _serialize_outcomes(record.result.outcomes),
        "accepted": record.accepted,
    }


def _parse_batch_record(value: dict[str, Any]) -> BatchRecord:
    outcomes = _parse_outcomes(value["outcomes"])
    result = BatchResult(outcomes, value["requests"], tuple(value["messages"]), tuple(value["retry_rows"]))
    accepted = AcceptedLines(*map(tuple, value["accepted"]))
    return BatchRecord(value["number"], value["row_group"], result, accepted)


def _serialize_batch(batch: Batch) -> dict[str, Any]:
    return {
        "number": batch.number,
        "row_group": batch.row_group,
        "commit_group": batch.commit_group,
        "tags": batch.labels.tags,
        "lists": batch.labels.lists,
        "contacts": [
            (one.row.number, one.row.cells, one.values, _serialize_warnings(one.warnings)) for one in batch.contacts
        ],
        "decided": _serialize_outcomes(batch.decided),
    }


def _parse_batch(value: dict[str, Any]) -> Batch:
    labels = Labels(tuple(value["tags"]), tuple(value["lists"]))
    contacts = tuple(
        Contact(Row(number, tuple(cells)), tuple(values), labels, _parse_warnings(warnings))
        for number, cells, values, warnings in value["contacts"]
    )
    decided = _parse_outcomes(value["decided"])
    return Batch(value["number"], value["row_group"], labels, contacts, decided, value["commit_group"])


def _serialize_outcomes(outcomes: Iterable[Outcome]) -> list[Any]:
    return [
        (row.number, status, reason, row.cells, _serialize_warnings(warnings) if warnings else ())
        for row, status, reason, warnings in outcomes
    ]


def _parse_outcomes(value: Sequence[Any]) -> tuple[Outcome, ...]:
    if not value:
        return ()
    # By column rather than by row: `map` over whole columns takes a fraction of a loop's time.
    numbers, statuses, reasons, cells, warnings = zip(*value, strict=True)
    rows = map(Row._make, zip(numbers, map(tuple, cells), repeat(""), repeat(""), strict=False))
    parsed_warnings = (_parse_warnings(some) if some else () for some in warnings)
    return tuple(
        map(Outcome._make, zip(rows, map(_STATUSES.__getitem__, statuses), reasons, parsed_warnings, strict=True))
    )


def _serialize_warnings(warnings: Iterable[RowWarning]) -> list[tuple[str, str]]:
    return [(warning.field, warning.reason) for warning in warnings]


def _parse_warnings(value: Iterable[tuple[str, str]]) -> tuple[RowWarning, ...]:
    return tuple(RowWarning(field, reason) for field, reason in value)
