"""The frame of every HTML page: template, inline stylesheet and script, and a policy that allows nothing else."""

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATE_DIR = Path(__file__).parent / "templates"


def render_page(template_name: str, script_name: str, **values: object) -> str:
    """Return the page that a template makes of these values, with all of their text escaped.

    The page needs no network: `report.css` and the script are inside it.
    """
    style, script = _read_asset("report.css"), _read_asset(script_name)
    policy = _build_content_security_policy(style, script)
    return _load_template(template_name).render(values, content_security_policy=policy, style=style, script=script)


def format_timestamp(timestamp: str) -> str:
    """Return a timestamp of result.json as "1 November 2026, 00:00:01 UTC"."""
    return f"{datetime.fromisoformat(timestamp):%d %B %Y, %H:%M:%S} UTC".lstrip("0")


def _build_content_security_policy(style: str, script: str) -> str:
    """Return a policy that allows this stylesheet and this script, and nothing else."""
    # Digests instead of 'unsafe-inline': should a cell ever get past the escaping, its script still does not run.
    style_digest, script_digest = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_digest}'; script-src 'sha256-{script_digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


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
