"""Keep the files that the import page uploads, and start their imports by a copy from `uploads/` to `incoming/`.

A file is in `uploads/`, where S3 starts no import, until a person has seen its preview. The copy starts the import. Its
id depends on the upload id only: a call that is repeated, or that is interrupted between two writes and made again, is
the same import and sends no contact twice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.callbacks.callback_store import Callback, save_callback
from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import (
    INCOMING,
    MAPPING_FILE,
    VALIDATE,
    make_history_key,
    make_request_key,
    make_upload_prefix,
)
from contact_import.domain.utf8 import encode_utf8

if TYPE_CHECKING:
    from contact_import.webhooks.api.uploads.upload_request import UploadRequest

_FORM_SECONDS = 3600  # until the upload must have begun
_DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class StartedImport:
    """An import that was started, now or by an earlier call. With `is_other`, that call had another body."""

    import_id: str
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller that starts an import: the name of its token, "" for none, and the API's address as it sees it."""

    name: str
    api_url: str


class UploadStore:
    """Uploads over the API in the bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def make_form(self, upload_id: str, name: str, size: int) -> dict[str, Any]:
        """Return the address and the fields of a form that uploads the file, of at most `size` bytes."""
        return self._bucket.make_upload_form(f"{make_upload_prefix(upload_id)}{name}", size, _FORM_SECONDS)

    def find(self, upload_id: str) -> str | None:
        """Return the key of an uploaded file, None if there is none yet."""
        return next(iter(self._bucket.list_keys(make_upload_prefix(upload_id))), None)

    def start_import(
        self, key: str, upload_id: str, request: "UploadRequest", caller: Caller, *, now: datetime
    ) -> StartedImport:
        """Start the import of an uploaded file. Raise SourceGoneError if the file is gone."""
        digest = hashlib.sha256(encode_utf8(request.digest_text)).hexdigest()[:_DIGEST_CHARS]
        # A dry run may be repeated with other columns; the real import of an upload happens once.
        folder = f"{VALIDATE}upload={upload_id}/{digest}/" if request.is_dry_run else f"{INCOMING}upload={upload_id}/"
        name = key.rpartition("/")[2]
        import_id = compute_import_id(self._bucket.name, folder + name, "")
        record = {"key": folder + name, "digest": digest, "started_by": caller.name, "at": now.isoformat()}
        # One of several equal calls creates the record. The others find it, and repair what its owner did not finish.
        request_key = make_request_key(import_id)
        is_new = bool(self._bucket.put_if_match(request_key, encode_json(record), ""))
        stored = record if is_new else self._bucket.read_json(request_key) or record
        if stored["digest"] != digest:
            return StartedImport(import_id, is_other=True)
        if is_new or not self._bucket.has_object(folder + name):
            self._save_history(import_id, upload_id, record, is_dry_run=request.is_dry_run)
            if request.callback_url:
                save_callback(self._bucket, import_id, Callback(request.callback_url, caller.api_url))
            if request.mapping_body:
                self._bucket.put(f"{folder}{MAPPING_FILE}", request.mapping_body)
            # Last: the copy is the event that starts the import, which reads everything above.
            self._bucket.copy(key, folder + name, _build_metadata(request, caller.name))
        return StartedImport(import_id)

    def _save_history(self, import_id: str, upload_id: str, record: Mapping[str, str], *, is_dry_run: bool) -> None:
        began = datetime.fromtimestamp(int(upload_id[:8], 16), datetime.fromisoformat(record["at"]).tzinfo)
        line = {
            "import_id": import_id,
            "status": "running",
            "dry_run": is_dry_run,
            "file": record["key"].rpartition("/")[2],
            "started_at": record["at"],
            "started_by": record["started_by"] or None,
        }
        self._bucket.put_json(make_history_key(began, import_id), line)


def _build_metadata(request: "UploadRequest", started_by: str) -> dict[str, str]:
    """Return the metadata of the copy. S3 metadata is ASCII: names are percent-encoded."""
    metadata = {
        "tags": ",".join(quote(name, safe="") for name in request.labels.tags),
        "list": ",".join(quote(name, safe="") for name in request.labels.lists),
        "started-by": quote(started_by, safe=""),
    }
    return {name: value for name, value in metadata.items() if value}
