"""`python -m local inspect`: what would be understood of a file. Nothing is sent, and no value is shown whole."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from rich.table import Table as RichTable

from contact_import.columns import user_mapping
from contact_import.columns.detect import Columns
from contact_import.columns.user_mapping import ROLE_BY_FIELD, ColumnMapping
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.validate import validate_rows
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.errors import FileError
from contact_import.files.formula_escape import REPORT_COLUMNS
from contact_import.files.table import Table, detect_day_first, open_table
from contact_import.reports.counts import Counts
from contact_import.sending.batches import Batch, split_batches
from contact_import.settings import Settings
from local.terminal.console import Console, escape_for_terminal

_SAMPLED_ROWS = 50
_VALUES_PER_COLUMN = 3
_MAX_VALUE_LENGTH = 40
_FIELD_NAMES = {role: name for name, role in reversed(ROLE_BY_FIELD.items())}


@dataclass(slots=True)
class _ColumnSamples:
    """The first filled cells of each column, masked, taken as the rows go by."""

    width: int
    values: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [[] for _ in range(self.width)]

    def collect(self, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows):
            if number < _SAMPLED_ROWS:
                for samples, cell in zip(self.values, row.cells, strict=False):
                    if cell.strip() and len(samples) < _VALUES_PER_COLUMN:
                        samples.append(mask_value(cell.strip()))
            yield row


def inspect_file(path: Path, *, mapping: Path | None, write_mapping: Path | None, as_json: bool) -> int:
    """Print what would be understood. Give the exit status: 0 it can be imported, 1 it cannot."""
    if write_mapping and write_mapping.exists():
        raise FileExistsError(f"{write_mapping} is there already; name another file, or remove it first")
    try:
        column_mapping = user_mapping.parse_mapping(mapping.read_bytes(), mapping.name) if mapping else None
        report, columns = _build_report(path, column_mapping)
    except FileError as error:
        report, columns = {"file": path.name, "error": str(error)}, None
    if write_mapping and columns:
        write_mapping.write_text(json.dumps(report["mapping"], indent=1, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        print(json.dumps(report, ensure_ascii=True))
    else:
        _print_report(report, write_mapping if columns else None)
    return 1 if report["error"] else 0


def _build_report(path: Path, column_mapping: ColumnMapping | None) -> tuple[dict[str, Any], Columns]:
    # The region, and whether only mobiles go in, are the caller's; where AWS is does not matter here.
    settings = Settings.from_env(os.environ | {"BUCKET": "none", "CELLCAST_SECRET": "none"})

    def reopen() -> BinaryIO:
        return path.open("rb")

    with reopen() as stream:
        table = open_table(stream, region=settings.phone_region, mapping=column_mapping)
        samples, counts = _ColumnSamples(len(table.columns.columns)), Counts()
        for batch in _build_batches(table, samples, settings, reopen):
            for outcome in batch.decided:
                counts.add(outcome)
            for contact in batch.contacts:
                counts.add(Outcome(contact.row, Status.ACCEPTED, "", contact.warnings))
        reading = table.summarize()
    warnings = [{"field": one.field, "reason": one.reason, "count": 1} for one in reading.warnings]
    return {
        "file": path.name,
        "format": reading.format,
        "columns": [
            {"header": one.header, "field": one.field, "values": values}
            for one, values in zip(reading.columns, samples.values, strict=True)
        ],
        "rows": counts.build_rows(),
        "reasons": counts.build_reasons(),
        "warnings": [*warnings, *counts.build_warnings()],
        "mapping": build_mapping(table.columns),
        "error": reading.error or None,
    }, table.columns


def _build_batches(
    table: Table, samples: _ColumnSamples, settings: Settings, reopen: Callable[[], BinaryIO]
) -> Iterator[Batch]:
    """As an import would cut them; without a column of phones the rows are only looked at."""
    rows, region = samples.collect(table.rows), settings.phone_region
    if Role.PHONE not in table.columns.role_indexes:
        reason = "file: it has no column of phone numbers"
        yield from (Batch(1, 1, decided=(Outcome(row, Status.INVALID, reason),)) for row in rows)
        return
    order = detect_day_first(reopen, region=region, layout=table.layout)
    rules = ValidationRules(datetime.now(UTC).date(), region, settings.mobile_only, Labels(), order)
    validated = validate_rows(rows, table.columns, rules)
    yield from split_batches(validated, max_contacts=settings.batch_max_contacts, max_bytes=settings.batch_max_bytes)


def build_mapping(columns: Columns) -> dict[str, str | None]:
    """The mapping that says what was understood, of one field the first column first."""
    roles: dict[int, Role] = {}
    for role, indexes in columns.role_indexes.items():
        for index in indexes:
            if role is Role.PHONE or index not in roles or role is Role.COUNTRY:
                roles[index] = role
    names = [name.strip() for name in columns.header]
    is_named = [columns.header_line is not None and name != "" and names.count(name) == 1 for name in names]
    keys = [name if named else f"column {n}" for n, (name, named) in enumerate(zip(names, is_named, strict=True), 1)]
    order = [
        index for role in dict.fromkeys(roles.values()) for index in columns.role_indexes[role] if roles[index] is role
    ]
    unmapped = [n for n, name in enumerate(names) if n not in roles and name not in REPORT_COLUMNS]
    # A country that is no part of the address would become one if it were told.
    mapped = [
        index for index in order if roles[index] is not Role.COUNTRY or index in columns.role_indexes[Role.ADDRESS]
    ]
    return {keys[index]: _FIELD_NAMES[roles[index]] for index in mapped} | {keys[index]: None for index in unmapped}


def mask_value(cell: str) -> str:
    """The first letter or digit of each word, and the shape of the rest."""
    characters, is_inside_word = [], False
    for letter in cell[:_MAX_VALUE_LENGTH]:
        characters.append("•" if is_inside_word and letter.isalnum() else letter)
        is_inside_word = letter.isalnum()
    return "".join(characters) + ("…" if len(cell) > _MAX_VALUE_LENGTH else "")


def _print_report(report: dict[str, Any], mapping_path: Path | None) -> None:
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"[bold]{escape_for_terminal(report['file'])}[/]")
    if "format" in report:
        file_format = report["format"]
        header_text = (
            f"the header is on line {file_format['header_line']}"
            if file_format["header_line"]
            else "there is no header"
        )
        console.print(f"{file_format['encoding']}, cells separated by {file_format['delimiter']!r}, {header_text}")
        column_table = RichTable("column", "becomes", "first values, masked", box=None, pad_edge=False)
        for column in report["columns"]:
            values = ", ".join(column["values"])
            column_table.add_row(
                escape_for_terminal(column["header"]),
                column["field"] or "[dim]left out[/]",
                escape_for_terminal(values),
            )
        console.print(column_table)
        counts = (f"{count:,} {status}" for status, count in report["rows"].items() if count and status != "read")
        console.print(f"{report['rows']['read']:,} rows: {', '.join(counts) or 'none'}; nothing was sent")
        for one in (*report["reasons"], *report["warnings"]):
            kind = one.get("status") or "warning"
            console.print(f"  {one['count']:,} {kind}: {escape_for_terminal(one['reason'])}", soft_wrap=True)
    if report["error"]:
        console.print(f"[red]{escape_for_terminal(report['error'])}[/]")
    if mapping_path:
        console.print(
            f"{escape_for_terminal(str(mapping_path))} says what was understood: "
            "correct it, and drop it beside your file"
        )
