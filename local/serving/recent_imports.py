"""The last imports whose results are in the output folder, for the start page."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contact_import.domain.ids import is_import_id
from contact_import.domain.object_keys import INCOMING
from contact_import.reports.summary import summarize_result
from local.file_imports.result_folders import WORK_FOLDER

RESULT_FILES = ("report.html", "failed.csv", "accepted.csv")

_MAX_FILES = 50
_MAX_DELIVERIES = 20  # a busy form must not push the files off the page


@dataclass(frozen=True, slots=True)
class RecentImport:
    """A finished import.

    `source` is the name of the file or of the endpoint. `files` are the results that have something in them.
    """

    import_id: str
    source: str
    status: str
    dry_run: bool
    finished_at: str
    sentence: str
    folder: Path
    files: tuple[str, ...]


class RecentImports:
    """The newest 50 imports of files and 20 deliveries."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._files: deque[RecentImport] = deque(maxlen=_MAX_FILES)
        self._deliveries: deque[RecentImport] = deque(maxlen=_MAX_DELIVERIES)

    def load(self) -> None:
        """Read the results of earlier runs that are in the output folder."""
        results = (path for path in self._out.rglob("result.json") if WORK_FOLDER not in path.parts)
        paths = sorted(results, key=_get_mtime)
        for path in paths[-_MAX_FILES:]:
            try:
                self.add(json.loads(path.read_bytes()), path.parent)
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue  # not a result of this importer

    def add(self, result: Mapping[str, Any], folder: Path) -> None:
        """Remember an import as the newest one."""
        if not is_import_id(result["import_id"]):
            return
        accepted = result["rows"]["accepted"]
        has_rows = {"accepted.csv": accepted, "failed.csv": result["rows"]["read"] - accepted}
        files = tuple(name for name in RESULT_FILES if has_rows.get(name, 1) and (folder / name).is_file())
        recent = RecentImport(
            result["import_id"],
            result["source"]["key"].removeprefix(INCOMING),
            result["status"],
            result["dry_run"],
            result["finished_at"],
            result["error"] or summarize_result(result),
            folder,
            files,
        )
        with self._lock:
            kept = self._files if result["source"]["kind"] == "s3" else self._deliveries
            if recent.import_id not in {one.import_id for one in kept}:
                kept.append(recent)

    def list_newest(self) -> list[RecentImport]:
        """Return all of them, the newest first."""
        with self._lock:
            both = [*self._deliveries, *self._files]
        return sorted(both, key=lambda one: one.finished_at)[::-1]  # of the same second, the last one first

    def find_file(self, import_id: str, name: str) -> Path | None:
        """Return the path of a result file, None for one that the list does not have."""
        # No part of the request becomes part of a path: the id selects an entry, the name one of three constants.
        matches = (one.folder / name for one in self.list_newest() if one.import_id == import_id and name in one.files)
        path = next(matches, None)
        return path if path and path.is_file() and not path.is_symlink() else None


def _get_mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
