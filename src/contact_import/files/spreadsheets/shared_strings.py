"""Read the table of a workbook's texts (ECMA-376, part 1, 18.4). Cells contain indexes into it."""

import re
from array import array
from collections.abc import Iterator

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.errors import FileError
from contact_import.files.spreadsheets.parts import DAMAGED, TOO_LARGE, MarkupReader

MAX_STRING_BYTES = 512 * 1024**2
_MAX_ENTRY_CHARS = 2 * 1024**2
# Excel writes a control character as `_x000D_`, and an underscore that would look like that as `_x005F_` (ECMA-376,
# part 1, 22.9.2.19).
_ESCAPE = compile_lazily("_x([0-9A-Fa-f]{4})_")


class SharedStrings:
    """The texts of a workbook by their index. The part is read only as far as an index needs.

    The texts are stored as bytes, one after the other. A million rows have several million texts, and each `str` would
    take 49 bytes besides its letters.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._reader = MarkupReader(blocks, start=self._start, end=self._end, text=self._add_text)
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._entry: list[str] = []
        self._entry_chars = 0
        self._is_text = False
        self._phonetic_depth = 0

    def __getitem__(self, index: int) -> str:
        while index >= len(self._ends) - 1:
            if not self._reader.parse_block():
                raise FileError(DAMAGED)
        if index < 0:
            raise FileError(DAMAGED)
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def verify(self) -> None:
        """Read the rest of the part, which verifies its checksum. Raise FileError if it is wrong."""
        while self._reader.parse_block():
            pass

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self._entry, self._entry_chars = [], 0
        elif tag == "rPh":
            self._phonetic_depth += 1  # the pronunciation of a Japanese text, which is not a part of the text
        elif tag == "t":
            self._is_text = not self._phonetic_depth

    def _end(self, tag: str) -> None:
        if tag == "t":
            self._is_text = False
        elif tag == "rPh":
            self._phonetic_depth -= 1
        elif tag == "si":
            self._bytes += unescape_text("".join(self._entry)).encode("utf-8", "replace")
            self._ends.append(len(self._bytes))
            if len(self._bytes) + 8 * len(self._ends) > MAX_STRING_BYTES:
                raise FileError(TOO_LARGE)

    def _add_text(self, text: str) -> None:
        if self._is_text:
            self._entry_chars += len(text)
            if self._entry_chars > _MAX_ENTRY_CHARS:
                raise FileError(DAMAGED)
            self._entry.append(text)


def unescape_text(text: str) -> str:
    """Return a text of a workbook with its escapes (`_x000D_`) replaced by their characters."""
    return _ESCAPE.sub(_decode_escape, text) if "_x" in text else text


def _decode_escape(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # NUL and lone surrogates stay as they are written: neither can be in a text.
    return found[0] if not code or 0xD800 <= code < 0xE000 else chr(code)
