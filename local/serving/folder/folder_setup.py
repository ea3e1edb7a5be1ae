"""Prepare the folders of `serve`, and connect the watched one to the bucket."""

import json
import shutil
from pathlib import Path
from typing import Any

from contact_import.domain.object_keys import INCOMING, RESULTS, VALIDATE, make_results_prefix
from contact_import.handlers import dependencies
from local.aws.disk_bucket import DiskBucket
from local.file_imports.results_download import join_inside
from local.serving.folder.file_store import FileStore
from local.serving.folder.finished_files import DONE, FAILED
from local.serving.folder.folder_import import FolderImporter
from local.serving.folder.folder_mappings import FolderMappings
from local.serving.folder.folder_scanner import FolderScanner
from local.serving.folder.interrupted_files import settle_interrupted_files
from local.serving.folder.taken_files import TakenFile, TakenFiles
from local.serving.status_lines import StatusLines
from local.stack import Stack

_VALIDATE_FOLDER = VALIDATE.rstrip("/")


def prepare_folders(out: Path, drop: Path | None) -> None:
    """Create the folders. Raise RuntimeError for one that cannot be used."""
    _create(out, "--out")
    if not drop:
        return
    _create(drop, "--drop")
    if out.resolve() == drop.resolve():
        raise RuntimeError("--out and --drop must be two folders: results would be imported")
    _create(drop / _VALIDATE_FOLDER, "--drop")


def create_importer(
    root: Path, out: Path, taken: TakenFiles, *, store: FileStore, disk: DiskBucket, stack: Stack, lines: StatusLines
) -> FolderImporter:
    """Return the importer of a folder."""
    for prefix in (INCOMING, VALIDATE):  # the mappings of an earlier run
        shutil.rmtree(disk.find_path(prefix.rstrip("/")), ignore_errors=True)

    ignored = {root / DONE, root / FAILED}
    if out.resolve().is_relative_to(root.resolve()):
        ignored.add(root / out.resolve().relative_to(root.resolve()))
    return FolderImporter(
        FolderScanner(
            root, ignored, lambda error: lines.print_once(f"{error.filename} cannot be read: {error.strerror}")
        ),
        FolderMappings(root, disk.put, disk.delete, lines),
        taken,
        store,
        lines,
        root=root,
        large_bytes=dependencies.get_settings().inline_max_bytes,
        failures=stack.failures,
    )


def settle_folder(
    root: Path, out: Path, taken: TakenFiles, *, importer: FolderImporter, store: FileStore, lines: StatusLines
) -> None:
    """Settle what an earlier run left in the folder."""

    def find_result(one: TakenFile) -> dict[str, Any] | None:
        prefix = make_results_prefix(one.key, one.import_id).removeprefix(RESULTS)
        path = join_inside(out, prefix) / "result.json"
        return json.loads(path.read_bytes()) if path.is_file() else None

    settle_interrupted_files(
        taken,
        importer,
        lines,
        account=store.account,
        find_result=find_result,
        resume=lambda one: store.resume(one, root / one.path),
    )


def _create(path: Path, option: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise RuntimeError(f"{option}: {path} is a file; give a folder") from None
    except OSError as error:
        raise RuntimeError(f"{option}: the folder {path} cannot be created: {error.strerror}") from None
