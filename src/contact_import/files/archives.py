"""Unpack an upload: plain text, gzip, or a ZIP with one file in it."""

import io
import lzma
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from typing import Any, BinaryIO, cast

from contact_import.errors import FileError
from contact_import.files.file_types import identify_non_csv, identify_office_document

MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_ZIP_BYTES = 400 * 1024**2  # a ZIP is spooled to disk, and a Lambda has 512 MB of it
_MAX_RATIO = 200  # a list of contacts unpacks to 5 or 10 times its size, a bomb to 1,000 times
_RATIO_FREE_BYTES = 4 * 1024**2  # so few bytes harm nothing, and a short list of equal lines packs very well
_HEAD_BYTES = 4096
_BLOCK_BYTES = 16 * 1024
_GZIP_WBITS = 16 + zlib.MAX_WBITS  # zlib then expects a gzip header and verifies the checksum


def unpack(stream: BinaryIO, *, limit: int = MAX_UNPACKED_BYTES) -> BinaryIO:
    """Return the plain bytes of an upload: as they are, from gzip, or from a ZIP with one file in it.

    Raise FileError, here or while the bytes are read, for a file that is no text, a broken archive, and one
    that unpacks to more than `limit` bytes or to over 200 times its size.
    """
    head = _read_head(stream)
    whole = _wrap_buffered(_PrependedStream(head, stream))
    if head.startswith(b"\x1f\x8b"):
        return _reject_non_text(_wrap_buffered(_SizeLimitedStream(_GzipStream(whole), limit)))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _reject_non_text(_wrap_buffered(_SizeLimitedStream(_open_only_zip_entry(whole), limit)))
    return _reject_non_text(whole)


def _reject_non_text(stream: io.BufferedReader) -> BinaryIO:
    head = _read_head(stream)
    if what := identify_non_csv(head):
        raise FileError(f"The file is {what}.")
    return _wrap_buffered(_PrependedStream(head, stream))


def _read_head(stream: BinaryIO) -> bytes:
    """Read the first 4 KiB, however few bytes a network or a small gzip member returns at a time."""
    head = b""
    while len(head) < _HEAD_BYTES and (more := stream.read(_HEAD_BYTES - len(head))):
        head += more
    return head


def _open_only_zip_entry(stream: BinaryIO) -> "_ZipEntryStream":
    """Open the only file in a ZIP. The directory is at the end of a ZIP, so it has to be on disk first."""
    with ExitStack() as resources:
        spool = resources.enter_context(tempfile.SpooledTemporaryFile(max_size=8 * 1024**2))
        while block := stream.read(1024 * 1024):
            if spool.tell() + len(block) > MAX_ZIP_BYTES:
                raise FileError("The ZIP archive is larger than 400 MB; use gzip for a file of that size.")
            spool.write(block)
        try:
            archive = resources.enter_context(zipfile.ZipFile(spool))
            info = _find_only_entry(archive.infolist())
            return _ZipEntryStream(resources.enter_context(archive.open(info)), info.compress_size, resources.pop_all())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise FileError("The ZIP archive is broken; make it anew.") from error


def _find_only_entry(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if what := identify_office_document(info.filename for info in entries):
        raise FileError(f"The file is {what}.")
    files = [info for info in entries if not _is_clutter(info)]
    if len(files) != 1:
        raise FileError(f"The ZIP archive holds {len(files)} files; it must hold exactly one CSV.")
    if files[0].flag_bits & 1:
        raise FileError("The ZIP archive is protected by a password; upload the CSV without one.")
    return files[0]


def _is_clutter(info: zipfile.ZipInfo) -> bool:
    name = info.filename
    base = name.rpartition("/")[2]
    return (
        info.is_dir()
        or name.startswith("__MACOSX/")
        or base.startswith("._")
        or base in (".DS_Store", "Thumbs.db", "desktop.ini")
    )


class _RawStream(io.RawIOBase):
    """A readable stream. A subclass implements `read_some`: at most `size` bytes, and none only at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read_some(self, size: int) -> bytes:
        raise NotImplementedError


class _PrependedStream(_RawStream):
    """A stream from its beginning, although its head was read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read_some(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._stream.read(size)


class _GzipStream(_RawStream):
    """The members of a gzip file, one after the other. Bytes after the last member are ignored, as gzip does.

    Python's GzipFile cannot be used: it raises the same error for such bytes and for a wrong checksum.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(_GZIP_WBITS)
        self._pending = b""
        self.compressed_bytes = 0

    def read_some(self, size: int) -> bytes:
        try:
            while not self._member.eof or self._start_next_member():
                compressed = self._pending or self._read_block()
                # At most `size` bytes come out at a time: a bomb never unpacks into memory.
                data = self._member.decompress(compressed, size)
                self._pending = self._member.unconsumed_tail
                if data:
                    return data
                if not compressed and not self._member.eof:
                    raise FileError("The gzip archive is cut short; make it anew.")
        except zlib.error as error:
            raise FileError("The gzip archive is broken; make it anew.") from error
        return b""

    def _start_next_member(self) -> bool:
        rest = self._member.unused_data.lstrip(b"\0")
        while len(rest) < 2 and (block := self._read_block()):
            rest = (rest + block).lstrip(b"\0")
        if not rest.startswith(b"\x1f\x8b"):
            return False
        self._member, self._pending = zlib.decompressobj(_GZIP_WBITS), rest
        return True

    def _read_block(self) -> bytes:
        block = self._stream.read(_BLOCK_BYTES)
        self.compressed_bytes += len(block)
        return block


class _ZipEntryStream(_RawStream):
    """A file in a ZIP. It owns the spooled archive and closes it."""

    def __init__(self, stream: Any, compressed_bytes: int, resources: ExitStack) -> None:
        self._stream, self._resources = stream, resources
        self.compressed_bytes = compressed_bytes

    def close(self) -> None:
        self._resources.close()
        super().close()

    def read_some(self, size: int) -> bytes:
        try:
            return cast("bytes", self._stream.read1(size))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
            raise FileError("The ZIP archive is broken; make it anew.") from error


class _SizeLimitedStream(_RawStream):
    """A stream that raises FileError while an archive bomb unpacks."""

    def __init__(self, stream: _GzipStream | _ZipEntryStream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._unpacked_bytes = 0

    def close(self) -> None:
        self._stream.close()
        super().close()

    def read_some(self, size: int) -> bytes:
        data = self._stream.read_some(size)
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes > self._limit:
            raise FileError(f"The archive unpacks to more than {self._limit // 1024**2:,} MB; split the file.")
        if (
            self._unpacked_bytes > _RATIO_FREE_BYTES
            and self._unpacked_bytes > _MAX_RATIO * self._stream.compressed_bytes
        ):
            raise FileError("The archive unpacks to over 200 times its size, which no list of contacts does.")
        return data


def _wrap_buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, 256 * 1024)
