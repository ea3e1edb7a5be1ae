"""The progress bar of `run` on stderr; only on a terminal."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from contact_import.reports.masking import escape_control_chars

_MAX_NAME_LENGTH = 24


@contextmanager
def show_progress(
    name: str, read_progress: Callable[[], Mapping[str, Any] | None], console: Console
) -> Iterator[Callable[[], None]]:
    """Yield a function that updates the bar of the file `name`.

    `read_progress` returns the content of the import's progress.json, None when it is not written yet.
    """
    if not console.is_terminal:
        yield lambda: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),  # a name may contain brackets
        BarColumn(16),
        TextColumn("{task.percentage:3.0f} % {task.fields[rows]}"),
        TimeElapsedColumn(),
    )
    short = _shorten(escape_control_chars(name))
    # The functions' output goes into functions.log: rich would capture it and show it above the bar.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task(short, total=100.0, rows="")

        def update_bar() -> None:
            if progress := read_progress():
                bar.update(
                    task,
                    description=f"{short} {progress['stage']}",
                    completed=progress["percent"],
                    rows=_format_rows(progress),
                )

        yield update_bar


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else f"{name[: _MAX_NAME_LENGTH - 1]}…"


def _format_rows(progress: Mapping[str, Any]) -> str:
    """Return the counts; only the rows read while a large file is planned, since none has an outcome yet."""
    counts = progress["rows"]
    outcome_text = (
        f", {counts['accepted']:,} in, {counts['failed']:,} failed" if counts["accepted"] or counts["failed"] else ""
    )
    return f"{counts['read']:,} rows{outcome_text}"
