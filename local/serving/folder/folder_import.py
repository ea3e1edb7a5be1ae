"""Import the files of the watched folder, and move each out of the way when its result is written."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from contact_import.domain.object_keys import MAPPING_FILE
from local.serving.folder.finished_files import DONE, FAILED, move_file
from local.serving.folder.folder_mappings import FolderMappings
from local.serving.folder.folder_scanner import FileState, FolderScanner, read_state
from local.serving.folder.object_names import MAX_KEY_BYTES, make_key
from local.serving.folder.taken_files import TakenFile, TakenFiles
from local.serving.status_lines import StatusLines

_POLL_SECONDS = 0.5
_MAX_SCAN_SHARE = 0.2  # of the time: a slow share is not scanned all the time


class Store(Protocol):
    """The methods of `FileStore` that the importer calls."""

    @property
    def fault(self) -> OSError | None: ...
    def copy(self, path: Path) -> Path: ...
    def make_taken(self, name: Path, state: FileState, key: str) -> TakenFile: ...
    def begin(self, taken: TakenFile, copy: Path) -> None: ...
    def remove(self, taken: TakenFile) -> None: ...


class FolderImporter:
    """Imports one file after the other; a file above `large_bytes` does not keep the smaller ones waiting.

    Files that wait stay in the folder: the end of the process loses none of them. `failures` names each function that
    gave up.
    """

    def __init__(
        self,
        scanner: FolderScanner,
        mappings: FolderMappings,
        taken: TakenFiles,
        store: Store,
        lines: StatusLines,
        *,
        root: Path,
        large_bytes: int,
        failures: Sequence[str] = (),
    ) -> None:
        self._scanner, self._mappings, self._taken, self._store, self._lines = scanner, mappings, taken, store, lines
        self._root, self._large_bytes, self._failures = root, large_bytes, failures
        self._waiting: dict[Path, FileState] = {}
        self._active: dict[str, TakenFile] = {}
        self._problems: dict[Path, str] = {}
        self._failure_count = 0
        self._lock = threading.RLock()

    def run_until_stopped(self, stop: threading.Event) -> None:
        """Import files until `stop` is set. Those that wait then stay in the folder, for the next start."""
        pause = _POLL_SECONDS
        while not stop.wait(pause):
            started = time.monotonic()
            self.scan(started)
            pause = max(_POLL_SECONDS, (time.monotonic() - started) / _MAX_SCAN_SHARE)
        growing = {path for path in self._scanner.list_growing() if path.name != MAPPING_FILE}
        if count := len(growing | set(self._waiting)):
            self._lines.print(f"{_count_files(count)} left in {self._root} for the next start")

    def scan(self, now: float) -> None:
        """Look for new files, and begin the next import when none is in progress."""
        count = len(self._waiting)
        for path, state in self._scanner.find_complete(now):
            if path.name != MAPPING_FILE:
                self._waiting[path] = state
        self._update_mappings()
        self._release_failed()
        is_mapping_incomplete = any(path.name == MAPPING_FILE for path in self._scanner.list_growing())
        if fault := self._store.fault:
            self._lines.print_once(
                f"✗ nothing is imported any more: {fault.strerror or fault}. Correct it, then restart."
            )
        elif not is_mapping_incomplete:
            self._begin_next()
        if len(self._waiting) > count:
            self._lines.print(f"{_count_files(len(self._waiting))} waiting")

    def list_progress(self) -> tuple[list[str], int]:
        """Return the names of the files whose import is in progress, and how many files wait."""
        return [one.path for one in tuple(self._active.values())], len(self._waiting)

    def watch(self, taken: TakenFile) -> None:
        """Wait for the result of an import that an earlier run began; do not import its file again."""
        with self._lock:
            self._active[taken.import_id] = taken
        self.skip(taken)

    def skip(self, taken: TakenFile) -> None:
        """Leave a file in the folder, and do not import it as long as it does not change."""
        self._scanner.skip(self._root / taken.path, taken.state)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Move the file of this result out of the folder; do nothing when the result is of something else."""
        with self._lock:
            if taken := self._taken.find(result["import_id"]):
                self._active.pop(taken.import_id, None)
                self._store.remove(taken)
                self.move(
                    self._taken.update(taken, replace(taken, kind=FAILED if result["status"] == "failed" else DONE))
                )

    def move(self, taken: TakenFile) -> None:
        """Move a file whose result is written. One that cannot be moved is remembered, and not imported again."""
        path = self._root / taken.path
        state = read_state(path)
        if state == taken.state:
            try:
                move_file(self._root, path, taken.kind, datetime.now().astimezone().date())
            except OSError as error:
                self._scanner.skip(path, state)
                reason = error.strerror or error
                self._lines.print(f"{taken.path} stays in the folder and is not imported again: {reason}")
                return
        elif state:
            self._lines.print(f"{taken.path} was replaced during its import: the new one is imported next")
        self._taken.remove(taken)

    def _update_mappings(self) -> None:
        growing = set(self._scanner.list_growing())
        names = {path for path in self._scanner.list_seen() if path.name == MAPPING_FILE} - growing
        states = {path: state for path in names if (state := read_state(path))}
        try:
            self._mappings.update(states)
        except OSError as error:
            self._report_problem(Path(error.filename or self._root), error)

    def _begin_next(self) -> None:
        for path, state in list(self._waiting.items()):
            active = tuple(self._active.values())
            is_large = state[0] > self._large_bytes
            is_replaced = path in {self._root / one.path for one in active}
            if not is_replaced and is_large not in {one.size > self._large_bytes for one in active}:
                del self._waiting[path]
                self._begin(path, state)

    def _begin(self, path: Path, state: FileState) -> None:
        name = path.relative_to(self._root)
        key = make_key(name)
        if len(key.encode()) > MAX_KEY_BYTES:
            self._lines.print(f"✗ {name}: its name is too long; shorten it or its folders")
            return
        try:
            copy = self._store.copy(path)
            if read_state(path) == state:
                self._store_file(self._store.make_taken(name, state, key), copy)
            else:
                copy.unlink()
                self._scanner.forget(path)
        except OSError as error:
            self._scanner.forget(path)
            self._report_problem(path, error)
        else:
            self._problems.pop(path, None)

    def _store_file(self, taken: TakenFile, copy: Path) -> None:
        with self._lock:
            # Before the file is in the bucket: its import begins as soon as it is.
            self._taken.add(taken)
            self._lines.print(f"{taken.path}: importing…")
            try:
                self._store.begin(taken, copy)
            except BaseException:
                self._taken.remove(taken)
                raise
            self._active[taken.import_id] = taken

    def _report_problem(self, path: Path, error: OSError) -> None:
        """Say once why a file cannot be read; it is tried again."""
        if isinstance(error, FileNotFoundError):
            text = f"{path} disappeared before it was imported"
        else:
            text = f"{path} cannot be imported now, and is tried again: {error.strerror or error}"
        if self._problems.get(path) != text:
            self._problems[path] = text
            self._lines.print(text)

    def _release_failed(self) -> None:
        """Let the next file begin when a function gave up, after which no result comes."""
        with self._lock:
            for name in self._failures[self._failure_count :]:
                self._failure_count += 1
                is_upload = name == "UploadFunction"
                active = sorted(self._active.values(), key=lambda one: one.size, reverse=not is_upload)
                if active:
                    del self._active[active[0].import_id]
                    self._lines.print(f"✗ {active[0].path}: not finished, see functions.log; a restart continues it")


def _count_files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
