"""What this run has sealed, once more on its own disk: to read it back takes no request then."""

import os
import tempfile
import weakref
from itertools import count

_ROOM = 16 * 1024**2  # for each batch, in a file that has holes: threads write side by side without waiting


class Spool:
    """Bodies by their key. It may forget one: then what is in the bucket is read."""

    def __init__(self) -> None:
        self._file = -1
        self._slots = count()
        self._places: dict[str, tuple[int, int]] = {}  # offset and size
        try:
            self._file, path = tempfile.mkstemp()
        except OSError:
            return
        os.unlink(path)  # noqa: PTH108  the file lives as long as its handle
        weakref.finalize(self, os.close, self._file)

    def keep(self, key: str, body: bytes) -> None:
        offset = next(self._slots) * _ROOM
        try:
            if self._file >= 0 and len(body) <= _ROOM and os.pwrite(self._file, body, offset) == len(body):
                self._places[key] = (offset, len(body))
        except OSError:  # the disk is full
            return

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def read(self, key: str) -> bytes | None:
        if key not in self._places:
            return None
        offset, size = self._places[key]
        return os.pread(self._file, size, offset)
