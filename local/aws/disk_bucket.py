"""A bucket in a folder. The ledger in it survives the end of the process and a power failure.

A write is atomic: a file is written beside its place, forced to the disk and renamed. Conditional writes are under a
lock that all processes of the machine share, so that of two runs one wins, as with S3.
"""

import fcntl
import hashlib
import io
import itertools
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_streams import ObjectWriter
from contact_import.domain.object_keys import INCOMING, RESULTS, VALIDATE, WORK
from contact_import.errors import SourceGoneError

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")
_READ_BUFFER_BYTES = 1024 * 1024


class DiskBucket(Bucket):
    """The objects of a bucket as files below `root`; uploads are files that `add_upload` names.

    `fault` is the error of the first write that failed. Later writes raise it as well: a batch without a claim is not
    sent, so no contact is sent whose outcome cannot be stored.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.fault: OSError | None = None
        self._uploads: dict[str, tuple[Path, str, Mapping[str, str]]] = {}
        self._lock = threading.Lock()
        self._part_numbers = itertools.count()
        root.mkdir(parents=True, exist_ok=True)

    def add_upload(self, key: str, path: Path, version: str, metadata: Mapping[str, str]) -> Upload:
        """Make the file at `path` the object `key`; the file must not change. Return it as an event names it."""
        self._uploads[key] = (path, version, metadata)
        return Upload(self.name, key, version, version, path.stat().st_size)

    def has_upload(self, key: str) -> bool:
        """Return whether the object is an upload that `add_upload` named."""
        return key in self._uploads

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        try:
            body = self.find_path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return body, _compute_etag(body)

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:  # noqa: ARG002
        # Objects that are only shown, such as progress.json, may be lost in a power failure.
        self.replace_file(self.find_path(key), body, is_durable=key.startswith(WORK))

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        path = self.find_path(key)
        with self._lock, self._lock_processes():
            stored = self.read_with_etag(key)
            if (stored[1] if stored else "") != etag:
                return ""
            self.replace_file(path, body, is_durable=key.startswith(WORK) or key.endswith("/result.json"))
        return _compute_etag(body)

    def has_object(self, key: str) -> bool:
        return self.find_path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove an object; do nothing when there is none."""
        self.find_path(key).unlink(missing_ok=True)

    def list_versions(self, prefix: str, start_after: str = "") -> Iterator[tuple[Upload, datetime]]:
        """Yield nothing: uploads are files of the user, and their events cannot be lost."""
        del prefix, start_after
        return iter(())

    def list_keys(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """Yield the keys below a folder, in the order of their bytes. Raise ValueError where names may be digests."""
        if prefix.startswith((INCOMING, VALIDATE, RESULTS)) or not prefix.endswith("/"):
            raise ValueError(prefix)
        folder = self.find_path(prefix.rstrip("/"))
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        keys = (prefix + name for name in names if not name.endswith(".part"))
        return (key for key in keys if key > start_after)

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        return dict(self._find_upload(key, version_id or etag)[2])

    def open(self, key: str, version_id: str = "", etag: str = "") -> io.BufferedReader:
        path = self._find_upload(key, version_id or etag)[0] if key in self._uploads else self.find_path(key)
        try:
            return io.BufferedReader(io.FileIO(path), _READ_BUFFER_BYTES)
        except FileNotFoundError as error:
            raise SourceGoneError(f"{path.name} is not there any more; import the file again.") from error

    def open_writer(self, key: str, content_type: str) -> ObjectWriter:  # noqa: ARG002
        return _FileWriter(self, self.find_path(key))

    def find_path(self, key: str) -> Path:
        """Return the file of an object. A part of the key that cannot be a file name everywhere becomes its digest."""
        parts = (
            part if _PLAIN_NAME.fullmatch(part) else hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest()
            for part in key.split("/")
        )
        return self.root.joinpath(*parts)

    def replace_file(self, path: Path, body: bytes, *, is_durable: bool) -> None:
        """Write a file whole, or leave the one that is there. Raise OSError, now and after an earlier fault."""
        with self.report_fault():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = self.name_part(path)
            try:
                with part.open("wb") as file:
                    file.write(body)
                    if is_durable:
                        file.flush()
                        os.fsync(file.fileno())
                part.replace(path)
            except OSError:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            if is_durable:
                _sync_folder(path.parent)

    def name_part(self, path: Path) -> Path:
        """Return a name beside `path` for a file that is being written."""
        return path.with_name(f"{path.name}.{os.getpid()}-{next(self._part_numbers)}.part")

    @contextmanager
    def report_fault(self) -> Iterator[None]:
        """Remember the first OSError of a write, and raise it again at each later one."""
        if self.fault:
            raise self.fault
        try:
            yield
        except OSError as error:
            error.filename = error.filename or str(self.root)  # a write names no file
            self.fault = self.fault or error
            raise

    @contextmanager
    def _lock_processes(self) -> Iterator[None]:
        with (self.root / "writes.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file unlocks it, as does the end of the process
            yield

    def _find_upload(self, key: str, version: str) -> tuple[Path, str, Mapping[str, str]]:
        found = self._uploads.get(key)
        if not found or (version and found[1] != version):
            raise SourceGoneError("The file is not there any more; import it again.")
        return found


class _FileWriter(ObjectWriter):
    def __init__(self, bucket: DiskBucket, path: Path) -> None:
        self._disk_bucket, self._path = bucket, path
        self._part = bucket.name_part(path)
        self._file: Any = None

    def write(self, text: str) -> None:
        with self._disk_bucket.report_fault():
            self._file.write(text.encode("utf-8", "replace"))

    def __enter__(self) -> Self:
        with self._disk_bucket.report_fault():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb", buffering=_READ_BUFFER_BYTES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._disk_bucket.report_fault():
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                if error is None:
                    self._part.replace(self._path)
        finally:
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._part.unlink(missing_ok=True)


def _compute_etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _sync_folder(folder: Path) -> None:
    """Write a rename through to the disk. Windows cannot open a folder, and does it without being asked."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def load_json(path: Path) -> Any | None:
    """Return the JSON value of a file, None when there is no such file."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
