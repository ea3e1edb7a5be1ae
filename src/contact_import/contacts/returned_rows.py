"""Hold back rows of an uploaded failed.csv that were not changed in a way that matters.

A mark has a kind and a digest of the number: `sent-1f3a52c0`. The number as it is read now is compared with it, not
the cell, because spreadsheets rewrite cells: `491570006` without its zero is the same number. A row is sent if its
number, its answer about SMS or its name now means something else. Any other row, also one whose mark was deleted, is
held back. To send such a row nevertheless, a person empties its `_status` cell.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from zlib import crc32

from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.row_reasons import (
    DUPLICATE_BEFORE,
    OPTED_OUT_BEFORE,
    UNREADABLE_BEFORE,
    get_phone_column_name,
)
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.labels import Labels, parse_names
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.resubmission.report_columns import IMPORTER, LISTS, STATUS, TAGS

type NumberReader = Callable[[RowBlock, int], Iterable[str]]

SENT_AGAIN = RowWarning("row", "could not be confirmed before, and was sent again")


class Mark(StrEnum):
    """A reason why a row was not sent, as far as it decides whether the row may be sent when it comes back."""

    IN_CELLCAST = "sent"  # a duplicate of a row that was accepted
    MAYBE_IN_CELLCAST = "maybe"  # a duplicate of a row that may be in Cellcast, or that must not be sent
    FIRST_FAILED = "open"  # a duplicate of a row that is in the same failed.csv and not in Cellcast
    OWN_ANSWER = "no"  # the row's own columns say no, or are unclear
    TEXT = "name"  # a name, a label or a remark says not to contact the person
    NUMBER = "number"  # another row or Cellcast's list opts the number out
    UNREADABLE = "line"  # cells may be missing or in the wrong column


_MARKS = frozenset(mark.value for mark in Mark)


class HeldRows(NamedTuple):
    """The outcomes of rows that came back without a change that matters, and the warnings of other rows, by index.

    The numbers of `uncounted` rows do not make a later row a duplicate: their first row may be in this file, too.
    """

    outcomes: dict[int, Outcome]
    warnings: Mapping[int, RowWarning]
    uncounted: Sequence[int] = ()


def find_held_rows(
    block: RowBlock, e164s: Sequence[str], evidence: Mapping[int, ConsentEvidence], refusing: Container[int]
) -> HeldRows:
    """Return the rows of a block that an earlier import did not send and this one does not send either.

    `e164s` has the number of each row, "" for none, and `evidence` the consent of rows by index. `refusing` are the
    indexes of rows with a name, label or remark that refuses contact.
    """
    if not block.columns.report_indexes:
        return HeldRows({}, {})
    outcomes, warnings, uncounted = dict[int, Outcome](), dict[int, RowWarning](), list[int]()
    for index, (status, mark, digest) in enumerate(read_returned(block)):
        is_other_number = bool(e164s[index] and digest and digest != digest_number(e164s[index]))
        row = block.rows[index]
        # Sending is the exception: a person has changed what held the row back, or its first row failed as well.
        if status == Status.DUPLICATE and mark is not Mark.FIRST_FAILED and not is_other_number:
            reason = f"{get_phone_column_name(block.columns)}: {DUPLICATE_BEFORE}"
            outcomes[index] = Outcome(row, Status.DUPLICATE, reason)
            if mark is not Mark.IN_CELLCAST:
                uncounted.append(index)
        elif status == Status.OPTED_OUT and not (
            is_other_number
            or (mark is Mark.OWN_ANSWER and index in evidence and evidence[index].verdict is Consent.YES)
            or (mark is Mark.TEXT and index not in refusing)
        ):
            outcomes[index] = Outcome(row, Status.OPTED_OUT, OPTED_OUT_BEFORE)
        elif status == Status.INVALID and mark is Mark.UNREADABLE:
            outcomes[index] = Outcome(row, Status.INVALID, UNREADABLE_BEFORE)
            uncounted.append(index)
        elif status == Status.UNKNOWN:
            # The contact may already be in Cellcast. failed.csv says so, and the person uploaded the row nevertheless.
            warnings[index] = SENT_AGAIN
    return HeldRows(outcomes, warnings, uncounted)


class ReturnedOptOuts:
    """The numbers that an earlier import held back because of another row, or of Cellcast's opt-out list.

    They stay held back in any order of the rows, and also if the row that said no was deleted. If that row now says
    yes, its number is free again.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._free_digests: set[str] = set()

    def add_block(
        self, block: RowBlock, evidence: Sequence[ConsentEvidence], refusing: Container[int], read_numbers: NumberReader
    ) -> None:
        """Read the rows of a block. `refusing` are the indexes of rows with a name, label or remark that refuses."""
        for index, (status, mark, digest) in enumerate(read_returned(block)):
            if status != Status.OPTED_OUT:
                continue
            is_yes = index < len(evidence) and evidence[index].verdict is Consent.YES
            if (mark is Mark.OWN_ANSWER and is_yes) or (mark is Mark.TEXT and index not in refusing):
                self._free_digests.add(digest)
            for e164 in read_numbers(block, index) if mark is Mark.NUMBER else ():
                if digest_number(e164) == digest:
                    self._rows.setdefault(e164, block.row_numbers[index])

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON, for a run that continues."""
        return {"rows": self._rows, "free_digests": sorted(self._free_digests)}

    def load_json(self, value: Mapping[str, Any]) -> None:
        """Replace the state by the one that `to_json` returned."""
        self._rows, self._free_digests = value["rows"], set(value["free_digests"])

    def get_pairs(self) -> Iterator[tuple[str, int]]:
        """Yield the held numbers in E.164 form, each with its row."""
        return (pair for pair in self._rows.items() if digest_number(pair[0]) not in self._free_digests)


def resolve_row_labels(block: RowBlock, import_labels: Labels) -> list[Labels]:
    """Return the labels of each row: of this import, and of an earlier import in which the row failed."""
    cells = list(zip(get_report_cells(block, TAGS), get_report_cells(block, LISTS), strict=True))
    known = {pair: import_labels + Labels(*map(parse_names, pair)) for pair in set(cells)}
    return [known[pair] for pair in cells]


class ReturnedRow(NamedTuple):
    """The cells that an earlier import added to a row, "" for each that is empty or unknown."""

    status: str
    mark: str
    digest: str


def read_returned(block: RowBlock) -> list[ReturnedRow]:
    """Return the status, the mark and the digest that an earlier import added to each row."""
    statuses = (cell.strip().lower() for cell in get_report_cells(block, STATUS))
    marks = (cell.strip().partition("-") for cell in get_report_cells(block, IMPORTER))
    return [
        ReturnedRow(status, Mark(mark) if mark in _MARKS else "", digest)
        for status, (mark, _, digest) in zip(statuses, marks, strict=True)
    ]


def get_report_cells(block: RowBlock, name: str) -> Sequence[str]:
    """Return the cells of a column that an earlier import added, or empty cells if it is missing."""
    index = block.columns.report_indexes.get(name)
    return block.empty_column if index is None else block.get_column(index)


def digest_number(e164: str) -> str:
    """Return a digest of a number in E.164 form: eight hexadecimal digits.

    It only shows whether a number was changed, and keeps phone numbers out of one more column.
    """
    return f"{crc32(e164.encode()):08x}"
