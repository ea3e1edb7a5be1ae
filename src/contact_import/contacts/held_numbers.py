"""Hold back the numbers that any row of a list opts out, in all rows of the list."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from contact_import.contacts.duplicates import Seen
from contact_import.domain.consent import Consent


class HeldNumbers:
    """The numbers of people who said no or whose answer is unclear, each with the first row that says so."""

    def __init__(self) -> None:
        self._rows = {verdict: Seen() for verdict in (Consent.NO, Consent.UNCLEAR)}
        self._has_numbers = False

    def __bool__(self) -> bool:
        return self._has_numbers

    def add(self, e164: str, row_number: int, verdict: Consent) -> None:
        """Hold back a number in E.164 form. The first of its rows is named in reasons."""
        self._rows[verdict].find_earlier((e164,), (row_number,))
        self._has_numbers = True

    def find(self, e164s: Sequence[str]) -> dict[int, tuple[int, Consent]]:
        """Return row and verdict of those numbers that are held back, by index. A no outranks an unclear answer."""
        found: dict[int, tuple[int, Consent]] = {}
        for verdict in (Consent.UNCLEAR, Consent.NO):
            rows = self._rows[verdict].find_rows(e164s)
            found |= {index: (row, verdict) for index, row in rows.items()}
        return found

    def to_lines(self) -> Iterator[str]:
        """Yield a line of text for each number: `no +61491570006 17`."""
        for verdict, rows in self._rows.items():
            for e164, row_number in rows.get_pairs():
                yield f"{verdict} {e164} {row_number}\n"

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the numbers in a form that is quicker to save and load than lines."""
        for rows in self._rows.values():
            yield from rows.to_bytes()

    def load(self, stream: BinaryIO) -> None:
        """Replace the numbers by those that `to_bytes` yielded."""
        for rows in self._rows.values():
            rows.load(stream)
        self._has_numbers = any(next(rows.get_pairs(), None) for rows in self._rows.values())

    def add_line(self, line: str) -> None:
        """Hold back the number of a line that `to_lines` yielded."""
        verdict, e164, row_number = line.split()
        self.add(e164, int(row_number), Consent(verdict))
