"""Print an inspection of a webhook delivery."""

import sys
from typing import Any

from rich.table import Table

from local.terminal.console import Console, escape_for_terminal

_MAX_LEFT_OUT = 40


def print_delivery_inspection(inspection: dict[str, Any]) -> None:
    """Print each person with the fields, the values that were left out, or why no person was found."""
    console = Console(file=sys.stdout, highlight=False)
    sender = f", sent by {inspection['sender']}" if inspection["sender"] else ""
    console.print(f"[bold]{escape_for_terminal(inspection['file'])}[/]{escape_for_terminal(sender)}")
    for number, person in enumerate(inspection.get("people", ()), start=1):
        console.print(f"person {number}: {_describe_status(person)}", soft_wrap=True)
        console.print(_build_field_table(person["fields"]))
        for warning in person["warnings"]:
            console.print(f"  warning: {escape_for_terminal(warning)}", soft_wrap=True)
    left_out = inspection.get("left_out", [])
    if left_out:
        console.print(_build_left_out_table(left_out[:_MAX_LEFT_OUT]))
    if len(left_out) > _MAX_LEFT_OUT:
        console.print(f"… and {len(left_out) - _MAX_LEFT_OUT} more; --json prints all of them")
    if inspection["error"]:
        console.print(f"[red]{escape_for_terminal(inspection['error'])}[/]", soft_wrap=True)
    console.print("nothing was sent")


def _describe_status(person: dict[str, Any]) -> str:
    if person["status"] == "sendable":
        return "would be sent"
    return f"[yellow]{person['status']}[/]: {escape_for_terminal(person['reason'])}"


def _build_field_table(fields: list[dict[str, Any]]) -> Table:
    table = Table("value", "becomes", "masked", box=None, pad_edge=False)
    for field in fields:
        table.add_row(
            escape_for_terminal(field["label"]), str(field["field"]), escape_for_terminal(str(field["value"]))
        )
    return table


def _build_left_out_table(left_out: list[dict[str, str]]) -> Table:
    table = Table("left out", "masked", "why", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    for one in left_out:
        table.add_row(*(escape_for_terminal(one[key]) for key in ("path", "value", "reason")))
    return table
