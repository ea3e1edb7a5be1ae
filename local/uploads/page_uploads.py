"""Import the uploads of the import page on this machine, and continue them after a restart."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import MAPPING_FILE, make_results_prefix, make_stop_key
from contact_import.errors import SourceGoneError
from local.aws.disk_bucket import DiskBucket
from local.aws.served_bucket import ServedBucket
from local.file_imports.reopening import reopen_import
from local.stack import Stack

_VERSION = "page"  # the key of such an upload says which import it is
_FOLDER = "page_uploads"


class PageUploads:
    """The running imports of the page, each with a record on the disk. `account` names the Cellcast account."""

    def __init__(self, stack: Stack, disk: DiskBucket, bucket: ServedBucket, account: str) -> None:
        self._stack, self._disk, self._bucket, self._account = stack, disk, bucket, account
        self._folder = disk.root / _FOLDER
        self._folder.mkdir(exist_ok=True)

    def start(self, source: str, target: str, metadata: Mapping[str, str]) -> None:
        """Take an uploaded file, and begin its import. Raise SourceGoneError when the file is gone."""
        import_id = compute_import_id(self._disk.name, target, "")
        # A mapping in the bucket is of a folder, and those are removed at the next start; in the metadata it stays.
        if mapping := self._bucket.read(f"{target.rpartition('/')[0]}/{MAPPING_FILE}"):
            metadata = {**metadata, "mapping": quote(mapping.decode(), safe="")}
        path = self._get_file(import_id)
        uploaded = self._bucket.find_upload(source)
        if uploaded is None:
            raise SourceGoneError("The file is not there any more; upload it again.")
        path.unlink(missing_ok=True)
        path.hardlink_to(uploaded)  # no copy: nothing changes an upload, and it may be checked before it is imported
        record = {"key": target, "metadata": dict(metadata), "account": self._account}
        self._disk.replace_file(self._get_record(import_id), json.dumps(record).encode(), is_durable=True)
        self._announce(import_id, record)

    def resume(self, print_line: Callable[[str], None]) -> None:
        """Continue the imports that an earlier process left unfinished."""
        for path in sorted(self._folder.glob("*.json")):
            import_id, record = path.stem, json.loads(path.read_bytes())
            name = record["key"].rpartition("/")[2]
            if record["account"] != self._account:
                print_line(f"{name} of the import page waits: it belongs to another account than this server's")
            elif self._get_file(import_id).exists():
                stop = self._bucket.read(make_stop_key(import_id))
                reopen_import(self._bucket, import_id, make_results_prefix(record["key"], import_id))
                if stop and json.loads(stop).get("by_user"):
                    self._bucket.put(make_stop_key(import_id), stop)
                print_line(f"{name} of the import page continues")
                self._announce(import_id, record)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Delete the record and the copy of a finished import: the copy contains personal data. The results stay."""
        for path in (self._get_record(result["import_id"]), self._get_file(result["import_id"])):
            path.unlink(missing_ok=True)

    def _announce(self, import_id: str, record: Mapping[str, Any]) -> None:
        upload = self._disk.add_upload(record["key"], self._get_file(import_id), _VERSION, record["metadata"])
        self._stack.announce_upload(upload)

    def _get_file(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.data"

    def _get_record(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.json"


def take_page_uploads(stack: Stack, disk: DiskBucket, account: str) -> PageUploads:
    """Return the imports of the page, connected to the bucket that gets their files."""
    bucket = stack.served_bucket
    assert bucket  # noqa: S101  `serve` always has one
    uploads = PageUploads(stack, disk, bucket, account)
    bucket.on_copy = uploads.start
    return uploads
