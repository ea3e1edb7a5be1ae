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
from contact_import.files.decoding import unicode_of

MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_ZIP_BYTES = 400 * 1024**2  # it is spooled to disk, and a Lambda has 512 MB of that
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 4 * 1024**2
_HEAD_BYTES = 4096
_BLOCK_BYTES = 16 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # zlib then wants the header of a member and proves its checksum
_FEW_CONTROLS = 32  # a short list with an odd character in it is still a list

_SAVE_AS_CSV = "save it as CSV UTF-8 and drop it again"
_EXPORT = "export the contacts as CSV and drop that"
_UNPACK = "unpack it and drop the CSV that is in it"
_SIGNATURES = (
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
_TEXT_SIGNATURES = (
    (("begin:vcard",), f"a list of vCards; {_EXPORT}"),
    (("begin:vcalendar",), f"a calendar; {_EXPORT}"),
    (_MARKUP, f"a web page; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (("<?xml",), f"an XML document; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (('[{"', '{"'), f"JSON; {_EXPORT}"),
)
_OFFICE = (
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
    head = _head_of(stream)
    whole = _buffered(_Rejoined(head, stream))
    if head.startswith(b"\x1f\x8b"):
        return _plain(_buffered(_Bounded(_Inflated(whole), limit)))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _plain(_buffered(_Bounded(_only_file_of(whole), limit)))
    return _plain(whole)


def _plain(stream: io.BufferedReader) -> BinaryIO:
    head = _head_of(stream)
    if what := _what_it_is(head):
        raise FileError(f"The file is {what}.")
    return _buffered(_Rejoined(head, stream))


def _head_of(stream: BinaryIO) -> bytes:
    """The first bytes, however few of them a network or a small gzip member hands over at a time."""
    head = b""
    while len(head) < _HEAD_BYTES and (more := stream.read(_HEAD_BYTES - len(head))):
        head += more
    return head


def _what_it_is(head: bytes) -> str:
    if not head:
        return "empty"
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    encoding, bom = unicode_of(head)
    text = head[bom:].decode(encoding, "replace")
    start = re.sub(r"<!--.*?-->", "", " ".join(text.split()), count=1).lstrip().lower()
    start = start[:20].replace("[ {", "[{").replace("{ ", "{")
    for beginning, what in _TEXT_SIGNATURES:
        if start.startswith(beginning):
            return what
    controls = sum(letter < " " and letter not in "\0\t\n\v\f\r" for letter in text)  # NULs are left out later
    is_code = controls * 50 > len(text) and text.count("\ufffd") * 10 > len(text)
    if is_code or (controls > _FEW_CONTROLS and controls * 10 > len(text)):
        return "no text; export the contacts as CSV UTF-8 and drop that"
    return ""


def _only_file_of(stream: BinaryIO) -> "_Unzipped":
    """The one file in a ZIP. The directory of a ZIP is at its end, so that it must be on disk first."""
    with ExitStack() as opened:
        spool = opened.enter_context(tempfile.SpooledTemporaryFile(max_size=8 * 1024**2))
        while block := stream.read(1024 * 1024):
            if spool.tell() + len(block) > MAX_ZIP_BYTES:
                raise FileError("The ZIP archive is larger than 400 MB; use gzip for a file of that size.")
            spool.write(block)
        try:
            archive = opened.enter_context(zipfile.ZipFile(spool))
            info = _only_entry(archive.infolist())
            return _Unzipped(opened.enter_context(archive.open(info)), info.compress_size, opened.pop_all())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise FileError("The ZIP archive is broken; make it anew.") from error


def _only_entry(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    for info in entries:
        for beginning, what in _OFFICE:
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


class _Raw(io.RawIOBase):
    """What a child must have is `some`: at most `size` bytes, and none only at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def some(self, size: int) -> bytes:
        raise NotImplementedError


class _Rejoined(_Raw):
    """A stream whose head was read already, from its beginning."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def some(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._stream.read(size)


class _Inflated(_Raw):
    """The members of a gzip file, one after the other. What stands behind them and is no member is ignored.

    Python's GzipFile cannot be used: it says of such bytes and of a wrong checksum the same.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self.packed = 0

    def some(self, size: int) -> bytes:
        try:
            while not self._member.eof or self._next_member():
                packed = self._waiting or self._block()
                data = self._member.decompress(packed, size)
                self._waiting = self._member.unconsumed_tail
                if data:
                    return data
                if not packed and not self._member.eof:
                    raise FileError("The gzip archive is cut short; make it anew.")
        except zlib.error as error:
            raise FileError("The gzip archive is broken; make it anew.") from error
        return b""

    def _next_member(self) -> bool:
        rest = self._member.unused_data.lstrip(b"\0")
        while len(rest) < 2 and (block := self._block()):
            rest = (rest + block).lstrip(b"\0")
        if not rest.startswith(b"\x1f\x8b"):
            return False
        self._member, self._waiting = zlib.decompressobj(_GZIP), rest
        return True

    def _block(self) -> bytes:
        block = self._stream.read(_BLOCK_BYTES)
        self.packed += len(block)
        return block


class _Unzipped(_Raw):
    def __init__(self, stream: Any, packed: int, opened: ExitStack) -> None:
        self._stream, self._opened = stream, opened
        self.packed = packed

    def close(self) -> None:
        self._opened.close()
        super().close()

    def some(self, size: int) -> bytes:
        try:
            return cast("bytes", self._stream.read1(size))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
            raise FileError("The ZIP archive is broken; make it anew.") from error


class _Bounded(_Raw):
    """Stops an archive bomb while it unfolds."""

    def __init__(self, stream: _Inflated | _Unzipped, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._unpacked = 0

    def close(self) -> None:
        self._stream.close()
        super().close()

    def some(self, size: int) -> bytes:
        data = self._stream.some(size)
        self._unpacked += len(data)
        if self._unpacked > self._limit:
            raise FileError(f"The archive unpacks to more than {self._limit // 1024**2:,} MB; split the file.")
        if self._unpacked > _RATIO_FREE_BYTES and self._unpacked > _MAX_RATIO * self._stream.packed:
            raise FileError("The archive unpacks to over 200 times its size, which no list of contacts does.")
        return data


def _buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, 256 * 1024)
