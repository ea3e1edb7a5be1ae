"""Print an inspection of a file."""

import sys
from pathlib import Path
from typing import Any

from rich.table import Table

from contact_import.reports.summary import name_column
from local.terminal.console import Console, escape_for_terminal


def print_inspection(inspection: dict[str, Any], mapping_path: Path | None) -> None:
    """Print the format, the columns and the counts of an inspection, and the file that its mapping was written to."""
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"[bold]{escape_for_terminal(inspection['file'])}[/]")
    if "format" in inspection:
        console.print(_describe_format(inspection["format"]))
        console.print(_build_column_table(inspection["columns"]))
        if inspection["consent"]["columns"]:
            console.print(_build_consent_table(inspection["consent"]["columns"]))
        _print_counts(console, inspection)
    if inspection["error"]:
        console.print(f"[red]{escape_for_terminal(inspection['error'])}[/]")
    if mapping_path:
        console.print(
            f"{escape_for_terminal(str(mapping_path))} holds the mapping. Edit it, then pass it with --mapping, or "
            "upload it to the folder of your file (before the file)",
            soft_wrap=True,
        )


def _describe_format(file_format: dict[str, Any]) -> str:
    line = file_format["header_line"]
    if sheet := file_format.get("sheet"):
        header_text = f"the header is in row {line}" if line else "there is no header"
        return f"sheet \u201c{escape_for_terminal(sheet)}\u201d, {header_text}"
    header_text = f"the header is on line {line}" if line else "there is no header"
    return f"{file_format['encoding']}, cells separated by {file_format['delimiter']!r}, {header_text}"


def _build_column_table(columns: list[dict[str, Any]]) -> Table:
    table = Table("column", "becomes", "first values, masked", box=None, pad_edge=False)
    for column in columns:
        values = ", ".join(column["values"])
        table.add_row(
            escape_for_terminal(column["header"]),
            column["field"] or "[dim]left out[/]",
            escape_for_terminal(values),
        )
    return table


def _build_consent_table(columns: list[dict[str, Any]]) -> Table:
    table = Table("consent column", "value", "read as", "rows", box=None, pad_edge=False)
    for column in columns:
        for one in column["values"]:
            texts = (column["header"], one["value"], one["taken_for"], f"{one['count']:,}")
            table.add_row(*map(escape_for_terminal, texts))
    return table


def _print_counts(console: Console, inspection: dict[str, Any]) -> None:
    rows = inspection["rows"]
    counts = (f"{count:,} {status}" for status, count in rows.items() if count and status != "read")
    console.print(
        f"{rows['read']:,} row{'' if rows['read'] == 1 else 's'}: {', '.join(counts) or 'none'}; nothing was sent"
    )
    for one in (*inspection["reasons"], *inspection["warnings"]):
        kind = one.get("status") or "warning"
        field = f"{name_column(inspection, one['field'])}: " if "field" in one else ""
        text = escape_for_terminal(f"{field}{one['reason']}")
        console.print(f"  {one['count']:,} {kind}: {text}", soft_wrap=True)
