"""Bytes to lines of text, in one pass and flat memory, whatever the encoding."""

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, cast

MAX_LINE_CHARS = 2 * 1024 * 1024

_HEAD_BYTES = 4096
_BLOCK_CHARS = 64 * 1024
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Where `splitlines` ends a line, and no editor does.
_SPLITLINES_ONLY_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# Python's `surrogateescape` hands a byte that is not UTF-8 on as one of the characters U+DC80 to U+DCFF.
_STRAY_BYTE_TO_CP1252 = {0xDC00 + byte: bytes([byte]).decode("windows-1252", "replace") for byte in range(0x80, 0x100)}


class TruncatedLine(str):
    """The beginning of a line that was longer than `MAX_LINE_CHARS`; the rest of it was passed over."""

    __slots__ = ()


class DecodedText:
    """The lines of a file. What it turned out to be is known when they were read.

    UTF-8 is taken as such, and each byte in it that is not UTF-8 as Windows-1252: a file of an older Excel, one
    that changes half-way, and one with a single stray byte all keep every row.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._unicode_encoding, bom = detect_encoding(stream.peek(_HEAD_BYTES)[:_HEAD_BYTES])
        stream.read(bom)
        self._stream = stream
        self._stray_bytes = self._replaced_chars = 0
        self._has_multibyte = False

    @property
    def encoding(self) -> str:
        """An IANA name."""
        return "windows-1252" if self._stray_bytes and not self._has_multibyte else self._unicode_encoding

    @property
    def stray_bytes(self) -> int:
        """How many bytes in a file that is otherwise UTF-8 were read as Windows-1252."""
        return self._stray_bytes if self._has_multibyte else 0

    @property
    def replaced_chars(self) -> int:
        """How many characters nobody can read; they became U+FFFD."""
        return self._replaced_chars

    def read_blocks(self) -> Iterator[list[str]]:
        """The lines, as many at a time as stand in 64 KiB of text.

        They have their ends, which are CR LF, LF and CR and nothing else. NULs are left out.
        """
        errors = "surrogateescape" if self._unicode_encoding == "utf-8" else "replace"
        wrapper = io.TextIOWrapper(self._stream, self._unicode_encoding, errors, newline="")
        try:
            for block in _read_blocks(wrapper):
                yield block if self._is_clean("".join(block)) else list(map(self._clean_line, block))
        finally:
            if not self._stream.closed:
                wrapper.detach()  # or it would close a stream that is not its own

    def _is_clean(self, text: str) -> bool:
        """Whether nothing in it has to be mended, which is quickly told of many lines at a time."""
        if "\0" in text or text.isascii():
            return "\0" not in text
        if self._unicode_encoding != "utf-8":
            return "\ufffd" not in text
        # Only a byte that is not UTF-8 comes as what cannot be written again. Latin letters are sooner told as such.
        is_unicode = _can_encode(text, "latin-1") or _can_encode(text, "utf-8")
        self._has_multibyte |= is_unicode
        return is_unicode

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
        strays = len(raw) - len(line.encode("utf-8", "ignore"))  # each is one byte, and no other letter is lost
        if not strays:
            self._has_multibyte = True
            return line
        self._stray_bytes += strays
        if len(raw) == len(line):  # ASCII and strays, as every line of a Windows-1252 file: the quick way
            line = raw.decode("windows-1252", "replace")
            self._replaced_chars += line.count("\ufffd")
            return line
        self._has_multibyte = True
        before = line.count("\ufffd")
        line = line.translate(_STRAY_BYTE_TO_CP1252)
        self._replaced_chars += line.count("\ufffd") - before
        return line


class LineReader(Iterator[str]):
    """Some lines at a time, which is quick, or one by one. `taken` is how many have been given."""

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
        """At most so many lines, none at the end."""
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


def open_text(stream: BinaryIO) -> DecodedText:
    return DecodedText(
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    )


def _read_blocks(wrapper: io.TextIOWrapper) -> Iterator[list[str]]:
    """Some lines at a time: what csv, and a look for what must be mended, then do for many at once."""
    rest, truncated = "", TruncatedLine()
    while text := wrapper.read(_BLOCK_CHARS):
        lines = _split_lines(rest + text)
        rest = lines.pop()  # it may go on, and a CR may be half of a CR LF
        if lines:
            lines[0], truncated = truncated or _truncate_line(lines[0]), TruncatedLine()
        if truncated or len(rest) > MAX_LINE_CHARS + 1:
            truncated, rest = truncated or TruncatedLine(rest[:MAX_LINE_CHARS]), rest[-1:]
        yield lines
    if last := truncated or _truncate_line(rest):
        yield [last]


def _split_lines(text: str) -> list[str]:
    if any(map(text.__contains__, _SPLITLINES_ONLY_ENDS)):
        return list(io.StringIO(text, newline=""))
    return text.splitlines(keepends=True)


def _truncate_line(line: str) -> str:
    return TruncatedLine(line[:MAX_LINE_CHARS]) if len(line.rstrip("\r\n")) >= MAX_LINE_CHARS else line


def detect_encoding(head: bytes) -> tuple[str, int]:
    """The encoding and the length of the byte order mark, which some tools write and some write wrongly."""
    encoding, bom_length = next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), ("", 0))
    text = head[bom_length:] if encoding else head
    return _detect_encoding_by_nuls(text) or encoding or "utf-8", bom_length


def _detect_encoding_by_nuls(head: bytes) -> str:
    """UTF-32 and UTF-16 by where their NULs stand: ASCII letters, delimiters and line ends have one beside."""
    nuls = [head[place::4].count(0) for place in range(4)]
    quarter = len(head) // 4
    if quarter < 2 or sum(nuls) * 20 < len(head):
        return ""
    for name, filled in (("utf-32-le", 0), ("utf-32-be", 3)):
        if nuls[filled] == 0 and all(count >= quarter * 0.9 for count in (nuls[1], nuls[2])):
            return name
    low, high = nuls[0] + nuls[2], nuls[1] + nuls[3]
    if max(low, high) < 0.4 * quarter:
        return ""
    if high > 5 * low:
        return "utf-16-le"
    return "utf-16-be" if low > 5 * high else ""
