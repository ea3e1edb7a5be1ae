from typing import Any

import pytest

from contact_import.page import _bar, render, verdict


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
    assert verdict(_result(**rows)) == words


def test_a_dry_run_does_not_say_that_anything_went_in() -> None:
    assert verdict(_result(accepted=2) | {"dry_run": True}) == "All 2 contacts would go in."


def test_one_row_of_a_million_is_still_seen_on_the_bar() -> None:
    pieces = list(_bar(_result(accepted=999_999, refused=1)["rows"]))

    assert [status for status, _, _ in pieces] == ["accepted", "refused"]
    assert pieces[1][2] > 3
    assert sum(width for _, _, width in pieces) == pytest.approx(1000, abs=1)


def test_the_page_of_an_import_that_failed_at_once_says_why_and_asks_the_network_for_nothing() -> None:
    nothing = {"encoding": None, "delimiter": None, "header_line": None}
    result = _result() | {
        "import_id": "1",
        "status": "failed",
        "source": {"key": "incoming/june.csv"},
        "started_at": "2026-11-01T00:00:00Z",
        "finished_at": "2026-11-01T00:00:01Z",
        "requests": {"sent": 0, "retried": 0, "throttled": 0, "possibly_repeated": 0},
        "format": nothing,
        "error": "The file holds nothing but blank lines.",
        **{name: [] for name in ("columns", "tags", "list", "reasons", "warnings", "messages")},
    }

    html = render(result)

    assert "The file holds nothing but blank lines." in html
    assert "1 November 2026, 00:00:01 UTC" in html
    for word in ("http://", "https://", " src=", "@import", "url("):
        assert word not in html
