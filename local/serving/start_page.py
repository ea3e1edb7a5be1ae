"""Render the page at `/server`: the endpoints, requests to try, and the last imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import jinja2

from contact_import.domain.http import build_content_security_policy
from contact_import.reports.masking import escape_control_chars
from local.serving.recent_imports import RecentImport

_FOLDER = Path(__file__).parent
_STATUS_NAMES = {"completed": "Imported", "completed_with_failures": "Not all imported", "failed": "Failed"}
_LINK_NAMES = {
    "report.html": "Report",
    "failed.csv": "Failed rows",
    "accepted.csv": "Accepted rows",
}


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The facts that the page shows of the server.

    `sandbox_notice` is "" for a real account; `token` is what a shell replaces by the token, "" with a file of senders.
    """

    address: str
    endpoint: str
    sandbox_notice: str
    folder: str
    out: str
    token: str
    senders: Sequence[str]


def render_start_page(facts: ServerFacts, imports: Sequence[RecentImport], active: Sequence[str], waiting: int) -> str:
    """Return the page, with all text of files and results escaped. It needs no script and no other request."""
    return _load_template().render(
        facts=facts,
        imports=imports,
        active=active,
        waiting=waiting,
        statuses=_STATUS_NAMES,
        links=_LINK_NAMES,
        style=_read_style(),
    )


@cache
def build_start_page_policy() -> str:
    """Return a policy that allows the page its stylesheet and nothing else."""
    return f"{build_content_security_policy(_read_style())}; frame-ancestors 'none'"


def _format_time(timestamp: str) -> str:
    return f"{datetime.fromisoformat(timestamp).astimezone():%d %b %Y, %H:%M}".lstrip("0")


@cache
def _read_style() -> str:
    return (_FOLDER / "start_page.css").read_text("utf-8")


@cache
def _load_template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"local_time": _format_time, "visible": escape_control_chars}
    return environment.get_template("start_page.html.jinja")
