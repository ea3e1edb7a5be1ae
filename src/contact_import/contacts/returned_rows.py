"""Hold back the rows of a failed.csv that come back without a change that matters.

A mark is a kind and a digest of the number as it was read: `sent-1f3a52c0`. It is not compared with the cells, since
spreadsheets rewrite them: `491570006` without its zero is still the same number. What decides is whether the number,
the answer about SMS or the name means something else now. Any other line, also one whose mark is gone, is held back. A
person who wants to send a line nevertheless empties its `_status`.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from zlib import crc32

from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.row_reasons import (
    DUPLICATE_BEFORE,
    OPTED_OUT_BEFORE,
    UNREADABLE_BEFORE,
    name_phone_column,
)
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.labels import Labels, parse_names
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.roles import NAME_ROLES
from contact_import.fields.person_name import find_refusals
from contact_import.resubmission.report_columns import IMPORTER, LISTS, STATUS, TAGS

type NumberReader = Callable[[RowBlock, int], Iterable[str]]

SENT_AGAIN = RowWarning("row", "could not be confirmed before, and was sent again")


class Mark(StrEnum):
    """Why a row was not sent, as far as it decides whether the row may be sent when it comes back."""

    IN_CELLCAST = "sent"  # a duplicate of a row that was accepted
    MAYBE_IN_CELLCAST = "maybe"  # a duplicate of a row that may be in Cellcast, or that is not to be sent
    FIRST_FAILED = "open"  # a duplicate of a row that is in the same failed.csv and not in Cellcast
    OWN_ANSWER = "no"  # the row's own columns say no, or nothing clear
    NAME = "name"  # the name says not to contact the person
    NUMBER = "number"  # another row or Cellcast's list opts the number out
    UNREADABLE = "line"  # cells may be missing or in the wrong column


_MARKS = frozenset(mark.value for mark in Mark)


@dataclass(frozen=True, slots=True)
class HeldRows:
    """The outcomes of rows that came back without a change that matters, and the warnings of others, by index.

    The numbers of `uncounted` rows do not make a later row a duplicate: their first row may be in this file, too.
    """

    outcomes: dict[int, Outcome]
    warnings: Mapping[int, RowWarning]
    uncounted: Sequence[int] = ()


def find_held_rows(block: RowBlock, e164s: Sequence[str], evidence: Mapping[int, ConsentEvidence]) -> HeldRows:
    """Return the rows of a block that an earlier import did not send and this one does not send either."""
    if not block.columns.report_indexes:
        return HeldRows({}, {})
    outcomes, warnings, uncounted = dict[int, Outcome](), dict[int, RowWarning](), list[int]()
    refusing = set(find_refusing_names(block))
    for index, (status, mark, digest) in enumerate(read_returned(block)):
        is_other_number = bool(e164s[index] and digest and digest != digest_number(e164s[index]))
        row = block.rows[index]
        if status == Status.DUPLICATE and mark is not Mark.FIRST_FAILED and not is_other_number:
            reason = f"{name_phone_column(block.columns)}: {DUPLICATE_BEFORE}"
            outcomes[index] = Outcome(row, Status.DUPLICATE, reason)
            if mark is not Mark.IN_CELLCAST:
                uncounted.append(index)
        elif status == Status.OPTED_OUT and not (
            is_other_number
            or (mark is Mark.OWN_ANSWER and index in evidence and evidence[index].verdict is Consent.YES)
            or (mark is Mark.NAME and index not in refusing)
        ):
            outcomes[index] = Outcome(row, Status.OPTED_OUT, OPTED_OUT_BEFORE)
        elif status == Status.INVALID and mark is Mark.UNREADABLE:
            outcomes[index] = Outcome(row, Status.INVALID, UNREADABLE_BEFORE)
            uncounted.append(index)
        elif status == Status.UNKNOWN:
            warnings[index] = SENT_AGAIN
    return HeldRows(outcomes, warnings, uncounted)


class ReturnedOptOuts:
    """The numbers that an earlier import held back for another row of the file, or for Cellcast's list.

    They are held back whatever the order of the lines, and also when the line that said no has been deleted. Where that
    line now says yes, its number is free again.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._free_digests: set[str] = set()

    def add_block(
        self, block: RowBlock, evidence: Sequence[ConsentEvidence], refusing: Container[int], read_numbers: NumberReader
    ) -> None:
        """Read the lines of a block. `refusing` are those whose name says not to contact the person."""
        for index, (status, mark, digest) in enumerate(read_returned(block)):
            if status != Status.OPTED_OUT:
                continue
            is_yes = index < len(evidence) and evidence[index].verdict is Consent.YES
            if (mark is Mark.OWN_ANSWER and is_yes) or (mark is Mark.NAME and index not in refusing):
                self._free_digests.add(digest)
            for e164 in read_numbers(block, index) if mark is Mark.NUMBER else ():
                if digest_number(e164) == digest:
                    self._rows.setdefault(e164, block.row_numbers[index])

    def to_json(self) -> dict[str, Any]:
        """Return what was read so far."""
        return {"rows": self._rows, "free_digests": sorted(self._free_digests)}

    def load_json(self, value: Mapping[str, Any]) -> None:
        """Take over what `to_json` returned."""
        self._rows, self._free_digests = value["rows"], set(value["free_digests"])

    def get_pairs(self) -> Iterator[tuple[str, int]]:
        """Yield the numbers with their rows."""
        return (pair for pair in self._rows.items() if digest_number(pair[0]) not in self._free_digests)


def find_refusing_names(block: RowBlock) -> list[int]:
    """Return the indexes of rows whose name says not to contact the person."""
    return find_refusals([column for role in NAME_ROLES for column in block.get_columns(role)])


def resolve_row_labels(block: RowBlock, import_labels: Labels) -> list[Labels]:
    """Return the labels of the import, and those of an earlier import in which each row failed."""
    cells = list(zip(get_report_cells(block, TAGS), get_report_cells(block, LISTS), strict=True))
    known = {pair: import_labels + Labels(*map(parse_names, pair)) for pair in set(cells)}
    return [known[pair] for pair in cells]


class ReturnedRow(NamedTuple):
    """What an earlier import wrote beside a row, "" where there is nothing."""

    status: str
    mark: str
    digest: str


def read_returned(block: RowBlock) -> list[ReturnedRow]:
    """Return status, mark and digest of each row as an earlier import wrote them."""
    statuses = (cell.strip().lower() for cell in get_report_cells(block, STATUS))
    marks = (cell.strip().partition("-") for cell in get_report_cells(block, IMPORTER))
    return [
        ReturnedRow(status, Mark(mark) if mark in _MARKS else "", digest)
        for status, (mark, _, digest) in zip(statuses, marks, strict=True)
    ]


def get_report_cells(block: RowBlock, name: str) -> Sequence[str]:
    """Return the cells of a column that an earlier import added, empty ones where it is missing."""
    index = block.columns.report_indexes.get(name)
    return block.empty_column if index is None else block.get_column(index)


def digest_number(e164: str) -> str:
    """Return eight digits that tell numbers apart, the same for every spelling of a number."""
    return f"{crc32(e164.encode()):08x}"
