"""The contacts of a request that were not imported, by their place in it."""

import csv
import io
import json
from typing import Any

import pytest

from contact_import.domain.person import Person
from contact_import.webhooks.api.failures import MAX_FAILURES, add_failures
from tests.make_submissions import make_person, make_submission

KEY = "results/webhook/2026/02/06/x/failed.csv"


def _add(lines: list[tuple[int, str, str, str]], people: list[Person]) -> Any:
    """Return the failures by a failed.csv with these rows: number, status, reason and suggestion."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(
        [("phone", "_row", "_status", "_reason", "_suggestion"), *(("", *line) for line in lines)]
    )
    result = {"rows": {"read": len(people), "accepted": 0}, "failed_csv": KEY}
    files = {KEY: text.getvalue().encode("utf-8-sig")}
    return json.loads(add_failures(json.dumps(result), make_submission("k", *people), files.get))["failures"]


def test_a_failure_has_the_index_and_the_number_as_it_was_sent() -> None:
    people = [make_person("0491 570 006"), make_person("12"), Person(())]

    failures = _add([(2, "invalid", "phone: too short", ""), (3, "invalid", "empty", "x: 1")], people)

    assert failures == [
        {"index": 1, "phone_number": "12", "status": "invalid", "reason": "phone: too short", "suggestion": None},
        {"index": 2, "phone_number": None, "status": "invalid", "reason": "empty", "suggestion": "x: 1"},
    ]


@pytest.mark.parametrize(
    "words", ["=1+1", "+61 is missing", "'=1", "it's", '"quoted",\r\nand broken', "ä€𝄞", "x" * 200_000]
)
def test_words_come_as_they_are_and_not_as_a_spreadsheet_needs_them(words: str) -> None:
    written = f"'{words}" if words[0] in "=+'" else words

    (failure,) = _add([(1, "refused", written, written)], [make_person("1")])

    assert (failure["reason"], failure["suggestion"]) == (words, words)


def test_a_thousand_failures_are_shown_and_no_more() -> None:
    people = [make_person("12")] * (MAX_FAILURES + 5)

    failures = _add([(number + 1, "invalid", "too short", "") for number in range(len(people))], people)

    assert [one["index"] for one in failures] == list(range(MAX_FAILURES))


def test_a_result_without_failures_reads_no_file() -> None:
    def refuse(_key: str) -> bytes:
        raise AssertionError

    result = json.dumps({"rows": {"read": 1, "accepted": 1}, "failed_csv": KEY})

    assert json.loads(add_failures(result, make_submission("k"), refuse))["failures"] == []


def test_a_file_that_was_deleted_leaves_the_result() -> None:
    result = json.dumps({"rows": {"read": 1, "accepted": 0}, "failed_csv": KEY})

    assert json.loads(add_failures(result, make_submission("k"), lambda _key: None))["failures"] == []
