from typing import Any

import pytest

from contact_import.reports.summary import count_missing, summarize_result


def _result(**rows: int) -> dict[str, Any]:
    every = dict.fromkeys("accepted invalid duplicate opted_out refused unsent unknown".split(), 0) | rows
    return {"dry_run": False, "rows": {"read": sum(every.values())} | every}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, "Nothing went in: no contact could be read."),
        ({"accepted": 1}, "The one contact went in."),
        ({"accepted": 1204}, "All 1,204 contacts went in."),
        ({"accepted": 1200, "invalid": 4}, "1,200 of 1,204 contacts went in."),
        ({"accepted": 2, "unknown": 1}, "2 of 3 contacts went in, and 1 may be in."),
    ],
)
def test_the_verdict_is_one_line(rows: dict[str, int], words: str) -> None:
    assert summarize_result(_result(**rows)) == words


@pytest.mark.parametrize(
    ("accepted", "missing", "words"),
    [
        (1, 1, "The one contact went in, but Cellcast does not show it."),
        (1204, 3, "All 1,204 contacts went in, but Cellcast does not show 3 of them."),
        (1204, 0, "All 1,204 contacts went in."),
    ],
)
def test_the_verdict_says_who_is_not_there_after_all(accepted: int, missing: int, words: str) -> None:
    assert summarize_result(_result(accepted=accepted) | {"verified": {"missing": missing}}) == words


def test_a_dry_run_says_what_would_go_in() -> None:
    assert summarize_result(_result(accepted=2) | {"dry_run": True}) == "All 2 contacts would go in."


def test_a_practice_run_does_not_say_that_anybody_was_added() -> None:
    assert summarize_result(_result(accepted=2) | {"sandbox": True}) == "All 2 contacts would have been added."


@pytest.mark.parametrize("verified", [{}, {"verified": None}])
def test_without_a_check_after_the_import_no_contact_is_missing(verified: dict[str, None]) -> None:
    assert count_missing(verified) == 0
