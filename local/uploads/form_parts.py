"""Read a form with one file as it arrives: its fields into memory, the file into a stream.

https://www.rfc-editor.org/rfc/rfc7578. As with S3, what comes after the file is ignored.
"""

import io
import re
from collections.abc import Callable
from typing import Protocol

_PIECE_BYTES = 256 * 1024
_MAX_LINE_BYTES = 8 * 1024
_MAX_FIELD_BYTES = 64 * 1024
_MAX_FIELDS = 50
_NAME = re.compile(rb'name="([^"]*)"')


class Sink(Protocol):
    """Takes the bytes of a part."""

    def write(self, piece: bytes, /) -> object: ...


class FormError(Exception):
    """The body is not such a form, or a part of it is too large."""


class FormReader:
    """Reads a form of `size` bytes from a stream. `boundary` separates its parts."""

    def __init__(self, stream: io.BufferedIOBase, size: int, boundary: bytes) -> None:
        self._stream, self._left = stream, size
        self._marker = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # so that the first separator looks as all others

    def read(self, open_file: Callable[[dict[str, str]], Sink]) -> None:
        """Read up to the end of the file. `open_file` gets the fields before it, and returns what takes its bytes.

        Raise FormError for anything else, ConnectionError for a body that breaks off.
        """
        fields: dict[str, str] = {}
        self._copy_part(io.BytesIO(), _MAX_LINE_BYTES)
        for _ in range(_MAX_FIELDS):
            name = self._read_head()
            if name == b"file":
                self._copy_part(open_file(fields), None)
                return
            value = io.BytesIO()
            self._copy_part(value, _MAX_FIELD_BYTES)
            fields[name.decode("utf-8", "replace")] = value.getvalue().decode("utf-8", "replace")
        raise FormError

    def drain(self) -> None:
        """Read the rest, so that the client reads the answer instead of a broken connection."""
        while self._left:
            self._read_piece()

    def _read_head(self) -> bytes:
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise FormError
            self._buffer += self._read_piece()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        found = _NAME.search(head)
        if not found:
            raise FormError
        # An empty part is followed by its separator immediately.
        return found[1]

    def _copy_part(self, sink: Sink, max_bytes: int | None) -> None:
        """Write everything before the next separator."""
        written = 0
        while (place := self._buffer.find(self._marker)) < 0:
            # A separator may have arrived in part.
            keep = len(self._marker) - 1
            ready, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
            sink.write(ready)
            written += len(ready)
            if max_bytes is not None and written > max_bytes:
                raise FormError
            self._buffer += self._read_piece()
        sink.write(self._buffer[:place])
        self._buffer = self._buffer[place + len(self._marker) :]

    def _read_piece(self) -> bytes:
        piece = self._stream.read(min(_PIECE_BYTES, self._left)) if self._left else b""
        if not piece:
            raise ConnectionError
        self._left -= len(piece)
        return piece
