"""Write the results to `out/<file>/<start>/`, and point `latest` to it.

Each import has a folder. Only the import that wrote a file replaces it, and a file that a person has edited since is
kept under another name.
"""

import os
import re
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from local.aws.disk_bucket import DiskBucket
from local.file_imports.import_journal import JournalEntry

RESULT_FILES = ("failed.csv", "accepted.csv", "report.html", "result.json")
WORK_FOLDER = ".work"
LOG_FILE = "functions.log"
_RESERVED_NAMES = (WORK_FOLDER, LOG_FILE, ".", "..")
_MAX_NAME_BYTES = 200
_CONTROL_CHARS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069/]")


def clean_name(name: str) -> str:
    """Return the name of a file as text that every result and every console can hold."""
    text = _CONTROL_CHARS.sub("_", os.fsencode(name).decode("utf-8", "replace"))
    while len(text.encode()) > _MAX_NAME_BYTES:
        text = text[1:]  # the end has the suffix
    return f"_{text}" if text in _RESERVED_NAMES else text or "_"


def make_folder(out: Path, name: str, now: datetime, *, is_dry_run: bool) -> Path:
    """Make an empty folder for an import that starts now."""
    parent = out / name
    parent.mkdir(parents=True, exist_ok=True)
    start = f"{now:%Y-%m-%d_%H-%M-%S}{'_dry-run' if is_dry_run else ''}"
    number = 1
    while True:
        folder = parent / (start if number == 1 else f"{start}_{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def publish_results(bucket: DiskBucket, prefix: str, folder: Path, entry: JournalEntry) -> list[Path]:
    """Move the results into their folder, and return where what a person had edited is now.

    Doing it twice does no harm: result.json stays in the bucket too, where it says that the import is finished.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {name: (size, time) for name, size, time in entry.files}
    kept = []
    for name in RESULT_FILES:
        source, target = bucket.find_path(prefix + name), folder / name
        if not source.exists():
            continue
        if name == "result.json":
            bucket.replace_file(target, source.read_bytes(), is_durable=True)
            continue
        if target.exists() and written.get(name) != _read_state(target):
            kept.append(_rename_edited(target))
        shutil.move(source, target)
    return kept


def point_latest(folder: Path, *, is_dry_run: bool) -> None:
    """Point the link `latest` beside the folder to it; a dry run has a link of another name."""
    pointer = folder.parent / ("latest-dry-run" if is_dry_run else "latest")
    part = pointer.with_name(f"{pointer.name}.{os.getpid()}.part")
    with suppress(OSError):  # a file system without links: the folders are named by their time
        part.symlink_to(folder.name, target_is_directory=True)
        part.replace(pointer)


def remove_working_files(bucket: DiskBucket, import_id: str, upload: Path) -> None:
    """Remove the ledger and the copy of the upload of an import of which nothing is left to do: they hold people."""
    shutil.rmtree(bucket.find_path(f"work/{import_id}"), ignore_errors=True)
    upload.unlink(missing_ok=True)


def _read_state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _rename_edited(path: Path) -> Path:
    number = 1
    while (target := path.with_name(f"{path.stem}-edited-{number}{path.suffix}")).exists():
        number += 1
    return path.replace(target)
