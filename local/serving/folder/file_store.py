"""Put the files of the watched folder into the bucket on the disk, and begin or continue their imports."""

import hashlib
import shutil
import uuid
from pathlib import Path

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import WORK, make_config_key, make_results_prefix
from local.aws.disk_bucket import DiskBucket
from local.file_imports.reopening import reopen_import
from local.file_imports.spooling import spool_file
from local.serving.folder.folder_scanner import FileState, read_state
from local.serving.folder.taken_files import TakenFile
from local.stack import Stack


class FileStore:
    """The imports of one account. `account` is "" for the sandbox."""

    def __init__(self, stack: Stack, disk: DiskBucket, account: str) -> None:
        self._stack, self._disk, self.account = stack, disk, account
        stack.is_large_file = True  # as deployed: the size decides, and an outage

    @property
    def fault(self) -> OSError | None:
        """Return the first write that the disk did not take; after it nothing is sent any more."""
        return self._disk.fault

    def copy(self, path: Path) -> Path:
        """Copy a file, so that it may change or go. Raise OSError."""
        return spool_file(path, self._disk)[0]

    def make_taken(self, name: Path, state: FileState, key: str) -> TakenFile:
        """Return the record of a new import of a file."""
        version = uuid.uuid4().hex
        return TakenFile(
            str(name), *state, key, version, compute_import_id(self._disk.name, key, version), self.account
        )

    def begin(self, taken: TakenFile, copy: Path) -> None:
        """Begin the import of a copy."""
        target = self._get_copy(taken)
        copy.replace(target)
        self._announce(taken, target)

    def resume(self, taken: TakenFile, path: Path) -> bool:
        """Continue an import with the copy of its file, or with the file itself; return False when both are gone."""
        copy = self._get_copy(taken)
        if not copy.exists():
            if read_state(path) != taken.state:
                return False
            self.copy(path).replace(copy)
        self._keep(taken)
        reopen_import(self._disk, taken.import_id, make_results_prefix(taken.key, taken.import_id))
        self._announce(taken, copy)
        return True

    def remove(self, taken: TakenFile) -> None:
        """Remove what only a continued import would need: it holds people. The API still finds the result."""
        self._get_copy(taken).unlink(missing_ok=True)
        kept = make_config_key(taken.import_id)
        for key in self._disk.list_keys(f"{WORK}{taken.import_id}/"):
            if key != kept:
                self._disk.delete(key)
        results = make_results_prefix(taken.key, taken.import_id).rstrip("/")
        shutil.rmtree(self._disk.find_path(results), ignore_errors=True)

    def _announce(self, taken: TakenFile, copy: Path) -> None:
        self._keep(taken)
        self._stack.announce_upload(self._disk.add_upload(taken.key, copy, taken.version, {}))

    def _keep(self, taken: TakenFile) -> None:
        if self._stack.served_bucket:
            self._stack.served_bucket.file_imports.add(taken.import_id)

    def _get_copy(self, taken: TakenFile) -> Path:
        return self._disk.root / "uploads" / taken.import_id


def identify_account(url: str, api_key: str) -> str:
    """Return a text that differs between accounts and does not contain the key; "" for the sandbox."""
    return f"{url} {hashlib.sha256(api_key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}" if url else ""
