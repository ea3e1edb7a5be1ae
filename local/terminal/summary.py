"""The summary that `run` prints of each import."""

from datetime import datetime
from typing import Any, TextIO

from rich.table import Table

from contact_import.checks.canary import is_canary_stop
from contact_import.domain.outcomes import Status
from contact_import.reports.summary import format_took, get_field_label, get_status_meanings, summarize_result
from local.file_imports.file_import import FileResult
from local.file_imports.import_journal import was_interrupted
from local.terminal.console import Console, escape_for_terminal

_MAX_LISTED = 20
_STATUS_ORDER = {status.value: number for number, status in enumerate(Status)}
_OUR_COLUMNS = "_"  # of a failed.csv that comes back


def print_summary(done: FileResult, terminal: TextIO) -> None:
    """Print the outcome of a file, and the paths of its results."""
    console, result = Console(file=terminal, highlight=False), done.result
    console.print(f"\n[bold]{escape_for_terminal(done.name)}[/]: {_describe_outcome(done)}", soft_wrap=True)
    if done.was_imported:
        _print_paths(console, done)
        return
    _print_facts(console, result)
    if result["error"]:
        console.print(f"[red]{escape_for_terminal(result['error'])}[/]", soft_wrap=True)
    rows = Table("status", "rows", "what it means", box=None, pad_edge=False)
    for status, meaning in get_status_meanings(dry_run=result["dry_run"], sandbox=result["sandbox"]).items():
        if result["rows"][status]:
            rows.add_row(status, f"{result['rows'][status]:,}", meaning)
    if rows.row_count:
        console.print(rows)
    reasons = sorted(result["reasons"], key=lambda one: (_STATUS_ORDER.get(one["status"], 0), -one["count"]))
    _print_counted(console, "why", reasons, "status")
    warnings = [one | {"column": one.get("column") or get_field_label(one["field"])} for one in result["warnings"]]
    _print_counted(console, "imported with warnings", warnings, "column")
    left_out = [column["header"] for column in result["columns"] if not column["field"] and column["header"].strip()]
    if left_out := [header for header in left_out if not header.startswith(_OUR_COLUMNS)]:
        console.print(f"columns not imported: {escape_for_terminal(', '.join(left_out))}", soft_wrap=True)
    _print_paths(console, done)
    _print_next_step(console, done)


def _describe_outcome(done: FileResult) -> str:
    result = done.result
    if done.was_imported:
        when = datetime.fromisoformat(result["finished_at"]).astimezone()
        return (
            f"already imported on {when.day} {when:%B %Y at %H:%M}. {summarize_result(result)} Nothing was sent now; "
            "add --again to import it once more."
        )
    return f"{result['status'].replace('_', ' ')}. {summarize_result(result)}"


def _print_facts(console: Console, result: dict[str, Any]) -> None:
    facts = []
    if result["account"]:
        facts.append(f"account: {result['account']['name']}")
    facts.append(f"list: {', '.join(result['list']) or 'none'}")
    if result["tags"]:
        facts.append(f"tags: {', '.join(result['tags'])}")
    facts.append(f"took {format_took(result)}")
    console.print(escape_for_terminal("; ".join(facts)), soft_wrap=True)
    if repeated := result["requests"]["possibly_repeated"]:
        requests = "1 request was" if repeated == 1 else f"{repeated:,} requests were"
        console.print(f"{requests} sent again because no clear reply came: Cellcast may have their contacts twice.")


def _print_paths(console: Console, done: FileResult) -> None:
    rows = done.result["rows"]
    names = ["accepted.csv"] if rows["accepted"] else []
    names += ["failed.csv"] if rows["read"] > rows["accepted"] else []
    for name in (*names, "result.json"):
        console.print(f"  {escape_for_terminal(str(done.folder / name))}", soft_wrap=True)
    console.print(f"  {escape_for_terminal((done.folder / 'report.html').absolute().as_uri())}", soft_wrap=True)
    for path in done.kept:
        text = f"You had changed a file of the earlier results; it is kept as {path}."
        console.print(escape_for_terminal(text), soft_wrap=True)


def _print_next_step(console: Console, done: FileResult) -> None:
    rows, result = done.result["rows"], done.result
    # A practice run begins from the start, unless it was stopped.
    if not rows["unsent"] or result["dry_run"] or (result["sandbox"] and not was_interrupted(result)):
        return
    accepted, missing = f"{rows['accepted']:,}", f"{rows['read'] - rows['accepted']:,}"
    if rows["accepted"] and is_canary_stop(result["error"] or ""):
        console.print(
            f"{accepted} imported. Correct failed.csv, which holds the other {missing}, and import that file; or "
            "import the whole file once more with --again."
        )
        return
    advice = "Run the same command to continue, or import failed.csv"
    if rows["accepted"]:
        advice = f"{accepted} imported; r{advice[1:]}, which holds the other {missing}"
    console.print(f"{advice}. Do only one of the two, or contacts are sent twice.")


def _print_counted(console: Console, title: str, items: list[dict[str, Any]], key_column: str) -> None:
    if items:
        table = Table(title, "", "rows", box=None, pad_edge=False)
        for item in items[:_MAX_LISTED]:
            texts = (item[key_column], item["reason"], f"{item['count']:,}")
            table.add_row(*map(escape_for_terminal, texts))
        console.print(table)
        if len(items) > _MAX_LISTED:
            console.print(f"… and {len(items) - _MAX_LISTED} more in result.json")
