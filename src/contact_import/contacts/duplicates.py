"""Find the rows with a number that an earlier row of the import had."""

import json
import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import BinaryIO

# Australian mobiles are +614 and eight digits (ACMA, "Telecommunications Numbering Plan 2015").
_FIRST_MOBILE = 61_400_000_000
_MOBILE_COUNT = 10**8
_DICT_LIMIT = 100_000
_SUFFIX_BITS = 13  # a bucket has the 2^13 numbers that differ only in these bits
_BUCKET_HEADER = struct.Struct("<HH")  # of a saved bucket: its index, and its number of phones
_END = 0xFFFF  # in place of a bucket's index; there are 12,208 buckets


class Seen:
    """The first row of each number, in memory that hardly grows with the file.

    The first 100,000 numbers are in a dict. After that, Australian mobiles are in buckets of the 8,192 numbers that
    begin alike, in six bytes each: two for the rest of the number, four for its row. Other numbers stay in the dict.

    Example: of +61491570006, `_FIRST_MOBILE` leaves 91,570,006: bucket 11,177 (the upper bits) and suffix 8,022.
    """

    # A dict alone takes 121 MB for a million numbers and 1,154 MB for ten million; this takes 14 and 75 MB. Without it,
    # a million rows would not stay within 20 MB of the memory of 100,000 (docs/performance.md). It costs 0.2 µs a
    # number, about 1 % of an import. The suffixes of a bucket are the characters of a string, because `in` and `index`
    # search a string over a hundred times as quickly as an array.

    def __init__(self, dict_limit: int = _DICT_LIMIT) -> None:
        self._dict_limit = dict_limit
        self._rows: dict[str, int] = {}
        self._bucket_suffixes: list[str] = []
        self._bucket_rows: list[array[int]] = []

    def find_earlier(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> dict[int, int]:
        """Return the first rows of those numbers that an earlier row had, by index, and remember the other numbers.

        `e164s` are in E.164 form and not empty. `row_numbers` are their rows, each a different one.
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

    def find_rows(self, e164s: Sequence[str]) -> dict[int, int]:
        """Return the first rows of those numbers that are known, by index, and remember no number."""
        return {place: row for place, e164 in enumerate(e164s) if (row := self._find_row(e164)) is not None}

    def _find_row(self, e164: str) -> int | None:
        number = int(e164 or 0) - _FIRST_MOBILE
        if not self._bucket_rows or not 0 <= number < _MOBILE_COUNT:
            return self._rows.get(e164)
        bucket = number >> _SUFFIX_BITS
        place = self._bucket_suffixes[bucket].find(chr(number & (1 << _SUFFIX_BITS) - 1))
        return self._bucket_rows[bucket][place] if place >= 0 else None

    def get_pairs(self) -> Iterator[tuple[str, int]]:
        """Yield each number in E.164 form with its first row."""
        yield from self._rows.items()
        for bucket, (suffixes, rows) in enumerate(zip(self._bucket_suffixes, self._bucket_rows, strict=True)):
            for suffix, row in zip(suffixes, rows, strict=True):
                yield f"+{_FIRST_MOBILE + (bucket << _SUFFIX_BITS) + ord(suffix)}", row

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the numbers in a form that `load` reads: a line of JSON, then the buckets.

        A run that continues may read some of the saved rows once more: the first row of a number is not a duplicate of
        itself.
        """
        yield json.dumps({"has_buckets": bool(self._bucket_rows), "rows": self._rows}).encode() + b"\n"
        for bucket, (suffixes, rows) in enumerate(zip(self._bucket_suffixes, self._bucket_rows, strict=True)):
            if rows:
                yield _BUCKET_HEADER.pack(bucket, len(rows)) + suffixes.encode("utf-16-le") + rows.tobytes()
        yield _BUCKET_HEADER.pack(_END, 0)

    def load(self, stream: BinaryIO) -> None:
        """Replace the numbers by those that `to_bytes` yielded, from the position of the stream."""
        saved = json.loads(stream.readline())
        self._rows = saved["rows"]
        if saved["has_buckets"]:
            self._make_buckets()
        while (header := _BUCKET_HEADER.unpack(stream.read(_BUCKET_HEADER.size)))[0] != _END:
            bucket, count = header
            self._bucket_suffixes[bucket] = stream.read(2 * count).decode("utf-16-le")
            self._bucket_rows[bucket].frombytes(stream.read(4 * count))

    def _find_in_buckets(self, e164s: Sequence[str], row_numbers: Sequence[int]) -> list[int]:
        """Return the first row of each number, and remember the new ones."""
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

    def _make_buckets(self) -> None:
        count = (_MOBILE_COUNT >> _SUFFIX_BITS) + 1
        self._bucket_suffixes, self._bucket_rows = [""] * count, [array("I") for _ in range(count)]

    def _move_to_buckets(self) -> None:
        self._make_buckets()
        rows, self._rows = self._rows, {}
        while rows:  # `popitem` frees the memory of the dict while the buckets grow
            e164, row_number = rows.popitem()
            self._find_in_buckets((e164,), (row_number,))
