"""Prepares the folders of `serve`, and connects the watched one to the bucket."""

import json
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import RESULTS, VALIDATE, make_results_prefix
from contact_import.handlers import dependencies
from local.results_download import join_inside
from local.serving.finished_files import DONE, FAILED
from local.serving.folder_import import FolderImporter
from local.serving.folder_mappings import FolderMappings
from local.serving.folder_scanner import FolderScanner
from local.serving.interrupted_files import settle_interrupted_files
from local.serving.status_lines import StatusLines
from local.serving.taken_files import TakenFile, TakenFiles
from local.stack import BUCKET, Stack

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


def create_importer(root: Path, out: Path, taken: TakenFiles, stack: Stack, lines: StatusLines) -> FolderImporter:
    """Return the importer of a folder."""

    def store(key: str, body: IO[bytes]) -> str:
        try:
            version = stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
        except (BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error
        return compute_import_id(BUCKET, key, version)

    def store_mapping(key: str, body: bytes) -> None:
        stack.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def delete(key: str) -> None:
        stack.s3.delete_object(Bucket=BUCKET, Key=key)

    ignored = {root / DONE, root / FAILED}
    if out.resolve().is_relative_to(root.resolve()):
        ignored.add(root / out.resolve().relative_to(root.resolve()))
    return FolderImporter(
        FolderScanner(
            root, ignored, lambda error: lines.print_once(f"{error.filename} cannot be read: {error.strerror}")
        ),
        FolderMappings(root, store_mapping, delete, lines),
        taken,
        store,
        lines,
        root=root,
        large_bytes=dependencies.get_settings().inline_max_bytes,
        failures=stack.failures,
    )


def settle_folder(out: Path, taken: TakenFiles, importer: FolderImporter, lines: StatusLines) -> None:
    """Settle what an earlier run left in the folder."""

    def find_result(one: TakenFile) -> dict[str, Any] | None:
        prefix = make_results_prefix(one.key, one.import_id).removeprefix(RESULTS)
        path = join_inside(out, prefix) / "result.json"
        return json.loads(path.read_bytes()) if one.import_id and path.is_file() else None

    settle_interrupted_files(taken, importer, lines, find_result=find_result, resume=lambda _one: "")


def _create(path: Path, option: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise RuntimeError(f"{option}: {path} is a file; give a folder") from None
    except OSError as error:
        raise RuntimeError(f"{option}: the folder {path} cannot be created: {error.strerror}") from None
