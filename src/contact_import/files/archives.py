"""Unpack an upload: plain text, gzip, a ZIP with one or several files in it, or an Excel workbook."""

import io
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, BinaryIO, cast

from contact_import.errors import FileError
from contact_import.files.file_types import identify_non_csv, identify_office_document
from contact_import.files.inflating import CutZipStream, GzipStream, PrependedStream, RawStream, UnpackedStream
from contact_import.files.spreadsheets.parts import DAMAGED, Parts
from contact_import.files.spreadsheets.workbook import FIRST_PARTS, Workbook, is_workbook
from contact_import.files.zip_members.member_files import MemberFiles, are_csv_files

MAX_UNPACKED_BYTES = 64 * 1024**3  # more than docs/scale.md calculates with; `_MAX_RATIO` stops a bomb long before
MAX_ZIP_BYTES = 400 * 1024**2  # a ZIP is spooled to /tmp, which has 512 MB in a Lambda function
# A list of contacts unpacks to 5 or 10 times its size. Deflate reaches 1,032 times (zlib.net/zlib_tech.html), and an
# archive bomb comes close to that.
_MAX_RATIO = 200
_RATIO_FREE_BYTES = 4 * 1024**2  # harmless even for a bomb, and a short list of equal lines packs very well
_HEAD_BYTES = 4096
_ENCRYPTED = "The ZIP archive is protected by a password; upload the CSV without one."
_BROKEN = "The ZIP archive is broken; create it again."
# Of a file's header in a ZIP (APPNOTE.TXT 4.3.7): signature, flags, compression method, and the sizes in bytes of the
# packed data, the name and the extra fields.
_ENTRY_HEADER = struct.Struct("<4s2xHH8xL4xHH")
_HAS_SIZE_LATER = 8  # the flag of an entry whose size is behind its data
_IS_ENCRYPTED = 1


def unpack(stream: BinaryIO, *, limit: int = MAX_UNPACKED_BYTES) -> UnpackedStream | Workbook | MemberFiles:
    """Return the plain bytes of an upload: those of a text file, a gzip file or a ZIP with a single file.

    Return a `Workbook` or the `MemberFiles` of a ZIP with several CSV files instead, whose bytes are read later.

    The bytes end early, and the stream `is_broken`, where an archive is damaged or cut, or where it unpacks to more
    than `limit` bytes or 200 times its size. Raise FileError for a file that is not text, or a ZIP that cannot be read.
    """
    head = _read_head(stream)
    plain = PrependedStream(head, stream)
    whole = io.BufferedReader(plain, 256 * 1024)
    if head.startswith(b"\x1f\x8b"):
        return _reject_non_text(_SizeLimitedStream(GzipStream(whole), limit))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        opened = _open_zip(whole)
        if isinstance(opened, Workbook | MemberFiles):
            return opened
        return _reject_non_text(_SizeLimitedStream(opened, limit))
    return _reject_non_text(plain)


def _reject_non_text(source: RawStream) -> UnpackedStream:
    stream = UnpackedStream(source)
    head = stream.peek_head(_HEAD_BYTES)
    if not head:
        stream.raise_if_broken()
    if what := identify_non_csv(head):
        raise FileError(f"The file is {what}.")
    return stream


def _read_head(stream: BinaryIO) -> bytes:
    """Read the first 4 KiB, however few bytes a network or a small gzip member returns at a time."""
    head = b""
    while len(head) < _HEAD_BYTES and (more := stream.read(_HEAD_BYTES - len(head))):
        head += more
    return head


def _open_zip(stream: BinaryIO) -> "_ZipEntryStream | CutZipStream | Workbook | MemberFiles":
    """Open the only file in a ZIP, several CSV files, or the workbook that the ZIP is."""
    # The directory is at the end of a ZIP (APPNOTE.TXT 4.3.6), so the whole ZIP is spooled first.
    with ExitStack() as resources:
        spool = resources.enter_context(tempfile.SpooledTemporaryFile(max_size=8 * 1024**2))
        while block := stream.read(1024 * 1024):
            if spool.tell() + len(block) > MAX_ZIP_BYTES:
                raise FileError("The ZIP archive is larger than 400 MB; use gzip for a file of that size.")
            spool.write(block)
        try:
            archive = resources.enter_context(zipfile.ZipFile(spool))
            if is_workbook(archive.namelist()):
                return Workbook(Parts(archive, resources.pop_all()))
            members = _find_files(archive.infolist())
            if are_csv_files(members):
                return MemberFiles(members, partial(_open_member, archive), resources.pop_all())
            info = _find_only_entry(members)
            return _ZipEntryStream(resources.enter_context(archive.open(info)), info.compress_size, resources.pop_all())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            if entry := _open_first_entry(cast("BinaryIO", spool), resources):
                return entry
            raise FileError(_BROKEN) from error


def _open_first_entry(spool: BinaryIO, resources: ExitStack) -> CutZipStream | None:
    """Open the first file of a ZIP without a directory, as a broken upload leaves it. Return None if there is none."""
    spool.seek(0)
    # Each file has a header before its data. Files that are not contacts (`__MACOSX/`) may come first.
    while len(header := spool.read(_ENTRY_HEADER.size)) == _ENTRY_HEADER.size:
        signature, flags, method, packed_bytes, name_bytes, extra_bytes = _ENTRY_HEADER.unpack(header)
        if signature != b"PK\x03\x04":
            return None
        info = zipfile.ZipInfo(spool.read(name_bytes).decode("utf-8", "replace") or "?")
        spool.seek(extra_bytes, io.SEEK_CUR)
        if flags & _IS_ENCRYPTED:
            raise FileError(_ENCRYPTED)
        if info.filename.startswith(FIRST_PARTS):
            raise FileError(DAMAGED)
        if not _is_clutter(info):
            is_known = method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            stored_bytes = packed_bytes if method == zipfile.ZIP_STORED else None
            return CutZipStream(spool, stored_bytes, resources.pop_all()) if is_known else None
        if flags & _HAS_SIZE_LATER:
            return None  # where the next file begins is not known
        spool.seek(packed_bytes, io.SEEK_CUR)
    return None


def _find_files(entries: list[zipfile.ZipInfo]) -> tuple[zipfile.ZipInfo, ...]:
    if what := identify_office_document(info.filename for info in entries):
        raise FileError(f"The file is {what}.")
    files = tuple(info for info in entries if not _is_clutter(info))
    if any(info.flag_bits & _IS_ENCRYPTED for info in files):
        raise FileError(_ENCRYPTED)
    return files


def _find_only_entry(files: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(files) != 1:
        words = "it may contain CSV files only. Remove the others, and upload it again."
        raise FileError(f"The ZIP archive contains {len(files)} files; {words}")
    return files[0]


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> UnpackedStream:
    """Open one of several files, without closing the archive after it."""
    try:
        stream = _ZipEntryStream(archive.open(info), info.compress_size, ExitStack())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FileError(_BROKEN) from error
    return _reject_non_text(_SizeLimitedStream(stream, MAX_UNPACKED_BYTES))


def _is_clutter(info: zipfile.ZipInfo) -> bool:
    name = info.filename
    base = name.rpartition("/")[2]
    return (
        info.is_dir()
        or name.startswith("__MACOSX/")
        or base.startswith("._")
        or base in (".DS_Store", "Thumbs.db", "desktop.ini")
    )


class _ZipEntryStream(RawStream):
    """A file in a ZIP. It owns `resources`, the spooled archive, and closes them."""

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
            raise FileError(_BROKEN) from error


class _SizeLimitedStream(RawStream):
    """A stream that raises FileError as soon as it has unpacked too many bytes: an archive bomb."""

    def __init__(self, stream: GzipStream | CutZipStream | _ZipEntryStream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._unpacked_bytes = 0

    def close(self) -> None:
        self._stream.close()
        super().close()

    def read_some(self, size: int) -> bytes:
        data = self._stream.read_some(size)
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes > self._limit:
            raise FileError(f"The archive unpacks to more than {self._limit // 1024**2:,} MB; upload it in parts.")
        if (
            self._unpacked_bytes > _RATIO_FREE_BYTES
            and self._unpacked_bytes > _MAX_RATIO * self._stream.compressed_bytes
        ):
            raise FileError(
                "The archive unpacks to over 200 times its size, which is not plausible for a contact list."
            )
        return data
