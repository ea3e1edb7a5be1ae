"""Which row had a number first."""

from array import array
from collections.abc import Sequence

_FIRST_MOBILE = 61_400_000_000  # Australian mobiles: +614 and eight digits
_MOBILE_COUNT = 10**8
_DICT_LIMIT = 100_000
_SUFFIX_BITS = 13  # bits of a number that are not in the place of its drawer


class Seen:
    """Remembers each number's first row, in six bytes for each number.

    The first 100,000 numbers are in a dict. From then on Australian mobiles, of which there are 10^8, are in drawers
    of the 8,192 numbers that begin alike: their ends as the letters of a text, which is quickly searched, and
    their rows. Other numbers stay in the dict.
    """

    def __init__(self, dict_limit: int = _DICT_LIMIT) -> None:
        self._dict_limit = dict_limit
        self._rows: dict[str, int] = {}
        self._bucket_suffixes: list[str] = []
        self._bucket_rows: list[array[int]] = []

    def find_earlier(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> dict[int, int]:
        """By their places, which of the numbers an earlier row had, and which row had it first.

        The rows of all others are remembered. No two rows have the same row number.
        """
        if self._bucket_rows:
            firsts = self._find_in_buckets(e164s, row_numbers)
        else:
            firsts = list(map(self._rows.setdefault, e164s, row_numbers))
            if len(self._rows) > self._dict_limit:
                self._move_to_buckets()
        if firsts == list(row_numbers):
            return {}
        pairs = enumerate(zip(firsts, row_numbers, strict=True))
        return {place: first for place, (first, row_number) in pairs if first != row_number}

    def _find_in_buckets(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> list[int]:
        """For each number the row that had it first."""
        all_suffixes, bucket_rows, suffix_mask = self._bucket_suffixes, self._bucket_rows, (1 << _SUFFIX_BITS) - 1
        firsts = list(row_numbers)
        for place, e164 in enumerate(e164s):
            number = int(e164) - _FIRST_MOBILE
            if not 0 <= number < _MOBILE_COUNT:
                firsts[place] = self._rows.setdefault(e164, firsts[place])
                continue
            bucket, suffix = number >> _SUFFIX_BITS, chr(number & suffix_mask)
            if suffix in all_suffixes[bucket]:
                firsts[place] = bucket_rows[bucket][all_suffixes[bucket].index(suffix)]
            else:
                all_suffixes[bucket] += suffix
                bucket_rows[bucket].append(firsts[place])
        return firsts

    def _move_to_buckets(self) -> None:
        count = (_MOBILE_COUNT >> _SUFFIX_BITS) + 1
        self._bucket_suffixes, self._bucket_rows = [""] * count, [array("I") for _ in range(count)]
        rows, self._rows = self._rows, {}
        while rows:  # its memory is given back on the way
            e164, row_number = rows.popitem()
            self._find_in_buckets((e164,), (row_number,))
