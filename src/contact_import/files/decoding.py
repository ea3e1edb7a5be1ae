"""Decode the bytes of a file to lines of text, in one pass, in flat memory and in any encoding."""

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import BinaryIO, cast

from contact_import.files.encoding import detect_encoding
from contact_import.files.inflating import UnpackedStream
from contact_import.files.legacy_encoding import (
    STRAY_BYTE_TO_CP1252,
    WINDOWS_1252,
    decode_legacy,
    detect_legacy_encoding,
)

# Twice the largest cell. A file without any line end would otherwise be read into memory as a whole.
MAX_LINE_CHARS = 2 * 1024 * 1024

_HEAD_BYTES = 4096
_BLOCK_CHARS = 64 * 1024
# `str.splitlines` ends a line at these characters, and no editor does.
_SPLITLINES_ONLY_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


class TruncatedLine(str):
    """The beginning of a line that was longer than `MAX_LINE_CHARS` characters; the rest was skipped."""

    __slots__ = ()


class DecodedText:
    """The lines of a file and their encoding, which is certain only after all lines were read.

    A byte that is not UTF-8 is decoded as Windows-1252. So no row is lost of a file from an older Excel, of one that
    changes its encoding half-way or of one with a single stray byte. If the words in the first block with such bytes
    are of another legacy encoding, all lines that are not ASCII are decoded with that.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._unicode_encoding, bom = detect_encoding(stream.peek(_HEAD_BYTES)[:_HEAD_BYTES])
        stream.read(bom)
        self._stream = stream
        self._stray_bytes = self._replaced_chars = 0
        self._has_multibyte = False
        self._legacy_encoding = ""  # not decided yet

    @property
    def encoding(self) -> str:
        """Return the IANA name of the encoding of the lines that were read."""
        if self._stray_bytes and not self._has_multibyte:
            return self._legacy_encoding
        return self._unicode_encoding

    @property
    def stray_bytes(self) -> int:
        """Return the number of bytes read as `legacy_encoding` in a file that is otherwise UTF-8."""
        return self._stray_bytes if self._has_multibyte else 0

    @property
    def replaced_chars(self) -> int:
        """Return the number of characters that no encoding explains; they became U+FFFD."""
        return self._replaced_chars

    def read_blocks(self) -> Iterator[list[str]]:
        """Yield the lines in blocks of 64 Ki characters, each line with its end (CR LF, LF or CR).

        NULs are dropped. Raise the FileError of a damaged stream after its last whole line.
        """
        errors = "surrogateescape" if self._unicode_encoding == "utf-8" else "replace"
        wrapper = io.TextIOWrapper(self._stream, self._unicode_encoding, errors, newline="")
        try:
            for block in _read_blocks(wrapper, self._is_whole):
                if self._is_clean("".join(block)):
                    yield block
                    continue
                self._legacy_encoding = self._legacy_encoding or self._detect_legacy_encoding(block)
                yield list(map(self._clean_line, block))
            if isinstance(self._stream, UnpackedStream):
                self._stream.raise_if_broken()
        finally:
            if not self._stream.closed:
                wrapper.detach()  # a wrapper closes its stream when it is collected, and the caller owns this one

    def _is_whole(self) -> bool:
        return not (isinstance(self._stream, UnpackedStream) and self._stream.is_broken)

    def _is_clean(self, text: str) -> bool:
        """Return whether a block of lines needs no repair."""
        # One check of 64 Ki characters is quicker than one of each line. Nearly all blocks are ASCII and end here.
        if "\0" in text or text.isascii():
            return "\0" not in text
        if self._unicode_encoding != "utf-8":
            return "\ufffd" not in text
        if self._legacy_encoding not in ("", WINDOWS_1252):
            return False
        # Only the surrogate of a stray byte cannot be encoded. Latin-1 first, because Python stores such a text in one
        # byte for each character, and only copies it.
        is_unicode = _can_encode(text, "latin-1") or _can_encode(text, "utf-8")
        self._has_multibyte |= is_unicode
        return is_unicode

    def _detect_legacy_encoding(self, block: list[str]) -> str:
        """Return the encoding of a block's lines that are not UTF-8, "" when all of them are."""
        foreign = [line for line in block if not line.isascii()] if self._unicode_encoding == "utf-8" else []
        strays = [line for line in foreign if not _can_encode(line, "utf-8")]
        if not strays:
            return ""
        # A file that is mostly UTF-8 was put together from several, and Windows wrote the others.
        if self._has_multibyte or len(strays) * 2 < len(foreign):
            return WINDOWS_1252
        return detect_legacy_encoding(strays)

    def _clean_line(self, line: str) -> str:
        cleaned = line if line.isascii() else self._decode_stray_bytes(line)
        if "\0" in cleaned:
            cleaned = cleaned.replace("\0", "")
        return TruncatedLine(cleaned) if isinstance(line, TruncatedLine) else cleaned

    def _decode_stray_bytes(self, line: str) -> str:
        if self._unicode_encoding != "utf-8":
            self._replaced_chars += line.count("\ufffd")
            return line
        raw = line.encode("utf-8", "surrogateescape")
        if self._legacy_encoding not in ("", WINDOWS_1252):
            # Two bytes of a legacy encoding may be valid UTF-8 by chance, so the stray bytes cannot be counted.
            self._stray_bytes += 1
            decoded = decode_legacy(raw, self._legacy_encoding)
            self._replaced_chars += decoded.count("\ufffd")
            return decoded
        strays = len(raw) - len(line.encode("utf-8", "ignore"))  # "ignore" drops the stray bytes and nothing else
        if not strays:
            self._has_multibyte = True
            return line
        self._stray_bytes += strays
        if len(raw) == len(line):  # ASCII and stray bytes, as every line of a Windows-1252 file: one call decodes it
            line = raw.decode("windows-1252", "replace")
            self._replaced_chars += line.count("\ufffd")
            return line
        self._has_multibyte = True
        before = line.count("\ufffd")
        line = line.translate(STRAY_BYTE_TO_CP1252)
        self._replaced_chars += line.count("\ufffd") - before
        return line


def open_text(stream: BinaryIO) -> DecodedText:
    """Open the lines of a stream of plain bytes, such as `archives.unpack` returns."""
    return DecodedText(
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    )


class LineReader(Iterator[str]):
    """The lines of blocks, one by one or, which is quicker, several at a time. `lines_read` counts them."""

    def __init__(self, blocks: Iterable[Iterable[str]]) -> None:
        self._blocks = iter(blocks)
        self._rest: Iterator[str] = iter(())
        self.lines_read = 0

    def __next__(self) -> str:
        while (line := next(self._rest, None)) is None:
            self._rest = iter(next(self._blocks))
        self.lines_read += 1
        return line

    def read_block(self, max_lines: int) -> list[str]:
        """Return the next `max_lines` lines or fewer; an empty list at the end."""
        first = list(islice(self, 1))
        others = list(islice(self._rest, max_lines - 1))
        self.lines_read += len(others)
        return first + others


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _read_blocks(wrapper: io.TextIOWrapper, is_whole: Callable[[], bool]) -> Iterator[list[str]]:
    """Yield blocks of whole lines: `csv` and the check for repairs then run once for many lines.

    The last line of a damaged file is dropped unless it has its line end, because half a phone number is another one.
    """
    rest, truncated = "", TruncatedLine()
    while text := wrapper.read(_BLOCK_CHARS):
        lines = _split_lines(rest + text)
        rest = lines.pop()  # the next block may continue it, and a CR may be the first half of a CR LF
        if lines:
            # The end of a line that was too long is skipped: its beginning takes its place.
            lines[0], truncated = truncated or _truncate_line(lines[0]), TruncatedLine()
        if truncated or len(rest) > MAX_LINE_CHARS + 1:
            truncated, rest = truncated or TruncatedLine(rest[:MAX_LINE_CHARS]), rest[-1:]
        yield lines
    if (last := truncated or _truncate_line(rest)) and (is_whole() or rest.endswith(("\n", "\r"))):
        yield [last]


def _split_lines(text: str) -> list[str]:
    # `splitlines` is quicker than StringIO (120 µs a block instead of 200), and right for nearly all blocks.
    if any(map(text.__contains__, _SPLITLINES_ONLY_ENDS)):
        return list(io.StringIO(text, newline=""))
    return text.splitlines(keepends=True)


def _truncate_line(line: str) -> str:
    return TruncatedLine(line[:MAX_LINE_CHARS]) if len(line.rstrip("\r\n")) >= MAX_LINE_CHARS else line
