from typing import Any

import pytest

from contact_import.reports.html.running_page import RUNNING_MARKER, format_time_left, render_running_page

PROGRESS: dict[str, Any] = {
    "stage": "sending",
    "percent": 37.5,
    "rows": {"read": 12_345, "accepted": 12_000, "failed": 45},
    "calls": 31,
    "dry_run": False,
    "started_at": "2026-11-05T02:14:58Z",
    "updated_at": "2026-11-05T02:15:02Z",
}


def test_the_page_says_how_far_the_import_is() -> None:
    html = render_running_page(PROGRESS, "incoming/list=VIP/june.csv")

    for text in ("june.csv", "Importing…", "38 %", "12,345", "5 November 2026, 02:15:02 UTC"):
        assert text in html
    assert RUNNING_MARKER in html
    assert "list=VIP" not in html


@pytest.mark.parametrize("stage", ["waiting", "reading", "sending", "writing"])
def test_every_stage_has_a_headline(stage: str) -> None:
    assert "…</h1>" in render_running_page(PROGRESS | {"stage": stage}, "incoming/june.csv")


def test_a_dry_run_does_not_say_that_anything_was_imported() -> None:
    html = render_running_page(PROGRESS | {"dry_run": True}, "incoming/june.csv")

    assert "nothing is sent" in html
    assert ">Imported<" not in html
    assert "Checking…" in html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "less than a minute left"),
        (60, "about 1 minute left"),
        (260, "about 4 minutes left"),
        (7300, "about 2 hours left"),
    ],
)
def test_the_time_left_is_said_roughly(seconds: int | None, words: str) -> None:
    assert format_time_left(seconds) == words
    assert words in render_running_page(PROGRESS | {"seconds_left": seconds}, "incoming/june.csv")


def test_a_name_cannot_end_the_figures_that_the_script_reads() -> None:
    html = render_running_page(PROGRESS, "incoming/</script><script>alert(1)</script>.csv")

    assert html.count("</script>") == 2
