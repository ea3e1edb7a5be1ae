from typing import Any

import pytest

from contact_import.reports.summary import count_missing, format_took, summarize_result, summarize_todos


def _result(**rows: int) -> dict[str, Any]:
    every = dict.fromkeys("accepted invalid duplicate opted_out refused unsent unknown".split(), 0) | rows
    unread = {"source": {"kind": "s3"}, "format": {"delimiter": None}}
    return unread | {"dry_run": False, "rows": {"read": sum(every.values())} | every}


@pytest.mark.parametrize(
    ("rows", "words", "dry_words"),
    [
        ({}, "Nothing was imported.", "Nothing would be imported."),
        ({"accepted": 1}, "1 contact imported.", "1 contact would be imported."),
        ({"accepted": 1204}, "All 1,204 contacts imported.", "All 1,204 contacts would be imported."),
        (
            {"accepted": 1200, "invalid": 4},
            "1,200 of 1,204 contacts imported.",
            "1,200 of 1,204 contacts would be imported.",
        ),
        ({"invalid": 180}, "None of the 180 contacts was imported.", "None of the 180 contacts would be imported."),
        ({"invalid": 1}, "The contact was not imported.", "The contact would not be imported."),
        (
            {"accepted": 2, "unknown": 1},
            "2 of 3 contacts imported; 1 could not be confirmed.",
            "2 of 3 contacts would be imported; 1 could not be confirmed.",
        ),
    ],
)
def test_the_headline_is_one_sentence(rows: dict[str, int], words: str, dry_words: str) -> None:
    assert summarize_result(_result(**rows)) == words
    assert summarize_result(_result(**rows) | {"dry_run": True}) == dry_words


@pytest.mark.parametrize(
    ("accepted", "missing", "words"),
    [
        (1, 1, "1 contact imported, but Cellcast does not list it."),
        (1204, 3, "All 1,204 contacts imported, but Cellcast does not list 3 of them."),
        (1204, 0, "All 1,204 contacts imported."),
    ],
)
def test_the_headline_says_who_is_missing_after_all(accepted: int, missing: int, words: str) -> None:
    assert summarize_result(_result(accepted=accepted) | {"verified": {"missing": missing}}) == words


def test_a_practice_run_does_not_say_that_anyone_was_imported() -> None:
    practice = {"sandbox": True}

    assert summarize_result(_result(accepted=2) | practice) == "All 2 contacts would have been imported."
    assert summarize_result(_result(invalid=2) | practice) == "None of the 2 contacts would have been imported."
    assert summarize_result(_result(invalid=1) | practice) == "The contact would not have been imported."
    assert summarize_result(_result() | practice) == "Nothing was imported."


@pytest.mark.parametrize("verified", [{}, {"verified": None}])
def test_without_a_check_after_the_import_no_contact_is_missing(verified: dict[str, None]) -> None:
    assert count_missing(verified) == 0


def test_the_rows_that_were_not_imported_are_split_by_what_to_do() -> None:
    reasons = [
        {"status": "duplicate", "reason": "Mobile: the same number is in an earlier row", "count": 1},
        {"status": "unknown", "reason": "no answer", "count": 1},
        {"status": "invalid", "reason": "Mobile: empty", "count": 1200},
        {"status": "unsent", "reason": "no time", "count": 2},
        {"status": "refused", "reason": "no", "count": 1},
    ]

    words = "1,201 to correct \u00b7 2 to send again \u00b7 1 to look up \u00b7 1 needs nothing"
    assert summarize_todos({"reasons": reasons}) == words
    assert summarize_todos({"reasons": []}) == ""


@pytest.mark.parametrize(
    ("finished_at", "words"),
    [
        ("2026-11-01T00:00:00Z", "1 s"),
        ("2026-11-01T00:00:59Z", "59 s"),
        ("2026-11-01T00:04:05Z", "4 min 5 s"),
        ("2026-11-02T03:12:05Z", "27 h 12 min"),
        ("2026-10-31T23:59:00Z", "1 s"),  # two machines, two clocks
    ],
)
def test_the_time_taken_is_short(finished_at: str, words: str) -> None:
    assert format_took({"started_at": "2026-11-01T00:00:00Z", "finished_at": finished_at}) == words
