"""What a busy hour of webhooks needs of S3 and SQS, in memory: moto takes some 7 ms over each object and message.

The handlers, the ledger and its conditions are the deployed ones; only where the bytes lie is another place. Files
that are dropped, and their results, are in moto as ever.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from contact_import.aws.s3 import Bucket
from contact_import.aws.s3_streams import ObjectWriter
from contact_import.domain.object_keys import WORK

WEBHOOK_RESULTS = "results/webhook/"


class MemoryBucket(Bucket):
    """The bucket, with `work/` and the results of webhooks in memory. `on_put` hears of each object put there."""

    def __init__(self, bucket: Bucket, on_put: Callable[[str], None] = lambda _key: None) -> None:
        self._bucket, self._on_put = bucket, on_put
        self.name = bucket.name
        self._client = bucket._client  # noqa: SLF001  the rest of its kind asks moto with it
        self._objects: dict[str, tuple[bytes, str]] = {}
        self._etag_numbers = itertools.count(1)
        self._lock = threading.Lock()

    def read(self, key: str) -> bytes | None:
        if not _is_in_memory(key):
            return self._bucket.read(key)
        found = self._objects.get(key)
        return found[0] if found else None

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        return self._objects.get(key) if _is_in_memory(key) else self._bucket.read_with_etag(key)

    def has_object(self, key: str) -> bool:
        return key in self._objects if _is_in_memory(key) else self._bucket.has_object(key)

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        if _is_in_memory(key):
            self._store(key, body)
        else:
            self._bucket.put(key, body, content_type)

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        if not _is_in_memory(key):
            return self._bucket.put_if_match(key, body, etag)
        with self._lock:
            stored = self._objects.get(key)
            if (stored[1] if stored else "") != etag:
                return ""
            new = f'"{next(self._etag_numbers)}"'
            self._objects[key] = (body, new)
        self._on_put(key)
        return new

    def list_keys(self, prefix: str) -> Iterator[str]:
        if not _is_in_memory(prefix):
            return self._bucket.list_keys(prefix)
        with self._lock:
            return iter(sorted(key for key in self._objects if key.startswith(prefix)))

    def open_writer(self, key: str, content_type: str) -> ObjectWriter:
        return _MemoryWriter(self, key) if _is_in_memory(key) else self._bucket.open_writer(key, content_type)

    def _store(self, key: str, body: bytes) -> None:
        with self._lock:
            self._objects[key] = (body, f'"{next(self._etag_numbers)}"')
        self._on_put(key)


class _MemoryWriter(ObjectWriter):
    def __init__(self, memory_bucket: MemoryBucket, key: str) -> None:
        self._memory_bucket, self._key = memory_bucket, key
        self._buffer = bytearray()

    def write(self, text: str) -> None:
        self._buffer += text.encode("utf-8", "replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._memory_bucket.put(self._key, bytes(self._buffer))


class MemoryQueue:
    """A queue: messages that are seen after their delay, first come first served."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._messages: list[tuple[float, int, str]] = []
        self._sequence_numbers = itertools.count(1)
        self._changed = threading.Condition()

    def send(self, text: str, delay_seconds: float = 0) -> None:
        with self._changed:
            heapq.heappush(self._messages, (self._clock() + delay_seconds, next(self._sequence_numbers), text))
            self._changed.notify_all()

    def send_all(self, messages: Sequence[tuple[str, int]]) -> Iterator[bool]:
        for text, delay in messages:
            self.send(text, delay)
        return iter([True] * len(messages))

    def receive(self, seconds: float) -> str | None:
        """The next message that may be seen, or None when there is none for so long."""
        until = self._clock() + seconds
        with self._changed:
            while True:
                now = self._clock()
                if self._messages and self._messages[0][0] <= now:
                    return heapq.heappop(self._messages)[2]
                if now >= until:
                    return None
                due = self._messages[0][0] if self._messages else until
                self._changed.wait(min(until, due) - now)

    def receive_all(self) -> list[str]:
        """Those too that may not be seen yet."""
        with self._changed:
            texts = [text for _, _, text in sorted(self._messages)]
            self._messages.clear()
            return texts

    def __len__(self) -> int:
        return len(self._messages)


def _is_in_memory(key: str) -> bool:
    return key.startswith((WORK, WEBHOOK_RESULTS))
