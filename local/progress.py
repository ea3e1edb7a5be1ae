"""A progress bar on stderr, for a person who waits; for a pipe there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

_USUAL_BATCH = 400


@contextmanager
def shown_progress(path: Path) -> Iterator[Callable[[int], None]]:
    """Give a function that takes how many batches are done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _batches: None
        return
    with path.open("rb") as file:
        lines = max(1, sum(block.count(b"\n") for block in iter(lambda: file.read(1024 * 1024), b"")))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(path.name, total=lines)
        yield lambda batches: bar.update(task, completed=min(lines - 1, batches * _USUAL_BATCH))
