"""Render report.html for a running import: its progress. The page updates itself until it becomes the report."""

from collections.abc import Mapping
from typing import Any

from contact_import.reports.html.template import format_timestamp, render_page, shorten_name

RUNNING_MARKER = 'data-state="running"'  # in every page of a running import, and in no report
_STAGE_HEADLINES = {
    "waiting": "Waiting to start",
    "reading": "Reading the file",
    "sending": "Importing",
    "writing": "Writing the results",
}


def render_running_page(progress: Mapping[str, Any], key: str) -> str:
    """Return the page for the content of a progress.json; `key` is the object key of the upload."""
    return render_page(
        "running.html.jinja",
        ("local_time.js", "running.js"),
        # The page fetches itself instead of reloading: a reload flashes, and loses the reader's selection.
        connect_to="'self'",
        running_marker=RUNNING_MARKER,
        name=shorten_name(key.rpartition("/")[2]),
        dry_run=progress["dry_run"],
        percent=progress["percent"],
        figures=_build_figures(progress),
        started_at=progress["started_at"],
        started=format_timestamp(progress["started_at"]),
        updated_at=progress["updated_at"],
        updated=format_timestamp(progress["updated_at"]),
    )


def _build_figures(progress: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each figure that changes while the import runs, by its name in the template."""
    is_checking = progress["dry_run"] and progress["stage"] == "sending"
    headline = "Checking" if is_checking else _STAGE_HEADLINES[progress["stage"]]
    rows = progress["rows"]
    return {
        "headline": f"{headline}\u2026",
        "done": f"{progress['percent']:.0f} %",
        "left": format_time_left(progress.get("seconds_left")),
        "read": f"{rows['read']:,}",
        "accepted": f"{rows['accepted']:,}",
        "failed": f"{rows['failed']:,}",
    }


def format_time_left(seconds: float | None) -> str:
    """Return roughly how long the import still takes, "about 4 minutes left", "" if it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
    return f"about {round(seconds / 3600)} hours left"
