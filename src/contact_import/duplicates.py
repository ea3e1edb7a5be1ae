"""Which row had a number first."""

from array import array

_PREFIX = "+614"  # Australian mobiles: the prefix and eight digits
_MOBILES = 10**8
_FEW = 5_000
_ALIKE = 12  # bits of a number that are not in the place of its drawer


class Seen:
    """Remembers each number's first row, in six bytes for each number.

    The first 5,000 numbers are in a dict. From then on Australian mobiles, of which there are 10^8, have a bit each
    (12.5 MB) that tells whether a number was there; its row is then looked for in a drawer of the 4,096 numbers
    that begin alike. Other numbers stay in the dict.
    """

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self._rows: dict[str, int] = {}
        self._bits = bytearray()
        self._drawers: list[tuple[array[int], array[int]]] = []  # the ends of its numbers, and their rows

    def earlier(self, e164: str, row_number: int) -> int | None:
        """The row that had the number first, or None, and remembers this one."""
        if self._bits and len(e164) == 12 and e164.startswith(_PREFIX):
            return self._in_bits(int(e164[4:]), row_number)
        first = self._rows.setdefault(e164, row_number)
        if first != row_number:
            return first
        if not self._bits and len(self._rows) > self._few:
            self._move_over()
        return None

    def _in_bits(self, number: int, row_number: int) -> int | None:
        place, bit = number >> 3, 1 << (number & 7)
        ends, rows = self._drawers[number >> _ALIKE]
        end = number & ((1 << _ALIKE) - 1)
        if self._bits[place] & bit:
            return rows[ends.index(end)]
        self._bits[place] |= bit
        ends.append(end)
        rows.append(row_number)
        return None

    def _move_over(self) -> None:
        self._bits = bytearray(_MOBILES // 8)
        self._drawers = [(array("H"), array("I")) for _ in range((_MOBILES >> _ALIKE) + 1)]
        rows, self._rows = self._rows, {}
        for e164, row_number in rows.items():
            self.earlier(e164, row_number)
