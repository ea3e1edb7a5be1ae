"""Build the import page, `GET /`: one HTML page for people with a spreadsheet and a token, which calls only the API."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from contact_import.domain.http import HttpResponse

_FOLDER = Path(__file__).parent
_SCRIPTS = ("page_dom.js", "page_api.js", "page_check.js", "page_run.js", "page_main.js")
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def build_import_page(upload_url: str) -> HttpResponse:
    """Return the page. `upload_url` is the address of its uploads, the only other one that it may connect to.

    The page contains no data and no token: without a token it is useless, so it needs no login.
    """
    parts = urlsplit(upload_url)
    policy = build_content_security_policy(f"'self' {parts.scheme}://{parts.netloc}")
    return HttpResponse(200, {**_HEADERS, "content-security-policy": policy}, _render())


@cache
def build_content_security_policy(connect_to: str) -> str:
    """Return a policy that allows the page its own stylesheet and script, and requests to `connect_to`."""
    # Digests instead of 'unsafe-inline': if text of a file ever became HTML, its script would still not run
    # (https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP).
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (_read_style(), _read_script())
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src {connect_to}; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def _render() -> str:
    page = (_FOLDER / "import.html").read_text("utf-8")
    return page.replace("__STYLE__", _read_style()).replace("__SCRIPT__", _read_script())


@cache
def _read_style() -> str:
    return (_FOLDER / "import.css").read_text("utf-8")


@cache
def _read_script() -> str:
    return "".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS)
