"""What an upload is packed in, and what it is when it is no text at all."""

import gzip
import io
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from typing import Any, BinaryIO

from contact_import.errors import FileError
from contact_import.text import unicode_of

MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_ZIP_BYTES = 400 * 1024**2  # it is spooled to disk, and a Lambda has 512 MB of that
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 4 * 1024**2
_HEAD_BYTES = 4096
_FEW_CONTROLS = 32  # a short list with an odd character in it is still a list

_SAVE_AS_CSV = "save it as CSV UTF-8 and drop it again"
_SIGNATURES = (
    (b"%PDF", "a PDF document; export the contacts as CSV and drop that"),
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook (.xls); {_SAVE_AS_CSV}"),
    (b"\x89PNG", "a picture; export the contacts as CSV and drop that"),
    (b"\xff\xd8\xff", "a picture; export the contacts as CSV and drop that"),
    (b"GIF8", "a picture; export the contacts as CSV and drop that"),
    (b"SQLite format 3", "a database; export the contacts as CSV and drop that"),
    (b"{\\rtf", "a formatted text (.rtf); export the contacts as CSV and drop that"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it and drop the CSV that is in it"),
    (b"Rar!", "a RAR archive; unpack it and drop the CSV that is in it"),
    (b"BZh", "a bzip2 archive; unpack it and drop the CSV that is in it"),
    (b"\xfd7zXZ", "an xz archive; unpack it and drop the CSV that is in it"),
)
_TEXT_SIGNATURES = (
    (b"begin:vcard", "a list of vCards; export the contacts as CSV and drop that"),
    (b"<!doctype html", f"a web page; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (b"<html", f"a web page; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (b"<?xml", f"an XML document; open it in a spreadsheet, {_SAVE_AS_CSV}"),
    (b'[{"', "JSON; export the contacts as CSV and drop that"),
    (b'{"', "JSON; export the contacts as CSV and drop that"),
)
_OFFICE = (
    ("xl/", f"an Excel workbook (.xlsx); {_SAVE_AS_CSV}"),
    ("word/", "a Word document; export the contacts as CSV and drop that"),
    ("ppt/", "a presentation; export the contacts as CSV and drop that"),
    ("content.xml", f"an OpenDocument spreadsheet; {_SAVE_AS_CSV}"),
    ("Index/", f"a Numbers spreadsheet; {_SAVE_AS_CSV}"),
)


def unpack(stream: BinaryIO, *, limit: int = MAX_UNPACKED_BYTES) -> BinaryIO:
    """The plain bytes of an upload: as they are, out of gzip, or out of a ZIP with one file in it.

    Raise FileError, now or while the bytes are read, for what is no text, for a broken archive and for one
    that unpacks to more than `limit` bytes or to far more than it weighs.
    """
    head = stream.read(_HEAD_BYTES)
    whole = _buffered(_Rejoined(head, stream))
    if not head:
        raise FileError("The file is empty.")
    if head.startswith(b"\x1f\x8b"):
        return _plain(_buffered(_Bounded(_Inflated(whole), limit)))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _plain(_buffered(_Bounded(_only_file_of(whole), limit)))
    return _plain(whole)


def _plain(stream: io.BufferedReader) -> BinaryIO:
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if what := _what_it_is(head):
        raise FileError(f"The file is {what}.")
    return stream


def _what_it_is(head: bytes) -> str:
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    start = (
        b" ".join(head.removeprefix(b"\xef\xbb\xbf").split())[:20].lower().replace(b"[ {", b"[{").replace(b"{ ", b"{")
    )
    for signature, what in _TEXT_SIGNATURES:
        if start.startswith(signature):
            return what
    encoding, bom = unicode_of(head)
    text = head[bom:].decode(encoding, "replace")
    controls = sum(letter < " " and letter not in "\0\t\n\v\f\r" for letter in text)
    if controls > _FEW_CONTROLS and controls * 10 > len(text):
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
    return info.is_dir() or name.startswith("__MACOSX/") or base in (".DS_Store", "Thumbs.db", "desktop.ini")


class _Inflated(gzip.GzipFile):
    """gzip that knows how many packed bytes it took, and says what is wrong in our words."""

    def __init__(self, stream: BinaryIO) -> None:
        self._taken = _Counted(stream)
        super().__init__(fileobj=self._taken, mode="rb")

    @property
    def packed(self) -> int:
        return self._taken.count

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.read1(len(buffer))
        except (EOFError, zlib.error) as error:
            raise FileError("The gzip archive is cut short or broken; make it anew.") from error
        except gzip.BadGzipFile:
            return 0  # trailing bytes that are no member: gzip itself ignores them too
        buffer[: len(data)] = data
        return len(data)


class _Unzipped(io.RawIOBase):
    def __init__(self, stream: Any, packed: int, opened: ExitStack) -> None:
        self._stream, self._opened = stream, opened
        self.packed = packed

    def close(self) -> None:
        self._opened.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read1(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise FileError("The ZIP archive is broken; make it anew.") from error
        buffer[: len(data)] = data
        return len(data)


class _Bounded(io.RawIOBase):
    """Stops an archive bomb while it unfolds."""

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._unpacked = 0

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._stream.readinto(buffer)
        self._unpacked += count
        if self._unpacked > self._limit:
            raise FileError(f"The archive unpacks to more than {self._limit // 1024**2:,} MB; split the file.")
        if self._unpacked > _RATIO_FREE_BYTES and self._unpacked > _MAX_RATIO * self._stream.packed:
            raise FileError("The archive unpacks to over 200 times its size, which no list of contacts does.")
        return count


class _Counted(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


class _Rejoined(io.RawIOBase):
    """A stream whose head was read already, from its beginning."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        data = data or self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _buffered(raw: Any) -> io.BufferedReader:
    return io.BufferedReader(raw, 256 * 1024)
