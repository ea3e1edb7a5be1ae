"""Answer `/server` and `/results/…` for a browser on this machine, and pass everything else to the HTTP API."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.aws.http_api import EventHandler
from local.serving.recent_imports import RecentImports
from local.serving.start_page import build_start_page_policy

_LOCAL_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
# A tunnel may send the Host of this machine; it adds one of these.
_FORWARDING_HEADERS = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
_RESULT_PATH = re.compile(r"/results/([0-9a-f]{24})/([a-z]+\.[a-z]+)")
_CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".csv": "text/csv; charset=utf-8"}
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# The report has its own policy in the page; in a sandbox its script cannot read the other results.
_REPORT_POLICY = "sandbox allow-scripts allow-downloads allow-popups; frame-ancestors 'none'"


def add_local_pages(api: EventHandler, imports: RecentImports, render: Callable[[], str]) -> EventHandler:
    """Return a handler that answers for the start page and the results, and calls `api` for all other requests."""

    def handle_event(event: dict[str, Any]) -> dict[str, Any]:
        path = event["rawPath"]
        if path not in ("/", "/server") and not path.startswith("/results/"):
            return api(event)
        if not _is_local(event["headers"]):
            return _respond(403, "This page can only be opened on the computer that it runs on, as 127.0.0.1.")
        if event["requestContext"]["http"]["method"] not in ("GET", "HEAD"):
            return _respond(405, "Method not allowed: use GET.")
        if path == "/":
            return api(event)  # the import page, as deployed
        if path == "/server":
            policy = {
                "content-type": _CONTENT_TYPES[".html"],
                "content-security-policy": build_start_page_policy(),
            }
            return {"statusCode": 200, "headers": _HEADERS | policy, "body": render()}
        match = _RESULT_PATH.fullmatch(path)
        found = imports.find_file(match[1], match[2]) if match else None
        return _respond_with_file(found) if found else _respond(404, "Not found.")

    return handle_event


def _is_local(headers: dict[str, str]) -> bool:
    """Return whether a browser of this machine asked, and no site that resolves its own name to 127.0.0.1."""
    return bool(_LOCAL_HOST.fullmatch(headers.get("host", ""))) and _FORWARDING_HEADERS.isdisjoint(headers)


def _respond(status: int, text: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": _HEADERS | {"content-type": "text/plain; charset=utf-8"}, "body": text}


def _respond_with_file(path: Path) -> dict[str, Any]:
    headers = _HEADERS | {"content-type": _CONTENT_TYPES[path.suffix]}
    if path.suffix == ".html":
        headers["content-security-policy"] = _REPORT_POLICY
    else:
        headers["content-disposition"] = f'attachment; filename="{path.name}"'
    return {"statusCode": 200, "headers": headers, "body": path}
