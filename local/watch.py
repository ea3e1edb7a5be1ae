"""A folder whose files are dropped into the bucket as they come."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

_LOOK_SECONDS = 0.5

type _State = tuple[int, int]  # size, and when it was written


class Folder:
    """Knows which files of a folder, and of those within it, are new and whole.

    A file counts when its size and time stay the same from one look to the next; one that is written again later
    counts anew. Hidden files do not count, nor what only leads elsewhere.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[Path, _State] = {}
        self._taken: dict[Path, _State] = {}

    def look(self) -> Iterator[Path]:
        """The files that have become whole since the last look."""
        now = dict(self._states())
        for path, state in now.items():
            if self._before.get(path) == state and self._taken.get(path) != state:
                self._taken[path] = state
                yield path
        self._before = now

    def _states(self) -> Iterator[tuple[Path, _State]]:
        for path in sorted(self._root.rglob("*")):
            is_hidden = any(part.startswith(".") for part in path.relative_to(self._root).parts)
            try:
                if not is_hidden and path.is_file() and not path.is_symlink():
                    about = path.stat()
                    yield path, (about.st_size, about.st_mtime_ns)
            except OSError:  # it is gone again
                continue


def watch(root: Path, take: Callable[[Path], None], stop: threading.Event) -> None:
    """Hand each new file to `take`, until told to stop: then what is whole is still taken."""
    folder = Folder(root)
    while True:
        is_last = stop.wait(_LOOK_SECONDS)
        for path in folder.look():
            take(path)
        if is_last:
            return
