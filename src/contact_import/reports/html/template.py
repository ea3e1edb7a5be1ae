"""Render every HTML page: template, inline stylesheet and script, and a policy that allows nothing else."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from contact_import.domain.http import build_content_security_policy
from contact_import.reports.masking import escape_control_chars

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATE_DIR = Path(__file__).parent / "templates"
_MAX_NAME_CHARS = 100  # a key of S3 may have 1,024
_NAME_END_CHARS = 20  # with the file's extension


def render_page(
    template_name: str, script_names: Sequence[str], *, connect_to: str = "'none'", **values: object
) -> str:
    """Return the page of a template with these values, all of whose text is escaped.

    The page needs no network: `report.css` and the scripts are inside it. `connect_to` is the source, in the words of a
    Content-Security-Policy, that the scripts may fetch from.
    """
    style, script = _read_asset("report.css"), "".join(map(_read_asset, script_names))
    policy = build_content_security_policy(style, script, connect_to)
    return _load_template(template_name).render(values, content_security_policy=policy, style=style, script=script)


def shorten_name(name: str) -> str:
    """Return the name of a file for a headline, with visible control characters; a long name has dots in its middle."""
    if len(name) > _MAX_NAME_CHARS:
        name = f"{name[: _MAX_NAME_CHARS - _NAME_END_CHARS]}\u2026{name[-_NAME_END_CHARS:]}"
    return escape_control_chars(name)


def format_timestamp(timestamp: str) -> str:
    """Return a timestamp of result.json as "1 November 2026, 00:00:01 UTC"."""
    return f"{datetime.fromisoformat(timestamp):%d %B %Y, %H:%M:%S} UTC".lstrip("0")


@cache
def _read_asset(name: str) -> str:
    # The digest in the policy covers all text between the tags, so the line break after the opening tag is part of it.
    return f"\n{(_TEMPLATE_DIR / name).read_text('utf-8')}"


@cache
def _load_template(name: str) -> "Template":
    import jinja2  # noqa: PLC0415  47 ms, which no cold start needs: only the functions that write a page load it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATE_DIR),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment.get_template(name)
