"""Describe how an import would read a file: the format, each column with masked values, and the counts of rows."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from contact_import.columns.user_mapping import ColumnMapping
from contact_import.contacts.duplicate_labels import DuplicateLabels
from contact_import.contacts.first_pass import FirstPass
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.row_reasons import NO_PHONE_COLUMN
from contact_import.contacts.validate import validate_rows
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.files.table import Table, detect_date_order, open_table
from contact_import.pipelines.column_mapping import build_mapping
from contact_import.pipelines.first_pass import make_first_pass
from contact_import.reports.counts import Counts
from contact_import.reports.result import build_consent
from contact_import.resubmission.report_columns import find_report_column
from contact_import.sending.batches import Batch, split_batches
from contact_import.settings import Settings

_SAMPLED_ROWS = 50
_VALUES_PER_COLUMN = 3
_MAX_VALUE_LENGTH = 40


@dataclass(slots=True)
class _ColumnSamples:
    """The first filled cells of each column, masked."""

    width: int
    values: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [[] for _ in range(self.width)]

    def collect(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows unchanged and take samples of the first ones: the file is read once."""
        for number, row in enumerate(rows):
            if number < _SAMPLED_ROWS:
                for samples, cell in zip(self.values, row.cells, strict=False):
                    if cell.strip() and len(samples) < _VALUES_PER_COLUMN:
                        samples.append(mask_value(cell.strip()))
            yield row


def build_inspection(path: Path, mapping: ColumnMapping | None) -> dict[str, Any]:
    """Read the whole file and return what `inspect --json` prints. Raise FileError for a file without contacts."""
    # PHONE_REGION and MOBILE_ONLY of the caller count; a bucket and a secret are not needed here.
    settings = Settings.from_env(os.environ | {"BUCKET": "none", "CELLCAST_SECRET": "none"})

    def reopen() -> BinaryIO:
        return path.open("rb")

    with reopen() as stream:
        table = open_table(stream, region=settings.phone_region, mapping=mapping)
        samples, counts = _ColumnSamples(len(table.columns.columns)), Counts()
        rules = ValidationRules(datetime.now(UTC).date(), settings.phone_region, settings.mobile_only)
        first_pass = make_first_pass(reopen, table.layout, rules) or FirstPass()
        rules = replace(
            rules,
            date_order=detect_date_order(reopen, region=settings.phone_region, layout=table.layout),
            held_numbers=first_pass.held_numbers,
            require_consent=settings.require_consent,
        )
        for batch in _build_batches(table, samples, settings, rules, first_pass.more_labels):
            for outcome in batch.decided:
                counts.add(outcome)
            for contact in batch.contacts:
                counts.add(Outcome(contact.row, Status.ACCEPTED, "", contact.warnings))
        summary = table.summarize()
    warnings = [{"field": one.field, "reason": one.reason, "count": 1} for one in summary.warnings]
    return {
        "file": path.name,
        "format": summary.format,
        "columns": [
            {"header": one.header, "field": one.field, "values": values}
            for one, values in zip(summary.columns, samples.values, strict=True)
            if not find_report_column(one.header)
        ],
        "rows": counts.build_rows(),
        "consent": build_consent(first_pass.tally, counts.rows_read, is_required=settings.require_consent),
        "reasons": counts.build_reasons(),
        "warnings": [*warnings, *counts.build_warnings()],
        "mapping": build_mapping(table.columns),
        "error": summary.error or None,
    }


def _build_batches(
    table: Table, samples: _ColumnSamples, settings: Settings, rules: ValidationRules, more_labels: DuplicateLabels
) -> Iterator[Batch]:
    """Yield the batches that an import would send; without a phone column, each row as an invalid one."""
    rows = samples.collect(table.rows)
    if not table.columns.has_phones:
        reason = NO_PHONE_COLUMN
        yield from (Batch(1, 1, decided=(Outcome(row, Status.INVALID, reason),)) for row in rows)
        return
    validated = validate_rows(rows, table.columns, rules, more_labels)
    yield from split_batches(validated, max_contacts=settings.batch_max_contacts, max_bytes=settings.batch_max_bytes)


def mask_value(cell: str) -> str:
    """Return the cell with the first letter or digit of each word and a dot for each other one, 40 characters at most.

    "Ann Lee" becomes "A•• L••".
    """
    characters, is_inside_word = [], False
    for letter in cell[:_MAX_VALUE_LENGTH]:
        characters.append("•" if is_inside_word and letter.isalnum() else letter)
        is_inside_word = letter.isalnum()
    return "".join(characters) + ("…" if len(cell) > _MAX_VALUE_LENGTH else "")
