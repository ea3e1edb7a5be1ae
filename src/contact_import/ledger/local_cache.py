"""What this run has sealed, once more on its own disk: to read it back takes no request then."""

import os
import tempfile
import weakref
from itertools import count

_SLOT_BYTES = 16 * 1024**2  # for each batch, in a file that has holes: threads write side by side without waiting


class LocalCache:
    """Bodies by their key. It may forget one: then what is in the bucket is read."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._slots = count()
        self._locations: dict[str, tuple[int, int]] = {}  # offset and size
        try:
            self._descriptor, path = tempfile.mkstemp()
        except OSError:
            return
        os.unlink(path)  # noqa: PTH108  the file lives as long as its handle
        weakref.finalize(self, os.close, self._descriptor)

    def save(self, key: str, body: bytes) -> None:
        offset = next(self._slots) * _SLOT_BYTES
        try:
            if (
                self._descriptor >= 0
                and len(body) <= _SLOT_BYTES
                and os.pwrite(self._descriptor, body, offset) == len(body)
            ):
                self._locations[key] = (offset, len(body))
        except OSError:  # the disk is full
            return

    def __contains__(self, key: str) -> bool:
        return key in self._locations

    def read(self, key: str) -> bytes | None:
        if key not in self._locations:
            return None
        offset, size = self._locations[key]
        return os.pread(self._descriptor, size, offset)
