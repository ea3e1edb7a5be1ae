"""Which row had a number first, in memory that does not grow with the file."""

import os
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import Self

_PREFIX = "+614"  # Australian mobiles: the prefix and eight digits
_MOBILES = 10**8
_FEW = 50_000
_ROW_BYTES = 4


class Seen:
    """Remembers each number's first row.

    The first 50,000 numbers are in a dict. From then on Australian mobiles, of which there are 10^8, have a bit
    each (12.5 MB), and their rows lie in a sparse temporary file that only a duplicate is read from: at most
    400 MB of a Lambda's 512 MB disk. Other numbers stay in the dict. When the disk is full the row is not told.
    """

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self._rows: dict[str, int] = {}
        self._bits: bytearray | None = None
        self._file = -1

    def earlier(self, e164: str, row_number: int) -> int | None:
        """The row that had the number first (0: it is not known which), or None, and remembers this one."""
        if self._bits is None or not (e164.startswith(_PREFIX) and len(e164) == 12):
            first = self._rows.setdefault(e164, row_number)
            if first == row_number:
                if len(self._rows) > self._few and self._bits is None:
                    self._move_over()
                return None
            return first
        return self._in_bits(self._bits, int(e164[4:]), row_number)

    def _in_bits(self, bits: bytearray, number: int, row_number: int) -> int | None:
        place, bit = number >> 3, 1 << (number & 7)
        if bits[place] & bit:
            return self._row_of(number)
        bits[place] |= bit
        if self._file >= 0:
            with suppress(OSError):  # the disk is full: duplicates are still found, but not where
                os.pwrite(self._file, row_number.to_bytes(_ROW_BYTES, "little"), number * _ROW_BYTES)
        return None

    def _row_of(self, number: int) -> int:
        if self._file < 0:
            return 0
        return int.from_bytes(os.pread(self._file, _ROW_BYTES, number * _ROW_BYTES), "little")

    def _move_over(self) -> None:
        self._bits = bytearray(_MOBILES // 8)
        try:
            handle, path = tempfile.mkstemp()
            os.unlink(path)  # noqa: PTH108  the file lives as long as its handle
            self._file = handle
        except OSError:
            self._file = -1
        rows, self._rows = self._rows, {}
        for e164, row_number in rows.items():
            self.earlier(e164, row_number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
