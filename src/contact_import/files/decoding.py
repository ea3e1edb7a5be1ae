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
_NO_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# Python's `surrogateescape` hands a byte that is not UTF-8 on as one of the characters U+DC80 to U+DCFF.
_AS_1252 = {0xDC00 + byte: bytes([byte]).decode("windows-1252", "replace") for byte in range(0x80, 0x100)}


class CutLine(str):
    """The beginning of a line that was longer than `MAX_LINE_CHARS`; the rest of it was passed over."""

    __slots__ = ()


class Text:
    """The lines of a file. What it turned out to be is known when they were read.

    UTF-8 is taken as such, and each byte in it that is not UTF-8 as Windows-1252: a file of an older Excel, one
    that changes half-way, and one with a single stray byte all keep every row.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._unicode, bom = unicode_of(stream.peek(_HEAD_BYTES)[:_HEAD_BYTES])
        stream.read(bom)
        self._stream = stream
        self._strays = self._replaced = 0
        self._multibyte = False

    @property
    def encoding(self) -> str:
        """An IANA name."""
        return "windows-1252" if self._strays and not self._multibyte else self._unicode

    @property
    def strays(self) -> int:
        """How many bytes in a file that is otherwise UTF-8 were read as Windows-1252."""
        return self._strays if self._multibyte else 0

    @property
    def replaced(self) -> int:
        """How many characters nobody can read; they became U+FFFD."""
        return self._replaced

    def blocks(self) -> Iterator[list[str]]:
        """The lines, as many at a time as stand in 64 KiB of text.

        They have their ends, which are CR LF, LF and CR and nothing else. NULs are left out.
        """
        errors = "surrogateescape" if self._unicode == "utf-8" else "replace"
        wrapper = io.TextIOWrapper(self._stream, self._unicode, errors, newline="")
        try:
            for block in _blocks(wrapper):
                yield block if self._is_plain("".join(block)) else list(map(self._plain, block))
        finally:
            if not self._stream.closed:
                wrapper.detach()  # or it would close a stream that is not its own

    def _is_plain(self, text: str) -> bool:
        """Whether nothing in it has to be mended, which is quickly told of many lines at a time."""
        if "\0" in text or text.isascii():
            return "\0" not in text
        if self._unicode != "utf-8":
            return "\ufffd" not in text
        # Only a byte that is not UTF-8 comes as what cannot be written again. Latin letters are sooner told as such.
        is_plain = _can_be(text, "latin-1") or _can_be(text, "utf-8")
        self._multibyte |= is_plain
        return is_plain

    def _plain(self, line: str) -> str:
        plain = line if line.isascii() else self._mended(line)
        if "\0" in plain:
            plain = plain.replace("\0", "")
        return CutLine(plain) if isinstance(line, CutLine) else plain

    def _mended(self, line: str) -> str:
        if self._unicode != "utf-8":
            self._replaced += line.count("\ufffd")
            return line
        raw = line.encode("utf-8", "surrogateescape")
        strays = len(raw) - len(line.encode("utf-8", "ignore"))  # each is one byte, and no other letter is lost
        if not strays:
            self._multibyte = True
            return line
        self._strays += strays
        if len(raw) == len(line):  # ASCII and strays, as every line of a Windows-1252 file: the quick way
            line = raw.decode("windows-1252", "replace")
            self._replaced += line.count("\ufffd")
            return line
        self._multibyte = True
        before = line.count("\ufffd")
        line = line.translate(_AS_1252)
        self._replaced += line.count("\ufffd") - before
        return line


class Lines(Iterator[str]):
    """Some lines at a time, which is quick, or one by one. `taken` is how many have been given."""

    def __init__(self, blocks: Iterable[Iterable[str]]) -> None:
        self._blocks = iter(blocks)
        self._rest: Iterator[str] = iter(())
        self.taken = 0

    def __next__(self) -> str:
        while (line := next(self._rest, None)) is None:
            self._rest = iter(next(self._blocks))
        self.taken += 1
        return line

    def block(self, most: int) -> list[str]:
        """At most so many lines, none at the end."""
        first = list(islice(self, 1))
        others = list(islice(self._rest, most - 1))
        self.taken += len(others)
        return first + others


def _can_be(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def read_text(stream: BinaryIO) -> Text:
    return Text(stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream)))


def _blocks(wrapper: io.TextIOWrapper) -> Iterator[list[str]]:
    """Some lines at a time: what csv, and a look for what must be mended, then do for many at once."""
    rest, cut = "", CutLine()
    while text := wrapper.read(_BLOCK_CHARS):
        lines = _lines(rest + text)
        rest = lines.pop()  # it may go on, and a CR may be half of a CR LF
        if lines:
            lines[0], cut = cut or _bounded(lines[0]), CutLine()
        if cut or len(rest) > MAX_LINE_CHARS + 1:
            cut, rest = cut or CutLine(rest[:MAX_LINE_CHARS]), rest[-1:]
        yield lines
    if last := cut or _bounded(rest):
        yield [last]


def _lines(text: str) -> list[str]:
    if any(map(text.__contains__, _NO_ENDS)):
        return list(io.StringIO(text, newline=""))
    return text.splitlines(keepends=True)


def _bounded(line: str) -> str:
    return CutLine(line[:MAX_LINE_CHARS]) if len(line.rstrip("\r\n")) >= MAX_LINE_CHARS else line


def unicode_of(head: bytes) -> tuple[str, int]:
    """The encoding and the length of the byte order mark, which some tools write and some write wrongly."""
    encoding, bom = next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), ("", 0))
    text = head[bom:] if encoding else head
    return _by_nuls(text) or encoding or "utf-8", bom


def _by_nuls(head: bytes) -> str:
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
