"""What an upload is packed in, and what it is when it is no text at all."""

import io
import lzma
import re
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from typing import Any, BinaryIO, cast

from contact_import.errors import FileError
from contact_import.files.decoding import detect_encoding

MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_ZIP_BYTES = 400 * 1024**2  # it is spooled to disk, and a Lambda has 512 MB of that
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 4 * 1024**2
_HEAD_BYTES = 4096
_BLOCK_BYTES = 16 * 1024
_GZIP_WBITS = 16 + zlib.MAX_WBITS  # zlib then wants the header of a member and proves its checksum
_MAX_CONTROL_CHARS = 32  # a short list with an odd character in it is still a list

_SAVE_AS_CSV = "save it as CSV UTF-8 and drop it again"
_EXPORT = "export the contacts as CSV and drop that"
_UNPACK = "unpack it and drop the CSV that is in it"
_MAGIC_BYTES = (
    ((b"%PDF",), f"a PDF document; {_EXPORT}"),
    ((b"\xd0\xcf\x11\xe0",), f"an old Excel workbook (.xls); {_SAVE_AS_CSV}"),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), f"a picture; {_EXPORT}"),
    ((b"SQLite format 3",), f"a database; {_EXPORT}"),
    ((b"{\\rtf",), f"a formatted text (.rtf); {_EXPORT}"),
    ((b"\x1f\x8b", b"PK\x03\x04"), f"an archive in an archive; {_UNPACK}"),
    ((b"7z\xbc\xaf",), f"a 7-Zip archive; {_UNPACK}"),
    ((b"Rar!",), f"a RAR archive; {_UNPACK}"),
    ((b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), f"a compressed file; {_UNPACK}"),
)
_MARKUP = ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<style", "<div")
_TEXT_PREFIXES = (
    (("begin:vcard",), f"a list of vCards; {_EXPORT}"),
    (("begin:vcalendar",), f"a calendar; {_EXPORT}"),
    (_MARKUP, f"a web page; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (("<?xml",), f"an XML document; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (('[{"', '{"'), f"JSON; {_EXPORT}"),
)
_OFFICE_ENTRIES = (
    ("xl/", f"an Excel workbook (.xlsx); {_SAVE_AS_CSV}"),
    ("word/", f"a Word document; {_EXPORT}"),
    ("ppt/", f"a presentation; {_EXPORT}"),
    ("content.xml", f"an OpenDocument spreadsheet; {_SAVE_AS_CSV}"),
    ("Index/", f"a Numbers spreadsheet; {_SAVE_AS_CSV}"),
)


def unpack(stream: BinaryIO, *, limit: int = MAX_UNPACKED_BYTES) -> BinaryIO:
    """The plain bytes of an upload: as they are, out of gzip, or out of a ZIP with one file in it.

    Raise FileError, now or while the bytes are read, for what is no text, for a broken archive and for one
    that unpacks to more than `limit` bytes or to far more than it weighs.
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
    if what := _identify_non_text(head):
        raise FileError(f"The file is {what}.")
    return _wrap_buffered(_PrependedStream(head, stream))


def _read_head(stream: BinaryIO) -> bytes:
    """The first bytes, however few of them a network or a small gzip member hands over at a time."""
    head = b""
    while len(head) < _HEAD_BYTES and (more := stream.read(_HEAD_BYTES - len(head))):
        head += more
    return head


def _identify_non_text(head: bytes) -> str:
    if not head:
        return "empty"
    for signature, what in _MAGIC_BYTES:
        if head.startswith(signature):
            return what
    encoding, bom_length = detect_encoding(head)
    text = head[bom_length:].decode(encoding, "replace")
    start = re.sub(r"<!--.*?-->", "", " ".join(text.split()), count=1).lstrip().lower()
    start = start[:20].replace("[ {", "[{").replace("{ ", "{")
    for beginning, what in _TEXT_PREFIXES:
        if start.startswith(beginning):
            return what
    controls = sum(letter < " " and letter not in "\0\t\n\v\f\r" for letter in text)  # NULs are left out later
    is_code = controls * 50 > len(text) and text.count("\ufffd") * 10 > len(text)
    if is_code or (controls > _MAX_CONTROL_CHARS and controls * 10 > len(text)):
        return "no text; export the contacts as CSV UTF-8 and drop that"
    return ""


def _open_only_zip_entry(stream: BinaryIO) -> "_ZipEntryStream":
    """The one file in a ZIP. The directory of a ZIP is at its end, so that it must be on disk first."""
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
    for info in entries:
        for beginning, what in _OFFICE_ENTRIES:
            if info.filename.startswith(beginning):
                raise FileError(f"The file is {what}.")
    files = [info for info in entries if not _is_clutter(info)]
    if len(files) != 1:
        raise FileError(f"The ZIP archive holds {len(files)} files; it must hold exactly one CSV.")
    if files[0].flag_bits & 1:
        raise FileError("The ZIP archive is protected by a password; drop the CSV without one.")
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
    """What a child must have is `some`: at most `size` bytes, and none only at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read_some(self, size: int) -> bytes:
        raise NotImplementedError


class _PrependedStream(_RawStream):
    """A stream whose head was read already, from its beginning."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read_some(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._stream.read(size)


class _GzipStream(_RawStream):
    """The members of a gzip file, one after the other. What stands behind them and is no member is ignored.

    Python's GzipFile cannot be used: it says of such bytes and of a wrong checksum the same.
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
    """Stops an archive bomb while it unfolds."""

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
