"""Records to the four result files, in a bucket in memory."""

import csv
import io
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.columns.detect import Column
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.errors import LedgerError
from contact_import.files.table import ReadSummary
from contact_import.ledger.compaction import AcceptedLines
from contact_import.ledger.import_identity import ImportIdentity
from contact_import.ledger.records import BatchRecord
from contact_import.pipelines.import_state import ImportState
from contact_import.pipelines.results import load_result, merge_in_file_order, write_results
from contact_import.sending.deliver import BatchResult
from tests.unit.fakes import IN_MEMORY_PREFIX, make_bucket

NOW = datetime(2026, 11, 23, tzinfo=UTC)
IDENTITY = ImportIdentity(Upload("contacts", "incoming/a.csv"), "0" * 24, IN_MEMORY_PREFIX)
FORMAT = {"encoding": "utf-8", "delimiter": ",", "header_line": 1}


def _outcome(row: int, status: Status = Status.ACCEPTED) -> Outcome:
    return Outcome(Row(row, (f"P{row}",)), status, "" if status is Status.ACCEPTED else "why")


def _record(number: int, *outcomes: Outcome, row_group: int = 1, lines: Sequence[int] = ()) -> BatchRecord:
    accepted = AcceptedLines(tuple(lines), tuple(f"P{row},{row}\r\n" for row in lines))
    return BatchRecord(number, row_group, BatchResult(outcomes, {"sent": 1}, ("a message",)), accepted)


def _state() -> ImportState:
    return ImportState(IDENTITY, NOW, reading=ReadSummary(FORMAT, (Column("Name", None),)))


def _write(bucket: Bucket, *records: BatchRecord) -> dict[str, Any]:
    return write_results(_state(), bucket, records, lambda: NOW)


def _read_csv(bucket: Bucket, name: str) -> list[list[str]]:
    text = (bucket.read(f"{IN_MEMORY_PREFIX}{name}") or b"").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_each_row_is_in_one_of_the_two_files_in_the_order_of_the_upload() -> None:
    bucket = make_bucket()

    result = _write(
        bucket,
        _record(1, _outcome(5, Status.REFUSED), _outcome(2), lines=(3,)),
        _record(2, _outcome(4, Status.INVALID), lines=(6,)),
        _record(3, _outcome(7, Status.UNSENT), row_group=2),
    )

    assert [row[1] for row in _read_csv(bucket, "accepted.csv")] == ["2", "3", "6"]
    assert [row[1:3] for row in _read_csv(bucket, "failed.csv")] == [
        ["4", "invalid"],
        ["5", "refused"],
        ["7", "unsent"],
    ]
    assert result["rows"] | {"read": 6, "accepted": 3} == result["rows"]
    assert (result["requests"]["sent"], result["messages"]) == (3, ["a message"])


def test_the_order_in_which_batches_were_sent_changes_nothing() -> None:
    rows = [_outcome(row) for row in range(2, 30)]
    shuffled = random.Random(1).sample(rows, len(rows))

    one = list(merge_in_file_order([_record(1, *rows)]))
    other = list(merge_in_file_order([_record(number, row) for number, row in enumerate(shuffled)]))

    assert [outcomes for outcomes, _ in one] == [outcomes for outcomes, _ in other] == [rows]


def test_the_result_is_written_once_and_the_first_one_counts() -> None:
    bucket = make_bucket()
    assert load_result(IDENTITY, bucket) is None

    first = _write(bucket, _record(1, _outcome(2)))
    second = _write(bucket, _record(1, _outcome(2), _outcome(3)))

    assert second == first == load_result(IDENTITY, bucket)


def test_everything_else_is_there_before_the_result() -> None:
    bucket = make_bucket()
    seen: list[tuple[str, ...]] = []

    write_results(
        _state(),
        bucket,
        [],
        lambda: NOW,
        on_result=lambda _result: seen.append(tuple(bucket.list_keys(IN_MEMORY_PREFIX))),
    )

    assert [[key.removeprefix(IN_MEMORY_PREFIX) for key in keys] for keys in seen] == [
        ["accepted.csv", "failed.csv", "report.html"]
    ]


def test_people_read_the_result_so_letters_are_written_as_they_are() -> None:
    bucket, state = make_bucket(), _state()
    state.messages.append("Zoë \ud800")

    write_results(state, bucket, [], lambda: NOW)

    body = bucket.read(IDENTITY.result_key) or b""
    assert "Zoë ?".encode() in body
    assert json.loads(body)["messages"] == ["Zoë ?"]


def test_a_bucket_that_takes_no_result_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = make_bucket()
    monkeypatch.setattr(bucket, "put_if_match", lambda *_: "")

    with pytest.raises(LedgerError):
        _write(bucket, _record(1, _outcome(2)))
