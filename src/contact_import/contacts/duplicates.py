"""Which row had a number first."""

from array import array
from collections.abc import Sequence

_FIRST_MOBILE = 61_400_000_000  # Australian mobiles: +614 and eight digits
_MOBILES = 10**8
_FEW = 100_000
_ALIKE = 13  # bits of a number that are not in the place of its drawer


class Seen:
    """Remembers each number's first row, in six bytes for each number.

    The first 100,000 numbers are in a dict. From then on Australian mobiles, of which there are 10^8, are in drawers
    of the 8,192 numbers that begin alike: their ends as the letters of a text, which is quickly searched, and
    their rows. Other numbers stay in the dict.
    """

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self._rows: dict[str, int] = {}
        self._ends: list[str] = []
        self._drawers: list[array[int]] = []

    def earlier(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> dict[int, int]:
        """By their places, which of the numbers an earlier row had, and which row had it first.

        The rows of all others are remembered. No two rows have the same row number.
        """
        if self._drawers:
            firsts = self._in_drawers(e164s, row_numbers)
        else:
            firsts = list(map(self._rows.setdefault, e164s, row_numbers))
            if len(self._rows) > self._few:
                self._move_over()
        if firsts == list(row_numbers):
            return {}
        pairs = enumerate(zip(firsts, row_numbers, strict=True))
        return {place: first for place, (first, row_number) in pairs if first != row_number}

    def _in_drawers(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> list[int]:
        """For each number the row that had it first."""
        all_ends, drawers, last = self._ends, self._drawers, (1 << _ALIKE) - 1
        firsts = list(row_numbers)
        for place, e164 in enumerate(e164s):
            number = int(e164) - _FIRST_MOBILE
            if not 0 <= number < _MOBILES:
                firsts[place] = self._rows.setdefault(e164, firsts[place])
                continue
            drawer, end = number >> _ALIKE, chr(number & last)
            if end in all_ends[drawer]:
                firsts[place] = drawers[drawer][all_ends[drawer].index(end)]
            else:
                all_ends[drawer] += end
                drawers[drawer].append(firsts[place])
        return firsts

    def _move_over(self) -> None:
        count = (_MOBILES >> _ALIKE) + 1
        self._ends, self._drawers = [""] * count, [array("I") for _ in range(count)]
        rows, self._rows = self._rows, {}
        while rows:  # its memory is given back on the way
            e164, row_number = rows.popitem()
            self._in_drawers((e164,), (row_number,))
