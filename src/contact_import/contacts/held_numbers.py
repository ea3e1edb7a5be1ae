"""The numbers that no row of a list may be sent to, since one of its rows says no."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from contact_import.contacts.duplicates import Seen
from contact_import.domain.consent import Consent


class HeldNumbers:
    """The numbers of people who said no, and of those whose answer is unclear, each with its first such row."""

    def __init__(self) -> None:
        self._rows = {verdict: Seen() for verdict in (Consent.NO, Consent.UNCLEAR)}
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, e164: str, row_number: int, verdict: Consent) -> None:
        """Hold a number back; the first row of a number counts."""
        self._rows[verdict].find_earlier((e164,), (row_number,))
        self._count += 1

    def find(self, e164s: Sequence[str]) -> dict[int, tuple[int, Consent]]:
        """Return by index the numbers that are held back, each with the row that says so. A no beats the unclear."""
        found: dict[int, tuple[int, Consent]] = {}
        for verdict in (Consent.UNCLEAR, Consent.NO):
            rows = self._rows[verdict].find_rows(e164s)
            found |= {index: (row, verdict) for index, row in rows.items()}
        return found

    def to_lines(self) -> Iterator[str]:
        """Yield a line of text for each number: verdict, number, row."""
        for verdict, rows in self._rows.items():
            for e164, row_number in rows.get_pairs():
                yield f"{verdict} {e164} {row_number}\n"

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the numbers in a form that is quicker to save and load than lines."""
        for rows in self._rows.values():
            yield from rows.to_bytes()

    def load(self, stream: BinaryIO) -> None:
        """Take over what `to_bytes` yielded."""
        for rows in self._rows.values():
            rows.load(stream)
        self._count = sum(1 for rows in self._rows.values() if next(rows.get_pairs(), None))

    def add_line(self, line: str) -> None:
        """Hold back the number of a line that `to_lines` yielded."""
        verdict, e164, row_number = line.split()
        self.add(e164, int(row_number), Consent(verdict))
