"""Watches a folder for complete new files."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_POLL_SECONDS = 0.5
_STABLE_SECONDS = 2.0  # a copy over a slow network pauses: half of the file would be imported, then all of it
_SHUTDOWN_SECONDS = 10.0
_UNFINISHED_SUFFIXES = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")

type _FileState = tuple[int, int]  # size in bytes, time of the last change in ns


class FolderScanner:
    """Finds the new and complete files of a folder and its subfolders.

    A file is complete when its size and time have not changed for two seconds, and new again when it changes later.
    Hidden files, symbolic links and the temporary names of downloads and copies are skipped.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, tuple[_FileState, float]] = {}
        self._imported: dict[Path, _FileState] = {}

    def find_complete(self, now: float) -> Iterator[Path]:
        """Yield the files that became complete since the last scan; `now` is in seconds of a monotonic clock."""
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
        """Return the files of the last scan that are not complete yet."""
        return [path for path, (state, _) in self._seen.items() if self._imported.get(path) != state]

    def _scan(self) -> Iterator[tuple[Path, _FileState]]:
        for path in sorted(self._root.rglob("*")):
            is_hidden = any(part.startswith((".", "~$")) for part in path.relative_to(self._root).parts)
            try:
                if not (is_hidden or path.name.lower().endswith(_UNFINISHED_SUFFIXES)) and _is_regular_file(path):
                    status = path.stat()
                    yield path, (status.st_size, status.st_mtime_ns)
            except OSError:  # it was removed meanwhile
                continue


def watch_folder(root: Path, on_file: Callable[[Path], None], stop: threading.Event) -> list[Path]:
    """Call `on_file` for each complete new file until `stop` is set, and then for up to ten seconds more.

    Return the files that were still incomplete.
    """
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
