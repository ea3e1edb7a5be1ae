"""Cache this run's commits on the local disk, so that reading them takes no request to S3.

An import reads each of its batches back to write the result files. Without the cache that is one GET for each batch:
101 requests and more than a tenth of the CPU time of an import of 100 batches (docs/performance.md).
"""

import os
import tempfile
import weakref
from itertools import count

# Each body has its own slot in a sparse file: threads write without a lock, and an unused slot takes no space.
_SLOT_BYTES = 16 * 1024**2


class LocalCache:
    """Bodies by their keys. A body that does not fit on the disk is not cached, and the caller reads it from S3."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._slots = count()
        self._locations: dict[str, tuple[int, int]] = {}  # offset and size in bytes
        try:
            self._descriptor, path = tempfile.mkstemp()
        except OSError:
            return
        # Without a name, the file is deleted with its descriptor, also if the run crashes.
        os.unlink(path)  # noqa: PTH108
        weakref.finalize(self, os.close, self._descriptor)

    def save(self, key: str, body: bytes) -> None:
        """Cache a body. Do nothing if the disk is full or the body is larger than a slot."""
        offset = next(self._slots) * _SLOT_BYTES
        try:
            if (
                self._descriptor >= 0
                and len(body) <= _SLOT_BYTES
                and os.pwrite(self._descriptor, body, offset) == len(body)
            ):
                self._locations[key] = (offset, len(body))
        except OSError:
            return

    def read(self, key: str) -> bytes | None:
        """Return the body that was saved last under the key, None if there is none."""
        if key not in self._locations:
            return None
        offset, size = self._locations[key]
        return os.pread(self._descriptor, size, offset)
