"""Show the progress of an import on stderr: a bar on a terminal, else a line every minute."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from contact_import.reports.masking import escape_control_chars

_BAR_WIDTH = 10
_WIDE = 100  # columns of a terminal that shows the rows read as well
_MIN_NAME_LENGTH = 8
_MAX_NAME_LENGTH = 24
_FIRST_LINE_SECONDS, _LINE_SECONDS = 10.0, 60.0
_OUTAGE_SECONDS = 5.0  # without an answer, before it is said
_MIN_ESTIMATE_SECONDS, _MIN_ESTIMATE_PERCENT = 5.0, 1.0

type ReadProgress = Callable[[], Mapping[str, Any] | None]


class TimeLeft:
    """Estimates the time left of a stage from its speed so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._start = (0.0, 0.0)

    def estimate(self, stage: str, percent: float) -> float | None:
        """Return the seconds left, None while too little of the stage is done."""
        now = self._clock()
        if stage != self._stage or percent < self._start[1]:
            self._stage, self._start = stage, (now, percent)
        seconds, done = now - self._start[0], percent - self._start[1]
        if seconds < _MIN_ESTIMATE_SECONDS or done < _MIN_ESTIMATE_PERCENT:
            return None
        return seconds * (100 - percent) / done


@contextmanager
def show_progress(
    name: str, read_progress: ReadProgress, console: Console, find_outage_seconds: Callable[[], float] = lambda: 0.0
) -> Iterator[Callable[[], None]]:
    """Yield a function that updates the bar of the file `name`.

    `read_progress` returns the content of the import's progress.json, None when it is not written yet.
    `find_outage_seconds` returns for how long Cellcast has not answered.
    """
    short, started_at, left = escape_control_chars(name), time.monotonic(), TimeLeft()
    if not console.is_terminal:
        yield _build_line_printer(short, read_progress, console, find_outage_seconds)
        return
    columns = (
        TextColumn("{task.description}", markup=False),  # a name may contain brackets
        BarColumn(_BAR_WIDTH),
        TextColumn("{task.fields[figures]}", markup=False),
    )
    # The functions' output goes into functions.log: rich would capture it and show it above the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(_shorten(short, _MAX_NAME_LENGTH), total=100.0, figures="")

        def update_bar() -> None:
            if progress := read_progress():
                stage = _describe_stage(progress, find_outage_seconds())
                is_wide = console.width >= _WIDE
                figures = _format_figures(progress, time.monotonic() - started_at, left, stage, is_wide=is_wide)
                room = console.width - len(figures) - len(stage) - _BAR_WIDTH - 4
                shown = _shorten(short, max(_MIN_NAME_LENGTH, min(_MAX_NAME_LENGTH, room)))
                bar.update(task, description=f"{shown} {stage}", completed=progress["percent"], figures=figures)

        yield update_bar


def _build_line_printer(
    name: str, read_progress: ReadProgress, console: Console, find_outage_seconds: Callable[[], float]
) -> Callable[[], None]:
    """Return a function that prints a line after ten seconds, and then every minute: a log cannot show a bar."""
    next_line_at = time.monotonic() + _FIRST_LINE_SECONDS

    def print_line() -> None:
        nonlocal next_line_at
        if time.monotonic() < next_line_at:
            return
        next_line_at = time.monotonic() + _LINE_SECONDS
        if progress := read_progress():
            stage = _describe_stage(progress, find_outage_seconds())
            line = f"{name}: {stage}, {progress['percent']:.0f} %, {_format_rows(progress)}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    return print_line


def _describe_stage(progress: Mapping[str, Any], outage_seconds: float) -> str:
    stage = str(progress["stage"])
    if stage == "writing" or (stage == "sending" and progress["percent"] >= 100):
        return "writing results"
    return "no answer from Cellcast" if outage_seconds >= _OUTAGE_SECONDS else stage


def _format_figures(progress: Mapping[str, Any], elapsed: float, left: TimeLeft, stage: str, *, is_wide: bool) -> str:
    percent = progress["percent"]
    remaining = left.estimate(str(progress["stage"]), percent)
    is_estimated = remaining is not None and percent < 100 and stage != "writing results"
    time_text = f"{_format_time(remaining or 0.0)} left" if is_estimated else _format_time(elapsed)
    return f"{percent:.0f} % {_format_rows(progress, is_wide=is_wide)} {time_text}"


def _format_rows(progress: Mapping[str, Any], *, is_wide: bool = True) -> str:
    """Return the counts; only the rows read while a large file is planned, since none has an outcome yet."""
    counts = progress["rows"]
    read_text = f"{counts['read']:,} rows"
    if not (counts["accepted"] or counts["failed"]):
        return read_text
    outcome_text = f"{counts['accepted']:,} accepted, {counts['failed']:,} not"
    return f"{read_text}, {outcome_text}" if is_wide else outcome_text


def _format_time(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _shorten(name: str, length: int) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"
