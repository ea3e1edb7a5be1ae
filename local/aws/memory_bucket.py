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

from contact_import.aws.s3 import Bucket, ObjectWriter
from contact_import.domain.object_keys import WORK

WEBHOOKS = "results/webhook/"


class Shelf(Bucket):
    """The bucket, with `work/` and the results of webhooks in memory. `put_hook` hears of each object put there."""

    def __init__(self, bucket: Bucket, put_hook: Callable[[str], None] = lambda _key: None) -> None:
        self._bucket, self._put_hook = bucket, put_hook
        self.name = bucket.name
        self._client = bucket._client  # noqa: SLF001  the rest of its kind asks moto with it
        self._objects: dict[str, tuple[bytes, str]] = {}
        self._tags = itertools.count(1)
        self._lock = threading.Lock()

    def read(self, key: str) -> bytes | None:
        if not _is_here(key):
            return self._bucket.read(key)
        found = self._objects.get(key)
        return found[0] if found else None

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        return self._objects.get(key) if _is_here(key) else self._bucket.read_tagged(key)

    def has(self, key: str) -> bool:
        return key in self._objects if _is_here(key) else self._bucket.has(key)

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        if _is_here(key):
            self._set(key, body)
        else:
            self._bucket.put(key, body, content_type)

    def put_over(self, key: str, body: bytes, tag: str) -> str:
        if not _is_here(key):
            return self._bucket.put_over(key, body, tag)
        with self._lock:
            there = self._objects.get(key)
            if (there[1] if there else "") != tag:
                return ""
            new = f'"{next(self._tags)}"'
            self._objects[key] = (body, new)
        self._put_hook(key)
        return new

    def keys(self, prefix: str) -> Iterator[str]:
        if not _is_here(prefix):
            return self._bucket.keys(prefix)
        with self._lock:
            return iter(sorted(key for key in self._objects if key.startswith(prefix)))

    def writer(self, key: str, content_type: str) -> ObjectWriter:
        return _Writer(self, key) if _is_here(key) else self._bucket.writer(key, content_type)

    def _set(self, key: str, body: bytes) -> None:
        with self._lock:
            self._objects[key] = (body, f'"{next(self._tags)}"')
        self._put_hook(key)


class _Writer(ObjectWriter):
    def __init__(self, shelf: Shelf, key: str) -> None:
        self._shelf, self._key = shelf, key
        self._buffer = bytearray()

    def write(self, text: str) -> None:
        self._buffer += text.encode("utf-8", "replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._shelf.put(self._key, bytes(self._buffer))


class Line:
    """A queue: messages that are seen after their delay, first come first served."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._messages: list[tuple[float, int, str]] = []
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()

    def put(self, text: str, delay: float = 0) -> None:
        with self._changed:
            heapq.heappush(self._messages, (self._clock() + delay, next(self._numbers), text))
            self._changed.notify_all()

    def put_all(self, texts: Sequence[tuple[str, int]]) -> Iterator[bool]:
        for text, delay in texts:
            self.put(text, delay)
        return iter([True] * len(texts))

    def take(self, seconds: float) -> str | None:
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

    def take_all(self) -> list[str]:
        """Those too that may not be seen yet."""
        with self._changed:
            texts = [text for _, _, text in sorted(self._messages)]
            self._messages.clear()
            return texts

    def __len__(self) -> int:
        return len(self._messages)


def _is_here(key: str) -> bool:
    return key.startswith((WORK, WEBHOOKS))
