"""The bar of `cellcast-import run`, as a terminal gets it."""

import io
import re
from contextlib import redirect_stdout
from typing import Any

import pytest
from rich.console import Console

from local.terminal.progress_bar import TimeLeft, _format_figures, show_progress


def _make_progress(stage: str, percent: float, *rows: int) -> dict[str, Any]:
    return {"stage": stage, "percent": percent, "rows": dict(zip(("read", "accepted", "failed"), rows, strict=True))}


def _shown(name: str, *told: dict[str, Any] | None, is_terminal: bool = True) -> str:
    """Return everything that was written for a file with these contents of progress.json, in turn."""
    screen, answers = io.StringIO(), iter(told)
    console = Console(file=screen, force_terminal=is_terminal, width=100, color_system=None)
    with show_progress(name, lambda: next(answers), console) as look:
        for _ in told:
            look()
    return screen.getvalue()


def test_it_says_what_the_progress_of_the_import_says() -> None:
    large = _make_progress("sending", 43.2, 1_200_000, 514_000, 12)

    shown = _shown("june.csv", None, _make_progress("waiting", 0, 0, 0, 0), large)

    assert "june.csv sending" in shown
    assert "43 % 1,200,000 rows, 514,000 accepted, 12 not" in shown


def test_of_rows_that_are_only_read_it_says_nothing_more() -> None:
    shown = _shown("june.csv", _make_progress("reading", 20, 4000, 0, 0))

    assert "4,000 rows" in shown
    assert "failed" not in shown


@pytest.mark.parametrize("name", ["[/red].csv", "[bold]june.csv", "\x1b[31mjune.csv", "j" * 300 + ".csv"])
def test_any_name_of_a_file_is_shown_as_text_within_a_line(name: str) -> None:
    shown = _shown(name, _make_progress("sending", 50, 2, 1, 0))

    assert "1 accepted, 0 not" in shown
    assert "\x1b[31m" not in shown


def test_what_the_functions_print_meanwhile_goes_where_it_went() -> None:
    log, screen = io.StringIO(), io.StringIO()
    with redirect_stdout(log), show_progress("june.csv", lambda: None, Console(file=screen, force_terminal=True)):
        print("a line of the log")  # noqa: T201  as Powertools does

    assert log.getvalue() == "a line of the log\n"
    assert "a line of the log" not in screen.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_line_fits_the_terminal_and_ends_with_the_time_left(width: int) -> None:
    screen, percents = io.StringIO(), iter((40.0, 60.0))
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    clock = iter((0.0, 3661.0))
    left = TimeLeft(lambda: next(clock))

    figures = [
        _format_figures(
            _make_progress("sending", percent, 3_700_000, 1_900_000, 12), 3661, left, "sending", is_wide=False
        )
        for percent in percents
    ]
    with show_progress(
        "a-long-name-of-a-file.csv", lambda: _make_progress("sending", 60, 3, 1_900_000, 120_000), console
    ) as look:
        look()

    assert figures[-1] == "60 % 1,900,000 accepted, 12 not 2:02:02 left"
    assert (
        max(len(line) for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9?;]*[A-Za-z]", "", screen.getvalue())))
        <= width
    )
    assert "…" not in screen.getvalue().replace("a-long-n", "").split("sending")[-1]


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    with show_progress("june.csv", lambda: _make_progress("sending", 50, 2, 1, 0), console, lambda: 20.0) as look:
        look()

    assert "june.csv no answer from Cellcast" in screen.getvalue()


def test_the_last_stage_has_a_name() -> None:
    assert "writing results" in _shown("june.csv", _make_progress("sending", 100, 2, 1, 1))


def test_for_a_pipe_there_is_nothing_and_no_one_is_asked() -> None:
    assert _shown("june.csv", is_terminal=False) == ""
