"""Validate rows: each becomes a `Contact` for Cellcast, or an `Outcome` with the reason why it is not sent.

Each block passes through the same steps: phones, consent, rows that came back, the other fields, and at last the
outcomes of the rows that are not sent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched, chain, compress, count
from typing import Any, NamedTuple

from contact_import.columns.detect import Columns
from contact_import.contacts.consent_reader import ConsentReader, RefusalReader
from contact_import.contacts.duplicate_labels import DuplicateLabels, resolve_labels
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.normalize import BlockWarnings, Normalizer, ValidationRules
from contact_import.contacts.returned_rows import HeldRows, find_held_rows
from contact_import.contacts.row_block import RowBlock
from contact_import.contacts.row_reasons import (
    explain_duplicate,
    explain_evidence,
    explain_held_number,
    explain_refusal,
    explain_silence,
)
from contact_import.domain.consent import SILENCE, ConsentEvidence
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row

_BLOCK_ROWS = 200  # half as many make this step 8 % slower, and twice as many make it no quicker
_BAD_NUMBER_REASON = "another number of the row was left out, because its state is not a good one"
_CELLCAST_OPT_OUT_REASON = "consent: the number is on Cellcast's opt-out list"

CONTACT_FIELDS = (
    "first_name",
    "last_name",
    "phone_number",
    "birthday",
    "address",
    "email",
    "postal_code",
    "gender",
    "purchase",
)


class Contact(NamedTuple):
    """A row that may be sent to Cellcast: it always has a number in E.164 form (ITU-T E.164: `+61491570006`).

    `values` are in the order of `CONTACT_FIELDS`, all text, "" for a field that the row does not have.
    """

    row: Row
    values: tuple[str, ...]
    labels: Labels = Labels()
    warnings: tuple[RowWarning, ...] = ()

    @property
    def phone_number(self) -> str:
        """Return the number in E.164 form."""
        return self.values[2]


# The same as `Contact._make`, which costs a Python call for every row.
_make_contact: Callable[[Iterable[Any]], Contact] = partial(tuple.__new__, Contact)


def validate_rows(
    rows: Iterable[Row],
    columns: Columns,
    rules: ValidationRules,
    more_labels: DuplicateLabels | None = None,
    seen: Seen | None = None,
) -> Iterator[Contact | Outcome]:
    """Yield exactly one contact or one outcome for each row, in order.

    Only the phone number and consent decide; any other problem of a row is a warning. `more_labels` are the labels that
    duplicates add to their first row. `seen` has the numbers of earlier rows; those of `rows` are added to it.
    """
    readers = _Readers(
        Normalizer(rules),
        ConsentReader(columns, rules.today),
        RefusalReader(columns) if rules.may_refuse else None,
        seen or Seen(),
    )
    blocks = (RowBlock(chunk, columns) for chunk in batched(rows, _BLOCK_ROWS, strict=False))
    return chain.from_iterable(_validate_block(block, rules, readers, more_labels) for block in blocks)


class _Readers(NamedTuple):
    """The readers of the blocks of one import, which cache what they have read."""

    normalizer: Normalizer
    consent: ConsentReader
    refusals: RefusalReader | None
    seen: Seen


def _validate_block(
    block: RowBlock, rules: ValidationRules, readers: _Readers, more_labels: DuplicateLabels | None
) -> list[Contact | Outcome]:
    warnings, shape_warnings = BlockWarnings(), _find_shape_warnings(block)
    e164s, phone_errors = readers.normalizer.normalize_phones(block, warnings)
    evidence = _read_consent(block, readers.consent)
    refusals = readers.refusals.read_block(block) if readers.refusals else {}
    held = find_held_rows(block, e164s, evidence, refusals)
    bad_numbers = {row: RowWarning("phone_number", _BAD_NUMBER_REASON) for row in block.bad_number_rows}
    for index, warning in (*shape_warnings.items(), *held.warnings.items(), *bad_numbers.items()):
        warnings[index].append(warning)
    normalized = readers.normalizer.normalize(block, e164s, warnings)
    row_warnings: list[tuple[RowWarning, ...]] = [()] * len(e164s)
    for index, some_warnings in warnings.items():
        row_warnings[index] = tuple(some_warnings)
    labels = resolve_labels(block, rules.labels)
    if more_labels:
        labels = [own + more_labels.find(number) for own, number in zip(labels, block.row_numbers, strict=True)]
    results: list[Contact | Outcome] = list(
        map(_make_contact, zip(block.rows, normalized, labels, row_warnings, strict=True))
    )
    outcomes = _build_rejections(
        block,
        rules,
        e164s,
        readers.seen,
        evidence=evidence,
        refusals=refusals,
        held_rows=held,
        phone_errors=phone_errors,
        shape_warnings=shape_warnings,
        uncounted=[index for index, one in evidence.items() if readers.consent.is_of_row_only(one)],
    )
    for index, outcome in outcomes.items():
        results[index] = outcome
    return results


def _find_shape_warnings(block: RowBlock) -> dict[int, RowWarning]:
    """Return the warnings, by index, of rows that were repaired or have more cells than the header."""
    # Nearly every block ends here: its longest row is as wide as the header.
    width = len(block.columns.columns)
    if block.width <= width and not any(block.parse_warnings):
        return {}
    shape_warnings = {}
    for index, row in enumerate(block.rows):
        if row.parse_warning:
            shape_warnings[index] = RowWarning("row", row.parse_warning)
        elif len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
            shape_warnings[index] = RowWarning("row", "more cells than the header has")
    return shape_warnings


def _read_consent(block: RowBlock, reader: ConsentReader) -> dict[int, ConsentEvidence]:
    """Return the evidence, by index, of rows with something in a consent column."""
    if not reader.columns:
        return {}
    cells = [block.get_column(column.index) for column in reader.columns]
    return {index: one for index, one in enumerate(reader.read_rows(cells)) if one is not SILENCE}


def _build_rejections(
    block: RowBlock,
    rules: ValidationRules,
    e164s: Sequence[str],
    seen: Seen,
    *,
    evidence: Mapping[int, ConsentEvidence],
    refusals: Mapping[int, ConsentEvidence],
    held_rows: HeldRows,
    phone_errors: Mapping[int, str],
    shape_warnings: Mapping[int, RowWarning],
    uncounted: Sequence[int],
) -> dict[int, Outcome]:
    """Return the outcomes of the rows that are not sent, by index."""
    # A row with several reasons has the last one below, because a later dict replaces an earlier one. So the row's own
    # no outranks a bad phone, which is not worth correcting then.
    rows = block.rows
    silent_rows = [index for index in range(len(rows)) if index not in evidence] if rules.require_consent else []
    held = rules.held_numbers.find(e164s) if rules.held_numbers else {}
    unreadable = list(compress(count(), block.parse_errors))
    on_opt_out_list = compress(count(), map(rules.opted_out.__contains__, e164s)) if rules.opted_out else ()
    return (
        {
            index: Outcome(rows[index], Status.DUPLICATE, explain_duplicate(block.columns, first))
            for index, first in _find_duplicates(
                block, e164s, seen, excluded_rows=[*silent_rows, *uncounted, *unreadable, *held_rows.uncounted]
            ).items()
        }
        | {index: Outcome(rows[index], Status.OPTED_OUT, explain_silence(block.columns)) for index in silent_rows}
        | {index: Outcome(rows[index], Status.OPTED_OUT, _CELLCAST_OPT_OUT_REASON) for index in on_opt_out_list}
        | {index: Outcome(rows[index], Status.OPTED_OUT, explain_held_number(*found)) for index, found in held.items()}
        | {
            index: Outcome(
                rows[index], Status.INVALID, reason, (shape_warnings[index],) if index in shape_warnings else ()
            )
            for index, reason in phone_errors.items()
        }
        | held_rows.outcomes
        | {index: Outcome(rows[index], Status.OPTED_OUT, explain_refusal(one)) for index, one in refusals.items()}
        | {
            index: Outcome(rows[index], Status.OPTED_OUT, explain_evidence(one))
            for index, one in evidence.items()
            if one.verdict.is_held_back
        }
        | {index: Outcome(rows[index], Status.INVALID, rows[index].parse_error) for index in unreadable}
    )


def _find_duplicates(
    block: RowBlock, e164s: Sequence[str], seen: Seen, *, excluded_rows: Iterable[int]
) -> dict[int, int]:
    """Return the number of the earlier row with the same phone, by the index of each duplicate.

    Phones of people who opted out count as well: a later row with such a phone is not sent.
    """
    numbers = list(e164s)
    for index in excluded_rows:
        numbers[index] = ""
    indexes = list(compress(count(), numbers))
    found = seen.find_earlier(list(compress(numbers, numbers)), list(compress(block.row_numbers, numbers)))
    return {indexes[position]: first for position, first in found.items()}
