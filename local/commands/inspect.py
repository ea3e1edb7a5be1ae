"""`python -m local inspect`: what would be understood of a file. Nothing is sent, and no value is shown whole."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from rich.table import Table as Shown

from contact_import.columns import user_mapping
from contact_import.columns.detect import Columns
from contact_import.columns.header_names import Role
from contact_import.columns.user_mapping import FIELDS, Told
from contact_import.contacts.normalize import Rules
from contact_import.contacts.validate import judge
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.errors import FileError
from contact_import.files.csv_rows import Row
from contact_import.files.formula_escape import OURS
from contact_import.files.table import Table, day_first, open_table
from contact_import.reports.counts import Tally
from contact_import.sending.batches import Batch, cut
from contact_import.settings import Settings
from local.terminal.console import Console, plain

_SHOWN_ROWS = 50
_SHOWN_VALUES = 3
_SHOWN_LETTERS = 40
_NAMES = {role: name for name, role in reversed(FIELDS.items())}


@dataclass(slots=True)
class _Glimpse:
    """The first filled cells of each column, masked, taken as the rows go by."""

    width: int
    values: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [[] for _ in range(self.width)]

    def at(self, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows):
            if number < _SHOWN_ROWS:
                for seen, cell in zip(self.values, row.cells, strict=False):
                    if cell.strip() and len(seen) < _SHOWN_VALUES:
                        seen.append(masked(cell.strip()))
            yield row


def inspect(path: Path, *, mapping: Path | None, write_mapping: Path | None, as_json: bool) -> int:
    """Print what would be understood. Give the exit status: 0 it can be imported, 1 it cannot."""
    if write_mapping and write_mapping.exists():
        raise FileExistsError(f"{write_mapping} is there already; name another file, or remove it first")
    try:
        told = user_mapping.parse(mapping.read_bytes(), mapping.name) if mapping else None
        found, columns = _found(path, told)
    except FileError as error:
        found, columns = {"file": path.name, "error": str(error)}, None
    if write_mapping and columns:
        write_mapping.write_text(json.dumps(found["mapping"], indent=1, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        print(json.dumps(found, ensure_ascii=True))
    else:
        _print(found, write_mapping if columns else None)
    return 1 if found["error"] else 0


def _found(path: Path, told: Told | None) -> tuple[dict[str, Any], Columns]:
    # The region, and whether only mobiles go in, are the caller's; where AWS is does not matter here.
    settings = Settings.from_env(os.environ | {"BUCKET": "none", "CELLCAST_SECRET": "none"})

    def reopen() -> BinaryIO:
        return path.open("rb")

    with reopen() as stream:
        table = open_table(stream, region=settings.phone_region, told=told)
        glimpse, tally = _Glimpse(len(table.columns.columns)), Tally()
        for batch in _batches(table, glimpse, settings, reopen):
            for outcome in batch.decided:
                tally.count(outcome)
            for contact in batch.contacts:
                tally.count(Outcome(contact.row, Status.ACCEPTED, "", contact.cautions))
        reading = table.reading()
    cautions = [{"field": one.field, "reason": one.reason, "count": 1} for one in reading.cautions]
    return {
        "file": path.name,
        "format": reading.format,
        "columns": [
            {"header": one.header, "field": one.field, "values": values}
            for one, values in zip(reading.columns, glimpse.values, strict=True)
        ],
        "rows": tally.as_rows(),
        "reasons": tally.as_reasons(),
        "warnings": [*cautions, *tally.as_warnings()],
        "mapping": as_mapping(table.columns),
        "error": reading.error or None,
    }, table.columns


def _batches(table: Table, glimpse: _Glimpse, settings: Settings, reopen: Callable[[], BinaryIO]) -> Iterator[Batch]:
    """As an import would cut them; without a column of phones the rows are only looked at."""
    rows, region = glimpse.at(table.rows), settings.phone_region
    if Role.PHONE not in table.columns.places:
        reason = "file: it has no column of phone numbers"
        yield from (Batch(1, 1, decided=(Outcome(row, Status.INVALID, reason),)) for row in rows)
        return
    order = day_first(reopen, region=region, layout=table.layout)
    rules = Rules(datetime.now(UTC).date(), region, settings.mobile_only, Labels(), order)
    judged = judge(rows, table.columns, rules)
    yield from cut(judged, max_contacts=settings.batch_max_contacts, max_bytes=settings.batch_max_bytes)


def as_mapping(columns: Columns) -> dict[str, str | None]:
    """The mapping that says what was understood, of one field the first column first."""
    roles: dict[int, Role] = {}
    for role, indexes in columns.places.items():
        for index in indexes:
            if role is Role.PHONE or index not in roles or role is Role.COUNTRY:
                roles[index] = role
    names = [name.strip() for name in columns.header]
    is_named = [columns.header_line is not None and name != "" and names.count(name) == 1 for name in names]
    keys = [name if named else f"column {n}" for n, (name, named) in enumerate(zip(names, is_named, strict=True), 1)]
    order = [index for role in dict.fromkeys(roles.values()) for index in columns.places[role] if roles[index] is role]
    rest = [n for n, name in enumerate(names) if n not in roles and name not in OURS]
    # A country that is no part of the address would become one if it were told.
    told = [index for index in order if roles[index] is not Role.COUNTRY or index in columns.places[Role.ADDRESS]]
    return {keys[index]: _NAMES[roles[index]] for index in told} | {keys[index]: None for index in rest}


def masked(cell: str) -> str:
    """The first letter or digit of each word, and the shape of the rest."""
    shown, inside = [], False
    for letter in cell[:_SHOWN_LETTERS]:
        shown.append("•" if inside and letter.isalnum() else letter)
        inside = letter.isalnum()
    return "".join(shown) + ("…" if len(cell) > _SHOWN_LETTERS else "")


def _print(found: dict[str, Any], written: Path | None) -> None:
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"[bold]{plain(found['file'])}[/]")
    if "format" in found:
        form = found["format"]
        line = f"the header is on line {form['header_line']}" if form["header_line"] else "there is no header"
        console.print(f"{form['encoding']}, cells separated by {form['delimiter']!r}, {line}")
        shown = Shown("column", "becomes", "first values, masked", box=None, pad_edge=False)
        for column in found["columns"]:
            values = ", ".join(column["values"])
            shown.add_row(plain(column["header"]), column["field"] or "[dim]left out[/]", plain(values))
        console.print(shown)
        counts = (f"{count:,} {status}" for status, count in found["rows"].items() if count and status != "read")
        console.print(f"{found['rows']['read']:,} rows: {', '.join(counts) or 'none'}; nothing was sent")
        for one in (*found["reasons"], *found["warnings"]):
            kind = one.get("status") or "warning"
            console.print(f"  {one['count']:,} {kind}: {plain(one['reason'])}", soft_wrap=True)
    if found["error"]:
        console.print(f"[red]{plain(found['error'])}[/]")
    if written:
        console.print(f"{plain(str(written))} says what was understood: correct it, and drop it beside your file")
