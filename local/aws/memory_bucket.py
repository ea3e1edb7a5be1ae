"""The S3 objects and SQS messages of webhooks in memory: moto takes about 7 ms for each, too slow for a busy hour.

The handlers and the ledger are the deployed ones, so conditional writes behave as S3's do. Uploaded files and their
results stay in moto or on the disk.
"""

import heapq
import io
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
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
    """The bucket, with `work/` and the results of webhooks in memory. `on_put` gets the key of each such object.

    What is below `work/` of the imports in `durable_imports` goes into the bucket. With `is_silent` the bucket sends no
    events of its own, and `on_put` gets all keys.
    """

    def __init__(
        self, bucket: Bucket, on_put: Callable[[str], None] = lambda _key: None, *, is_silent: bool = False
    ) -> None:
        self._bucket, self._on_put = bucket, on_put
        self._on_put_below = on_put if is_silent else lambda _key: None
        self.name = bucket.name
        self.durable_imports: set[str] = set()
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
            self._on_put_below(key)

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        if not self._is_in_memory(key):
            if new := self._bucket.put_if_match(key, body, etag):
                self._on_put_below(key)
            return new
        with self._lock:
            stored = self._objects.get(key)
            if (stored[1] if stored else "") != etag:
                return ""
            new = f'"{next(self._etag_numbers)}"'
            self._objects[key] = (body, new)
        self._on_put(key)
        return new

    def make_download_url(self, key: str, seconds: int, *, disposition: str, is_head: bool = False) -> str:
        if (body := self.read(key)) is not None and _is_in_memory(key):
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
        folder, _, rest = key.partition("/")
        return key.startswith(WEBHOOK_RESULTS) or (
            f"{folder}/" == WORK and rest.partition("/")[0] not in self.durable_imports
        )

    def _store(self, key: str, body: bytes) -> None:
        with self._lock:
            self._objects[key] = (body, f'"{next(self._etag_numbers)}"')
        self._on_put(key)


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


class MemoryQueue:
    """A queue of messages, each visible after its delay, in order."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._messages: list[tuple[float, int, str]] = []
        self._delays: dict[str, float] = {}
        self._sequence_numbers = itertools.count(1)
        self._changed = threading.Condition()

    def send(self, text: str, delay_seconds: float = 0) -> None:
        with self._changed:
            heapq.heappush(self._messages, (self._clock() + delay_seconds, next(self._sequence_numbers), text))
            self._changed.notify_all()

    def postpone(self, messages: Sequence[tuple[str, int]]) -> int:
        """Note the seconds until each receipt handle is received again, for `pop_delay`. Return 0: none was refused."""
        self._delays.update(messages)
        return 0

    def pop_delay(self, handle: str, default: float) -> float:
        """Return the seconds that a receipt handle was postponed by, else the default."""
        return self._delays.pop(handle, default)

    def receive(self, seconds: float) -> str | None:
        """Remove and return the next visible message; wait for one up to `seconds`, then return None."""
        deadline = self._clock() + seconds
        with self._changed:
            while True:
                now = self._clock()
                if self._messages and self._messages[0][0] <= now:
                    return heapq.heappop(self._messages)[2]
                if now >= deadline:
                    return None
                visible_at = self._messages[0][0] if self._messages else deadline
                self._changed.wait(min(deadline, visible_at) - now)

    def receive_all(self) -> list[str]:
        """Remove and return all messages, also those whose delay has not passed."""
        with self._changed:
            texts = [text for _, _, text in sorted(self._messages)]
            self._messages.clear()
            return texts

    def __len__(self) -> int:
        return len(self._messages)


def _is_in_memory(key: str) -> bool:
    return key.startswith((WORK, WEBHOOK_RESULTS))
