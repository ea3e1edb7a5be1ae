"""Read a whole list before any row is validated, because some rows decide about rows before them.

A no in any row holds back its number in all rows, and the labels of a duplicate go to the first row of its number. In
a single pass, that earlier row would be sent long before the later one is read.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import BinaryIO, Self

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_reader import ConsentReader, RefusalReader
from contact_import.contacts.duplicate_labels import DuplicateLabels, LabelReader, has_label_columns
from contact_import.contacts.held_numbers import HeldNumbers
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.returned_rows import ReturnedOptOuts
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.consent import SILENCE, Consent, ConsentEvidence
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.domain.row import Row
from contact_import.fields.phone import Phone, choose_phone

_BLOCK_ROWS = 1000  # the time is checked after each block
_REFUSALS = "refusals\n"


@dataclass(frozen=True, slots=True)
class FirstPass:
    """The decisions of rows about other rows. `is_complete` is False if there was no time to read all rows.

    `has_refusals` is whether the names, labels and remarks of rows have to be searched for a refusal.
    """

    tally: ConsentTally = field(default_factory=ConsentTally)
    held_numbers: HeldNumbers = field(default_factory=HeldNumbers)
    more_labels: DuplicateLabels = field(default_factory=DuplicateLabels)
    is_complete: bool = True
    has_refusals: bool = True

    def to_lines(self) -> Iterator[str]:
        """Yield the numbers and labels as lines of text. The tally is not included: import.json has it."""
        yield from self.held_numbers.to_lines()
        yield from (json.dumps(one) + "\n" for one in self.more_labels.to_json())
        if self.has_refusals:
            yield _REFUSALS

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Self:
        """Parse the lines that `to_lines` yielded."""
        found, has_refusals = cls(), False
        for line in lines:
            if line == _REFUSALS:
                has_refusals = True
            elif line.startswith("{"):
                found.more_labels.add_json(json.loads(line))
            else:
                found.held_numbers.add_line(line)
        return replace(found, has_refusals=has_refusals)


def needs_first_pass(columns: Columns, *, may_refuse: bool) -> bool:
    """Return whether rows of a list can decide about other rows.

    `may_refuse` is whether a name, label or remark of the file may refuse contact.
    """
    roles = columns.role_indexes
    if Role.PHONE not in roles:
        return False
    # The rows of a failed.csv also have marks of an earlier import about other rows (`returned_rows`).
    if columns.report_indexes or has_label_columns(columns) or any(role in roles for role in CONSENT_ROLES):
        return True
    return may_refuse


class FirstPassReader:
    """A reader of the consent, names and labels of all rows, and of the phones of rows that decide about others.

    Its state can be saved: another run then continues after the first `rows_read` rows.
    """

    def __init__(self, columns: Columns, rules: ValidationRules) -> None:
        self.rows_read = 0
        self._columns = columns
        self._scan = _ConsentScan(columns, rules)
        self._labels = LabelReader(rules) if has_label_columns(columns) else None

    def read_rows(self, rows: Iterable[Row], has_time: Callable[[], bool] = lambda: True) -> bool:
        """Read rows until there is no time. Return whether all rows were read."""
        for chunk in batched(rows, _BLOCK_ROWS, strict=False):
            block = RowBlock(chunk, self._columns)
            self._scan.read_block(block)
            if self._labels:
                self._labels.read_block(block)
            self.rows_read += len(chunk)
            if not has_time():
                return False
        return True

    def finish(self, *, is_complete: bool = True) -> FirstPass:
        """Return the result, after the last row was read."""
        labels = self._labels.found if self._labels else DuplicateLabels()
        return FirstPass(self._scan.tally, self._scan.finish(), labels, is_complete, self._scan.has_refusals)

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the state for a run that continues: a line of JSON, the numbers, the labels."""
        saved = {
            "rows_read": self.rows_read,
            "tally": self._scan.tally.to_json(),
            "returned": self._scan.returned.to_json(),
            "has_refusals": self._scan.has_refusals,
        }
        yield json.dumps(saved).encode() + b"\n"
        yield from self._scan.held.to_bytes()
        if self._labels:
            yield from self._labels.found.to_bytes()

    def load(self, stream: BinaryIO) -> None:
        """Replace the state by the one that `to_bytes` yielded."""
        saved = json.loads(stream.readline())
        self.rows_read = saved["rows_read"]
        self._scan.tally = ConsentTally.from_json(saved["tally"])
        self._scan.returned.load_json(saved["returned"])
        self._scan.has_refusals = saved["has_refusals"]
        self._scan.held.load(stream)
        if self._labels:
            self._labels.found.load(stream)


def read_first_pass(
    rows: Iterable[Row], columns: Columns, rules: ValidationRules, has_time: Callable[[], bool] = lambda: True
) -> FirstPass:
    """Read the rows in one run, to their end or until there is no time."""
    reader = FirstPassReader(columns, rules)
    return reader.finish(is_complete=reader.read_rows(rows, has_time))


class _ConsentScan:
    """A scan that counts the answers of consent columns, and collects the numbers of rows that are held back."""

    def __init__(self, columns: Columns, rules: ValidationRules) -> None:
        self.tally = ConsentTally()
        self._reader, self._refusals, self._rules = ConsentReader(columns, rules.today), RefusalReader(columns), rules
        self.has_refusals = False
        self.held, self.returned = HeldNumbers(), ReturnedOptOuts()
        self._values: list[Counter[str]] = [Counter() for _ in self._reader.columns]

    def read_block(self, block: RowBlock) -> None:
        """Read the rows of a block."""
        cells = [block.get_column(column.index) for column in self._reader.columns]
        evidence = list(self._reader.read_rows(cells)) if cells else []
        self.tally.add_rows(evidence)
        for index, one in enumerate(evidence):
            if one.verdict.is_held_back and not self._reader.is_of_row_only(one):
                self._hold(block, index, one.verdict)
        refusals = self._refusals.read_block(block) if self._rules.may_refuse else {}
        for index, one in refusals.items():
            self.has_refusals = True
            self._hold(block, index, one.verdict)
            self._count_refusal(index, one, evidence)
        self.returned.add_block(block, evidence, refusals, self._read_numbers)
        for place, column_cells in enumerate(cells):
            self._values[place].update(column_cells)
            self._count_values(place)

    def _count_refusal(self, row: int, refusal: ConsentEvidence, evidence: Sequence[ConsentEvidence]) -> None:
        """Count a row that only its name or a remark holds back."""
        own = evidence[row] if evidence else SILENCE
        if own.verdict.is_held_back:
            return
        self.tally.verdicts[own.verdict] -= own.verdict is Consent.YES
        self.tally.add_rows([refusal])
        if refusal.label:
            self.tally.add_value(refusal.label, refusal.value, refusal.verdict, 1)

    def finish(self) -> HeldNumbers:
        """Return the numbers that are held back, after the last block."""
        for e164, row_number in self.returned.get_pairs():
            self.held.add(e164, row_number, Consent.NO)
        return self.held

    def _hold(self, block: RowBlock, row: int, verdict: Consent) -> None:
        for e164 in self._read_numbers(block, row):
            self.held.add(e164, block.row_numbers[row], verdict)

    def _read_numbers(self, block: RowBlock, row: int) -> set[str]:
        """Return all numbers of a row: a person who says no gets no SMS on any of them."""
        parts = block.get_phones_and_countries(row)
        cells, countries = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        region, mobile_only = self._rules.phone_region, self._rules.mobile_only
        phones = (
            choose_phone((cell,), countries=(country,), region=region, mobile_only=mobile_only)
            for cell, country in zip(cells, countries, strict=True)
            if cell.strip()
        )
        return {phone.e164 for phone in phones if isinstance(phone, Phone)}

    def _count_values(self, place: int) -> None:
        """Move the counted values of a column into the tally, the most frequent first.

        The tally has room for 50 values of a column: these should be the ones that most rows have.
        """
        for value, count in self._values[place].most_common():
            if value.strip():
                verdict = self._reader.read_cell(place, value).verdict
                self.tally.add_value(self._reader.columns[place].header, value.strip(), verdict, count)
        self._values[place].clear()
