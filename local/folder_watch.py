"""A folder whose files are dropped into the bucket as they come."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 2.0  # a copy over a slow wire pauses; half a file would go in, and then the whole of it again
_END_SECONDS = 10.0
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")

type _State = tuple[int, int]  # size, and when it was written


class Folder:
    """Knows which files of a folder, and of those within it, are new and whole.

    A file counts when its size and time have stayed the same for a while; one that is written again later counts
    anew. Hidden files do not count, nor what only leads elsewhere, nor what a browser or a copy calls unfinished.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, tuple[_State, float]] = {}
        self._taken: dict[Path, _State] = {}

    def look(self, now: float) -> Iterator[Path]:
        """The files that have become whole since the last look; `now` is in seconds."""
        before, self._seen = self._seen, {}
        for path, state in self._states():
            known, since = before.get(path, (state, now))
            self._seen[path] = (state, since if known == state else now)
        for path in self.growing():
            state, since = self._seen[path]
            if now - since >= _QUIET_SECONDS:
                self._taken[path] = state
                yield path

    def growing(self) -> list[Path]:
        """The files that were there at the last look, and are not whole yet."""
        return [path for path, (state, _) in self._seen.items() if self._taken.get(path) != state]

    def _states(self) -> Iterator[tuple[Path, _State]]:
        for path in sorted(self._root.rglob("*")):
            is_hidden = any(part.startswith((".", "~$")) for part in path.relative_to(self._root).parts)
            try:
                if not (is_hidden or path.name.lower().endswith(_UNFINISHED)) and _is_a_file(path):
                    about = path.stat()
                    yield path, (about.st_size, about.st_mtime_ns)
            except OSError:  # it is gone again
                continue


def watch(root: Path, take: Callable[[Path], None], stop: threading.Event) -> list[Path]:
    """Hand each new file to `take`, until told to stop: then what becomes whole is still taken. Give the others."""
    folder, end = Folder(root), 0.0
    while True:
        if stop.wait(_LOOK_SECONDS) and not end:
            end = time.monotonic() + _END_SECONDS
        now = time.monotonic()
        for path in folder.look(now):
            take(path)
        if end and (now >= end or not folder.growing()):
            return folder.growing()
        if end:
            time.sleep(_LOOK_SECONDS)


def _is_a_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
