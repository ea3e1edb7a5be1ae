"""Find complete new files in a folder."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_STABLE_SECONDS = 2.0  # a copy over a slow network pauses: half of the file would be imported, then all of it
_STABLE_SECONDS_EMPTY = 30.0  # a copy creates the name first, and may write nothing for a while
_UNFINISHED_SUFFIXES = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")
_HIDDEN_PREFIXES = (".", "~$")

type FileState = tuple[int, int]  # size in bytes, time of the last change in ns


class FolderScanner:
    """Finds the new and complete files of a folder and its subfolders.

    A file is complete when its size and time have not changed for two seconds (an empty one: 30), and new again when
    it changes later. Hidden files, symbolic links and the temporary names of downloads and copies are skipped, and so
    are the `ignored` folders. `on_error` gets the error of a folder that cannot be read.
    """

    def __init__(
        self, root: Path, ignored: Iterable[Path] = (), on_error: Callable[[OSError], None] = lambda _error: None
    ) -> None:
        self._root, self._ignored, self._on_error = root, frozenset(ignored), on_error
        self._seen: dict[Path, tuple[FileState, float]] = {}
        self._found: dict[Path, FileState] = {}

    def find_complete(self, now: float) -> Iterator[tuple[Path, FileState]]:
        """Yield the files that became complete since the last scan; `now` is in seconds of a monotonic clock."""
        previous, self._seen = self._seen, {}
        for path, state in self._scan():
            known, since = previous.get(path, (state, now))
            self._seen[path] = (state, since if known == state else now)
        for path in self.list_growing():
            state, since = self._seen[path]
            if now - since >= (_STABLE_SECONDS if state[0] else _STABLE_SECONDS_EMPTY):
                self._found[path] = state
                yield path, state

    def list_growing(self) -> list[Path]:
        """Return the files of the last scan that are not complete yet."""
        return [path for path, (state, _) in self._seen.items() if self._found.get(path) != state]

    def list_seen(self) -> frozenset[Path]:
        """Return all files of the last scan."""
        return frozenset(self._seen)

    def skip(self, path: Path, state: FileState) -> None:
        """Do not find this file as long as it does not change."""
        self._found[path] = state

    def forget(self, path: Path) -> None:
        """Find this file again once it has not changed for two seconds, also if it was found before."""
        self._found.pop(path, None)
        self._seen.pop(path, None)

    def _scan(self) -> Iterator[tuple[Path, FileState]]:
        for folder, subfolders, names in os.walk(self._root, onerror=self._on_error):
            here = Path(folder)
            subfolders[:] = sorted(
                name
                for name in subfolders
                if not name.startswith(_HIDDEN_PREFIXES) and here / name not in self._ignored
            )
            for name in sorted(names):
                if not name.startswith(_HIDDEN_PREFIXES) and not name.lower().endswith(_UNFINISHED_SUFFIXES):
                    path = here / name
                    if (state := read_state(path)) is not None:
                        yield path, state


def read_state(path: Path) -> FileState | None:
    """Return the state of a file, None when it is none, was removed or is a symbolic link."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
