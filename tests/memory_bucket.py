"""A bucket in memory, for tests that need no AWS."""

import io
import itertools
import threading
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_streams import ObjectWriter
from contact_import.domain.object_keys import WORK
from contact_import.errors import SourceGoneError

WEBHOOK_RESULTS = "results/webhook/"


class MemoryBucket(Bucket):
    """The bucket, with `work/` and the results of webhooks in memory. Conditional writes behave as S3's do."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self.name = bucket.name
        self._objects: dict[str, tuple[bytes, str]] = {}
        self._etag_numbers = itertools.count(1)
        self._lock = threading.Lock()

    def read(self, key: str) -> bytes | None:
        if not self._is_in_memory(key):
            return self._bucket.read(key)
        found = self._objects.get(key)
        return found[0] if found else None

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        return self._objects.get(key) if self._is_in_memory(key) else self._bucket.read_with_etag(key)

    def has_object(self, key: str) -> bool:
        return key in self._objects if self._is_in_memory(key) else self._bucket.has_object(key)

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        if self._is_in_memory(key):
            self._store(key, body)
        else:
            self._bucket.put(key, body, content_type)

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        if not self._is_in_memory(key):
            return self._bucket.put_if_match(key, body, etag)
        with self._lock:
            stored = self._objects.get(key)
            if (stored[1] if stored else "") != etag:
                return ""
            new = f'"{next(self._etag_numbers)}"'
            self._objects[key] = (body, new)
        return new

    def make_download_url(self, key: str, seconds: int, *, disposition: str, is_head: bool = False) -> str:
        if (body := self.read(key)) is not None and self._is_in_memory(key):
            content_type = "text/html; charset=utf-8" if key.endswith(".html") else "text/csv; charset=utf-8"
            self._bucket.put(key, body, content_type)  # the URL is one of moto's
        return self._bucket.make_download_url(key, seconds, disposition=disposition, is_head=is_head)

    def list_keys(self, prefix: str, start_after: str = "") -> Iterator[str]:
        if not self._is_in_memory(prefix):
            return self._bucket.list_keys(prefix, start_after)
        with self._lock:
            return iter(sorted(key for key in self._objects if key.startswith(prefix) and key > start_after))

    def open_writer(self, key: str, content_type: str) -> ObjectWriter:
        return _MemoryWriter(self, key) if self._is_in_memory(key) else self._bucket.open_writer(key, content_type)

    def list_versions(self, prefix: str, start_after: str = "") -> Iterator[tuple[Upload, datetime]]:
        return self._bucket.list_versions(prefix, start_after)

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        return self._bucket.read_metadata(key, version_id, etag)

    def open(self, key: str, version_id: str = "", etag: str = "") -> io.BufferedReader:
        if not self._is_in_memory(key):
            return self._bucket.open(key, version_id, etag)
        found = self._objects.get(key)
        if not found:
            raise SourceGoneError("The object is not there.")
        return io.BufferedReader(io.BytesIO(found[0]))

    def _is_in_memory(self, key: str) -> bool:
        return key.startswith((WORK, WEBHOOK_RESULTS))

    def _store(self, key: str, body: bytes) -> None:
        with self._lock:
            self._objects[key] = (body, f'"{next(self._etag_numbers)}"')


class _MemoryWriter(ObjectWriter):
    def __init__(self, memory_bucket: MemoryBucket, key: str) -> None:
        self._memory_bucket, self._key = memory_bucket, key
        self._buffer = bytearray()

    def write_bytes(self, data: bytes) -> None:
        self._buffer += data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._memory_bucket.put(self._key, bytes(self._buffer))
