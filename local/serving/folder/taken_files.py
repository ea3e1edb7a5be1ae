"""A record of the files that were taken from the watched folder and are still in it.

It outlives the process, so that a restart does not import a file again whose import had begun.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from local.serving.folder.folder_scanner import FileState


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file as it was when it was taken.

    `path` is relative to the folder. `account` is where its contacts go, "" for the sandbox. `kind` is where the file
    belongs once its result is written (`done` or `failed`), "" before.
    """

    path: str
    size: int
    mtime_ns: int
    key: str
    version: str
    import_id: str
    account: str = ""
    kind: str = ""

    @property
    def state(self) -> FileState:
        return self.size, self.mtime_ns


class TakenFiles:
    """The record. Each change is on the disk when the method returns."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._files: list[TakenFile] = list(_load(record))

    def __iter__(self) -> Iterator[TakenFile]:
        return iter(tuple(self._files))

    def find(self, import_id: str) -> TakenFile | None:
        """Return the file of an import, None for an import of something else."""
        return next((one for one in self._files if one.import_id == import_id), None)

    def add(self, taken: TakenFile) -> None:
        self._save([*self._files, taken])

    def update(self, taken: TakenFile, changed: TakenFile) -> TakenFile:
        """Put `changed` in the place of a file, and return it."""
        self._save([changed if one == taken else one for one in self._files])
        return changed

    def remove(self, taken: TakenFile) -> None:
        self._save([one for one in self._files if one != taken])

    def _save(self, files: list[TakenFile]) -> None:
        self._files = files
        part = self._record.with_name(f"{self._record.name}.part")
        with part.open("w", encoding="ascii") as body:
            json.dump([asdict(one) for one in files], body, indent=1)
            body.flush()
            os.fsync(body.fileno())  # after a power failure, a file that was sent must not look new
        part.replace(self._record)


def _load(record: Path) -> Iterator[TakenFile]:
    """Yield the files of the record. Raise RuntimeError when it is damaged: without it, sent files would look new."""
    try:
        yield from (TakenFile(**one) for one in json.loads(record.read_text("utf-8")))
    except FileNotFoundError:
        return
    except (ValueError, TypeError) as error:
        raise RuntimeError(
            f"{record} is damaged. It lists the files whose import has begun. Move the files that were imported out of "
            "the watched folder, then delete it."
        ) from error
