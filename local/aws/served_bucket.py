"""The bucket of `serve`: every object that must survive the process is on the disk.

The objects of watched files are in one folder. Those of deliveries and API calls have a folder for each account: a
delivery for one account is never sent to another.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_streams import ObjectWriter
from contact_import.domain.object_keys import INCOMING, RESULTS, UPLOADS, VALIDATE, make_config_key
from contact_import.errors import SourceGoneError
from local.aws.disk_bucket import DiskBucket
from local.uploads.upload_server import UploadServer

WEBHOOK_RESULTS = f"{RESULTS}webhook/"


class ServedBucket(Bucket):
    """The buckets of files and of submissions as one.

    `find_copy` returns the path of a result in the output folder; an object that was copied there may be deleted here.
    `on_put` gets the key of each object that was written. `s3` is the bucket of the embedded AWS, which serves
    downloads over HTTP; `uploads` receives the files of the import page.
    """

    def __init__(
        self,
        files: DiskBucket,
        submissions: DiskBucket,
        s3: Bucket,
        *,
        uploads: UploadServer,
        find_copy: Callable[[str], Path],
        on_put: Callable[[str], None],
    ) -> None:
        self._files, self._submissions, self._s3, self._uploads = files, submissions, s3, uploads
        self._find_copy, self._on_put = find_copy, on_put
        self.name = files.name
        self.file_imports: set[str] = set()  # the import ids of watched files
        self.on_copy: Callable[[str, str, Mapping[str, str]], None] = s3.copy  # gets each file of the import page

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        found = self._choose(key).read_with_etag(key)
        if found:
            return found
        copy = self._find_copied(key)
        return (copy.read_bytes(), "") if copy else None

    def has_object(self, key: str) -> bool:
        return self._choose(key).has_object(key) or bool(self._find_copied(key))

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        self._choose(key).put(key, body, content_type)
        self._on_put(key)

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        new = self._choose(key).put_if_match(key, body, etag)
        if new:
            self._on_put(key)
        return new

    def delete(self, key: str) -> None:
        self._choose(key).delete(key)

    def list_keys(self, prefix: str, start_after: str = "") -> Iterator[str]:
        if prefix.startswith(UPLOADS):
            return iter(self._uploads.list_keys(prefix))
        return self._choose(prefix).list_keys(prefix, start_after)

    def list_versions(self, prefix: str, start_after: str = "") -> Iterator[tuple[Upload, datetime]]:
        return self._choose(prefix).list_versions(prefix, start_after)

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        return self._choose(key).read_metadata(key, version_id, etag)

    def open(self, key: str, version_id: str = "", etag: str = "") -> io.BufferedReader:
        if key.startswith(UPLOADS):
            if path := self.find_upload(key):
                return path.open("rb")
            raise SourceGoneError("The file is not there any more; upload it again.")
        try:
            return self._choose(key).open(key, version_id, etag)
        except SourceGoneError:
            if copy := self._find_copied(key):
                return copy.open("rb")
            raise

    def open_writer(self, key: str, content_type: str) -> ObjectWriter:
        return self._choose(key).open_writer(key, content_type)

    def make_download_url(self, key: str, seconds: int, *, disposition: str, is_head: bool = False) -> str:
        """Copy the object into the embedded AWS, which serves its URL."""
        content_type = "text/html; charset=utf-8" if key.endswith(".html") else "text/csv; charset=utf-8"
        with self.open(key) as source, self._s3.open_writer(key, content_type) as target:
            for line in io.TextIOWrapper(source, "utf-8", "replace", newline=""):
                target.write(line)
        return self._s3.make_download_url(key, seconds, disposition=disposition, is_head=is_head)

    def make_upload_form(self, key: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        return self._uploads.make_form(key, max_bytes, seconds)

    def find_upload(self, key: str) -> Path | None:
        """Return the file that the import page uploaded under a key, None when there is none."""
        return self._uploads.find_file(key)

    def copy(self, source: str, target: str, metadata: Mapping[str, str]) -> None:
        self.on_copy(source, target, metadata)

    def _choose(self, key: str) -> Bucket:
        folder, _, rest = key.partition("/")
        if f"{folder}/" in (INCOMING, VALIDATE):
            return self._files if self._files.has_upload(key) or self._files.has_object(key) else self._s3
        if f"{folder}/" == RESULTS:
            return self._submissions if key.startswith(WEBHOOK_RESULTS) else self._files
        import_id, _, name = rest.partition("/")
        if name == "callback.json":  # of files too: it is written before their import begins
            return self._submissions
        is_of_file = import_id in self.file_imports or self._files.has_object(make_config_key(import_id))
        return self._files if is_of_file else self._submissions

    def _find_copied(self, key: str) -> Path | None:
        copy = self._find_copy(key) if key.startswith(RESULTS) else None
        return copy if copy and copy.is_file() else None
