"""report.html while the import runs: how far it is. The page reloads itself until the result takes its place."""

from collections.abc import Mapping
from typing import Any

from contact_import.reports.html.template import format_timestamp, render_page
from contact_import.reports.masking import escape_control_chars

RUNNING_MARKER = 'data-state="running"'  # in every page of a running import, and in no report
_STAGE_HEADLINES = {
    "waiting": "The import waits for its turn.",
    "reading": "The file is being read.",
    "sending": "The import is running.",
    "writing": "The results are being written.",
}


def render_running_page(progress: Mapping[str, Any], key: str) -> str:
    """Return the page for the content of a progress.json; `key` is the object key of the upload."""
    return render_page(
        "running.html.jinja",
        "running.js",
        running_marker=RUNNING_MARKER,
        name=escape_control_chars(key.rpartition("/")[2]),
        headline=_STAGE_HEADLINES[progress["stage"]],
        progress=progress,
        started=format_timestamp(progress["started_at"]),
        updated=format_timestamp(progress["updated_at"]),
    )
