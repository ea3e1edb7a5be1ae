"""Unpack gzip and ZIP streams while they are read, and keep the rows before the place where an archive is damaged."""

import io
import zlib
from contextlib import ExitStack, suppress
from typing import Any, BinaryIO

from contact_import.errors import FileError

_BLOCK_BYTES = 16 * 1024
# 16 more makes zlib expect a gzip header and verify the checksum (docs.python.org/3/library/zlib.html).
_GZIP_WBITS = 16 + zlib.MAX_WBITS


class RawStream(io.RawIOBase):
    """A readable stream. A subclass implements `read_some`."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read_some(self, size: int) -> bytes:
        """Return between 1 and `size` bytes, or b"" at the end. Raise FileError where the data is damaged."""
        raise NotImplementedError


class PrependedStream(RawStream):
    """A stream whose `head` was read already, and is read once more from here."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        # `read` of a buffer collects `size` bytes, and drops them when its source raises. `read1` does not.
        self._read = stream.read1 if isinstance(stream, io.BufferedReader) else stream.read

    def read_some(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._read(size)


class UnpackedStream(io.BufferedReader):
    """The plain bytes of an upload. Where it is damaged they end early, and `is_broken` becomes True."""

    def __init__(self, source: RawStream) -> None:
        self._until_error = _StreamUntilError(source)
        super().__init__(self._until_error, 256 * 1024)

    @property
    def is_broken(self) -> bool:
        """Return whether the bytes that were read end before those of the upload."""
        return self._until_error.error is not None

    def raise_if_broken(self) -> None:
        """Raise the FileError that explains why the bytes end early, if they do."""
        if self._until_error.error:
            kind, reason = self._until_error.error
            raise kind(reason)

    def peek_head(self, size: int) -> bytes:
        """Return the first bytes without consuming them, however few the source returns at a time."""
        return self._until_error.peek_head(size)


class _StreamUntilError(RawStream):
    """A stream that ends where its source raises a FileError, and keeps the error.

    A buffer would drop what it holds when its source raises: up to 256 KiB of whole rows.
    """

    def __init__(self, source: RawStream) -> None:
        self._source = source
        self._head = b""
        self.error: tuple[type[FileError], str] | None = None

    def close(self) -> None:
        self._source.close()
        super().close()

    def peek_head(self, size: int) -> bytes:
        while len(self._head) < size and (more := self._read_source(size - len(self._head))):
            self._head += more
        return self._head

    def read_some(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._read_source(size)

    def _read_source(self, size: int) -> bytes:
        if self.error:
            return b""
        try:
            return self._source.read_some(size)
        except FileError as error:
            # The traceback of the exception itself would keep this stream, and so the disk of its file, alive.
            self.error = type(error), str(error)
            return b""


class _InflatingStream(RawStream):
    """Bytes that zlib inflates. A subclass names the `kind` of archive, and may continue with a next member."""

    kind = ""

    def __init__(self, stream: BinaryIO, wbits: int) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(wbits)
        self._pending = b""
        self._salvaged: bytes | None = None
        self.compressed_bytes = 0

    def read_some(self, size: int) -> bytes:
        while self._salvaged is None and (not self._member.eof or self._start_next_member()):
            compressed = self._pending or self._read_block()
            before = self._member.copy()  # about 40 KB and 2 µs, to go back to when this block is damaged
            try:
                # At most `size` bytes are unpacked at a time, so a bomb never fills the memory.
                data = self._member.decompress(compressed, size)
            except zlib.error:
                self._salvaged = _inflate_until_error(before, compressed)
                break
            self._pending = self._member.unconsumed_tail
            if data:
                return data
            if not compressed and not self._member.eof:
                raise FileError(f"The {self.kind} archive is cut short; create it again.")
        if self._salvaged is None:
            return b""
        data, self._salvaged = self._salvaged[:size], self._salvaged[size:]
        if not data:
            raise FileError(f"The {self.kind} archive is broken; create it again.")
        return data

    def _start_next_member(self) -> bool:
        return False

    def _read_block(self) -> bytes:
        block = self._stream.read(_BLOCK_BYTES)
        self.compressed_bytes += len(block)
        return block


def _inflate_until_error(member: Any, compressed: bytes) -> bytes:
    """Return the bytes before the damage. A block of 16 KiB unpacks to at most 16 MiB."""
    data = b""
    # zlib drops what it has unpacked of a block when it raises, so the block is fed to it byte by byte.
    with suppress(zlib.error):
        for place in range(len(compressed)):
            data += member.decompress(compressed[place : place + 1])
    return data


class GzipStream(_InflatingStream):
    """The members of a gzip file, one after the other (RFC 1952, section 2.2).

    Bytes after the last member are ignored, as `gzip` does. Python's GzipFile raises the same error for such bytes and
    for a wrong checksum, and cannot be used.
    """

    kind = "gzip"

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, _GZIP_WBITS)

    def _start_next_member(self) -> bool:
        rest = self._member.unused_data.lstrip(b"\0")  # tapes and some tools pad with NULs
        while len(rest) < 2 and (block := self._read_block()):
            rest = (rest + block).lstrip(b"\0")
        if not rest.startswith(b"\x1f\x8b"):
            return False
        self._member, self._pending = zlib.decompressobj(_GZIP_WBITS), rest
        return True


class CutZipStream(_InflatingStream):
    """The first file of a ZIP without a directory. It always ends with a FileError, because the ZIP is not whole.

    `stored_bytes` is the size of a file that is not compressed, None for one that is. The stream owns `resources`.
    """

    kind = "ZIP"

    def __init__(self, stream: BinaryIO, stored_bytes: int | None, resources: ExitStack) -> None:
        super().__init__(stream, -zlib.MAX_WBITS)
        self._resources = resources
        self._stored_bytes = stored_bytes

    def close(self) -> None:
        self._resources.close()
        super().close()

    def read_some(self, size: int) -> bytes:
        if self._stored_bytes is None:
            data = super().read_some(size)
        else:
            data = self._stream.read(min(size, self._stored_bytes))
            self._stored_bytes -= len(data)
            self.compressed_bytes += len(data)
        if not data:
            raise FileError("The ZIP archive is cut short; create it again.")
        return data
