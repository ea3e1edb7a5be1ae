"""Build the import page, `GET /`: one HTML page for people with a spreadsheet and a token, which calls only the API."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from contact_import.domain.http import HttpResponse, build_content_security_policy

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
    policy = _build_policy(f"'self' {parts.scheme}://{parts.netloc}")
    return HttpResponse(200, {**_HEADERS, "content-security-policy": policy}, _render())


@cache
def _build_policy(connect_to: str) -> str:
    policy = build_content_security_policy(_read_style(), _read_script(), connect_to)
    return f"{policy}; frame-ancestors 'none'"


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
