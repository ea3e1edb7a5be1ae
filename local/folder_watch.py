"""A folder whose files are dropped into the bucket as they come."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_POLL_SECONDS = 0.5
_STABLE_SECONDS = 2.0  # a copy over a slow wire pauses; half a file would go in, and then the whole of it again
_SHUTDOWN_SECONDS = 10.0
_UNFINISHED_SUFFIXES = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")

type _FileState = tuple[int, int]  # size, and when it was written


class FolderScanner:
    """Knows which files of a folder, and of those within it, are new and whole.

    A file counts when its size and time have stayed the same for a while; one that is written again later counts
    anew. Hidden files do not count, nor what only leads elsewhere, nor what a browser or a copy calls unfinished.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, tuple[_FileState, float]] = {}
        self._imported: dict[Path, _FileState] = {}

    def find_complete(self, now: float) -> Iterator[Path]:
        """The files that have become whole since the last look; `now` is in seconds."""
        previous, self._seen = self._seen, {}
        for path, state in self._scan():
            known, since = previous.get(path, (state, now))
            self._seen[path] = (state, since if known == state else now)
        for path in self.list_growing():
            state, since = self._seen[path]
            if now - since >= _STABLE_SECONDS:
                self._imported[path] = state
                yield path

    def list_growing(self) -> list[Path]:
        """The files that were there at the last look, and are not whole yet."""
        return [path for path, (state, _) in self._seen.items() if self._imported.get(path) != state]

    def _scan(self) -> Iterator[tuple[Path, _FileState]]:
        for path in sorted(self._root.rglob("*")):
            is_hidden = any(part.startswith((".", "~$")) for part in path.relative_to(self._root).parts)
            try:
                if not (is_hidden or path.name.lower().endswith(_UNFINISHED_SUFFIXES)) and _is_regular_file(path):
                    about = path.stat()
                    yield path, (about.st_size, about.st_mtime_ns)
            except OSError:  # it is gone again
                continue


def watch_folder(root: Path, on_file: Callable[[Path], None], stop: threading.Event) -> list[Path]:
    """Hand each new file to `on_file`, until told to stop: then what becomes whole is still taken. Give the others."""
    scanner, deadline = FolderScanner(root), 0.0
    while True:
        if stop.wait(_POLL_SECONDS) and not deadline:
            deadline = time.monotonic() + _SHUTDOWN_SECONDS
        now = time.monotonic()
        for path in scanner.find_complete(now):
            on_file(path)
        if deadline and (now >= deadline or not scanner.list_growing()):
            return scanner.list_growing()
        if deadline:
            time.sleep(_POLL_SECONDS)


def _is_regular_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
