"""Read the consent of a whole list before any of it is validated: a no anywhere wins for its number."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_reader import ConsentReader
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.returned_rows import ReturnedOptOuts, find_refusing_names
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.consent import Consent
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.row import Row
from contact_import.fields.phone import Phone, choose_phone

_BLOCK_ROWS = 1000


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

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> "HeldNumbers":
        """Parse what `to_lines` yielded."""
        held = cls()
        for line in lines:
            verdict, e164, row_number = line.split()
            held.add(e164, int(row_number), Consent(verdict))
        return held


@dataclass(frozen=True, slots=True)
class ConsentScan:
    """What the consent columns of a list say. `is_complete` is False when there was no time to read to its end."""

    tally: ConsentTally = field(default_factory=ConsentTally)
    held_numbers: HeldNumbers = field(default_factory=HeldNumbers)
    is_complete: bool = True


def scan_consent(
    rows: Iterable[Row],
    columns: Columns,
    *,
    region: str,
    mobile_only: bool,
    has_time: Callable[[], bool] = lambda: True,
) -> ConsentScan:
    """Read the consent columns and names of all rows, and the phones of those that are held back."""
    reader = ConsentReader(columns)
    read_phones = partial(_read_phones, region=region, mobile_only=mobile_only)
    tally, held, returned = ConsentTally(), HeldNumbers(), ReturnedOptOuts()
    values: list[Counter[str]] = [Counter() for _ in reader.columns]
    for chunk in batched(rows, _BLOCK_ROWS, strict=False):
        block = RowBlock(chunk, columns)
        cells = [block.get_column(column.index) for column in reader.columns]
        evidence = list(reader.read_rows(cells)) if cells else []
        tally.add_rows(evidence)
        for index, one in enumerate(evidence):
            if one.verdict.is_held_back:
                for e164 in read_phones(block.get_phones(index)):
                    held.add(e164, block.row_numbers[index], one.verdict)
        refusing = find_refusing_names(block)
        for index in refusing:
            for e164 in read_phones(block.get_phones(index)):
                held.add(e164, block.row_numbers[index], Consent.NO)
        returned.add_block(block, evidence, refusing, read_phones)
        for place, column_cells in enumerate(cells):
            values[place].update(column_cells)
            _count_values(tally, reader, place, values[place])
        if not has_time():
            return ConsentScan(tally, held, is_complete=False)
    for e164, row_number in returned.get_pairs():
        held.add(e164, row_number, Consent.NO)
    return ConsentScan(tally, held)


def _count_values(tally: ConsentTally, reader: ConsentReader, place: int, values: Counter[str]) -> None:
    """Move the counted values of a column into the tally, the most frequent first."""
    for value, count in values.most_common():
        if value.strip():
            verdict = reader.read_cell(place, value).verdict
            tally.add_value(reader.columns[place].header, value.strip(), verdict, count)
    values.clear()


def _read_phones(cells: Iterable[str], region: str, *, mobile_only: bool) -> set[str]:
    """Return every number of a row: who says no is not to be sent on any of them."""
    phones = (choose_phone((cell,), region=region, mobile_only=mobile_only) for cell in cells if cell.strip())
    return {phone.e164 for phone in phones if isinstance(phone, Phone)}
