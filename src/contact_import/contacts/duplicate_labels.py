"""Collect the tags and lists of duplicate rows, and add them to the first row of the number.

Some exports have one line for each category of a person: `Ann,0491570006,VIP` and `Ann,0491570006,Perth`. Only the
first line is sent, so it gets both tags.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import add
from typing import Any, BinaryIO
from zlib import crc32

from contact_import.columns.detect import Columns
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.normalize import BlockWarnings, Normalizer, ValidationRules
from contact_import.contacts.returned_rows import resolve_row_labels
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.labels import Labels
from contact_import.domain.roles import LABEL_ROLES, NAME_ROLES, Role
from contact_import.fields.text import split_labels

_MAX_ROWS = 500_000  # first rows that get labels: about 60 MB
_MAX_LABEL_SETS = 50_000
_MAX_LINE = 40_000_000  # rows after it add no labels: so far it takes 560 MB


class DuplicateLabels:
    """The labels that duplicates add to the first row of their number. It is empty for most files.

    `is_complete` is False if there were too many: the labels of some duplicates are not added.
    """

    # For each row it has the index of its labels in `_sets`, and a hash of its name, because two people may have the
    # same number. With the numbers in `Seen` that makes 14 bytes for each row.

    def __init__(self) -> None:
        self.is_complete = True
        self._more: dict[int, int] = {}
        self._sets: list[Labels] = [Labels()]
        self._set_numbers: dict[Labels, int] = {Labels(): 0}
        self._seen = Seen()
        self._name_hashes, self._row_sets = array("I"), array("I")

    def __bool__(self) -> bool:
        return bool(self._more)

    def find(self, row_number: int) -> Labels:
        """Return the labels that duplicates add to a row."""
        return self._sets[self._more.get(row_number, 0)]

    def to_json(self) -> Iterator[dict[str, Any]]:
        """Yield a JSON object with the labels that are added to each row."""
        for row_number, number in self._more.items():
            yield {"row": row_number, "tags": self._sets[number].tags, "lists": self._sets[number].lists}
        if not self.is_complete:
            yield {"is_complete": False}

    def add_json(self, value: Mapping[str, Any]) -> None:
        """Add an object that `to_json` yielded."""
        if "row" in value:
            self._more[value["row"]] = self._number_set(Labels(tuple(value["tags"]), tuple(value["lists"])))
        else:
            self.is_complete = False

    def add_block(self, e164s: Sequence[str], rows: Sequence[int], names: Sequence[str], labels: list[Labels]) -> None:
        """Add rows with their phones in E.164 form ("" for rows that do not count), line numbers, names and labels."""
        if rows[-1] > _MAX_LINE:
            self.is_complete = False
            return
        # The arrays are indexed by line number. Lines without a row (blank ones, the header) stay 0.
        hashes = [crc32(name.encode("utf-8", "replace")) if name else 0 for name in names]
        missing = rows[-1] + 1 - len(self._row_sets)
        self._row_sets.extend(repeat(0, missing))
        self._name_hashes.extend(repeat(0, missing))
        for row, name_hash, some in zip(rows, hashes, labels, strict=True):
            self._row_sets[row], self._name_hashes[row] = self._number_set(some), name_hash
        counted = list(compress(rows, e164s))
        for place, first in self._seen.find_earlier(list(filter(None, e164s)), counted).items():
            self._add_duplicate(first, counted[place])

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the state for a run that continues: a line of JSON, two arrays, the phones."""
        saved = {
            "is_complete": self.is_complete,
            "more": list(self._more.items()),
            "sets": [(labels.tags, labels.lists) for labels in self._sets],
            "rows": len(self._row_sets),
        }
        yield json.dumps(saved).encode() + b"\n"
        yield self._name_hashes.tobytes()
        yield self._row_sets.tobytes()
        yield from self._seen.to_bytes()

    def load(self, stream: BinaryIO) -> None:
        """Replace the state by the one that `to_bytes` yielded."""
        saved = json.loads(stream.readline())
        self.is_complete, self._more = saved["is_complete"], dict(saved["more"])
        self._sets = [Labels(tuple(tags), tuple(lists)) for tags, lists in saved["sets"]]
        self._set_numbers = {labels: number for number, labels in enumerate(self._sets)}
        for some in (self._name_hashes, self._row_sets):
            some.frombytes(stream.read(4 * saved["rows"]))
        self._seen.load(stream)

    def _add_duplicate(self, first: int, row: int) -> None:
        own_hash, first_hash = self._name_hashes[row], self._name_hashes[first]
        if own_hash and first_hash and own_hash != first_hash:
            return  # another person with the same number
        known = self._more.get(first, self._row_sets[first])
        joined = self._sets[known] + self._sets[self._row_sets[row]]
        if joined == self._sets[known]:
            return
        if len(self._more) >= _MAX_ROWS:
            self.is_complete = False
            return
        self._more[first] = self._number_set(joined)

    def _number_set(self, labels: Labels) -> int:
        """Return the index of a set of labels in `_sets`. Rows share sets, because files have few different ones."""
        if len(self._sets) >= _MAX_LABEL_SETS and labels not in self._set_numbers:
            self.is_complete = False
            return 0
        number = self._set_numbers.setdefault(labels, len(self._sets))
        if number == len(self._sets):
            self._sets.append(labels)
        return number


def has_label_columns(columns: Columns) -> bool:
    """Return whether the rows of a file have phones and labels, so that duplicates can add labels."""
    return Role.PHONE in columns.role_indexes and any(role in columns.role_indexes for role in LABEL_ROLES)


class LabelReader:
    """A reader of the labels that duplicates add. They are in `found` after the last block."""

    def __init__(self, rules: ValidationRules) -> None:
        self.found = DuplicateLabels()
        self._normalizer = Normalizer(rules)

    def read_block(self, block: RowBlock) -> None:
        """Read the phones, names and labels of a block of rows."""
        e164s, _ = self._normalizer.normalize_phones(block, BlockWarnings())
        readable = ["" if error else e164 for error, e164 in zip(block.parse_errors, e164s, strict=True)]
        self.found.add_block(readable, block.row_numbers, _fold_names(block), list(resolve_labels(block, Labels())))


def _fold_names(block: RowBlock) -> list[str]:
    columns = [column for role in NAME_ROLES for column in block.get_columns(role)]
    if not columns:
        return [""] * len(block.rows)
    return ["|".join(map(str.strip, cells)).casefold().strip("|") for cells in zip(*columns, strict=True)]


def resolve_labels(block: RowBlock, import_labels: Labels) -> Iterable[Labels]:
    """Return the labels of each row: of the import, of an earlier import in which the row failed, and of its cells."""
    if not block.columns.report_indexes:
        return _add_own_labels(block, import_labels)
    earlier = resolve_row_labels(block, import_labels)
    return map(add, earlier, _add_own_labels(block, Labels()))


def _add_own_labels(block: RowBlock, import_labels: Labels) -> Iterable[Labels]:
    if not block.has_roles(Role.TAGS) and not block.has_roles(Role.LISTS):
        return repeat(import_labels, len(block.rows))
    tags, lists = (
        list(zip(*block.get_columns(role), strict=True)) or [()] * len(block.rows) for role in (Role.TAGS, Role.LISTS)
    )
    pairs = list(zip(tags, lists, strict=True))
    known = {pair: import_labels + Labels(*map(split_labels, pair)) for pair in set(pairs)}
    return [known[pair] for pair in pairs]
