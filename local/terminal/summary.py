"""The summary that `run` prints of each import."""

from pathlib import Path
from typing import Any, TextIO

from rich.table import Table

from contact_import.reports.advice import get_status_meanings
from contact_import.reports.summary import summarize_result
from local.terminal.console import Console, escape_for_terminal


def print_summary(result: dict[str, Any], folder: Path, terminal: TextIO) -> None:
    console = Console(file=terminal, highlight=False)
    console.print(
        f"\n[bold]{escape_for_terminal(folder.name)}[/]: {result['status'].replace('_', ' ')}. "
        f"{summarize_result(result)}"
    )
    if result["account"]:
        console.print(f"account: {escape_for_terminal(result['account']['name'])}")
    if result["error"]:
        console.print(f"[red]{escape_for_terminal(result['error'])}[/]")
    rows = Table("status", "rows", "what it means", box=None, pad_edge=False)
    for status, meaning in get_status_meanings(dry_run=result["dry_run"], sandbox=result["sandbox"]).items():
        if result["rows"][status]:
            rows.add_row(status, f"{result['rows'][status]:,}", meaning)
    if rows.row_count:
        console.print(rows)
    _print_counted(console, "why", result["reasons"], "status")
    _print_counted(console, "went in, but", result["warnings"], "field")
    left_out = [column["header"] for column in result["columns"] if not column["field"]]
    if left_out:
        console.print(f"columns left out: {escape_for_terminal(', '.join(left_out))}")
    for name in ("failed.csv", "report.html", "result.json"):
        console.print(f"  {escape_for_terminal(str(folder / name))}", soft_wrap=True)


def _print_counted(console: Console, title: str, items: list[dict[str, Any]], key_column: str) -> None:
    if items:
        table = Table(title, "", "rows", box=None, pad_edge=False)
        for item in items[:20]:
            table.add_row(
                escape_for_terminal(item[key_column]), escape_for_terminal(item["reason"]), f"{item['count']:,}"
            )
        console.print(table)
