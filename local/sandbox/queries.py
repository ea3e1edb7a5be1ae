"""The sandbox's responses to GET requests, in the shapes that are known of the real API."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ACCOUNT = "/api/v1/apiClient/account"
OPT_OUTS = "/api/v1/apiClient/getOptout"
CONTACTS = "/api/v2/contact"


def build_query_response(
    path: str, account: str, opted_out: Sequence[str], contacts: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return the response to a GET request, None for an unknown path."""
    parts = urlsplit(path)
    parameters = dict(parse_qsl(parts.query))
    if parts.path == ACCOUNT:
        account_data = {"account_name": account, "balance": "12.50"}
        return {"meta": {"code": 200, "status": "SUCCESS"}, "data": account_data}
    if parts.path == OPT_OUTS:
        page, size = int(parameters["page"]), int(parameters["size"])
        return {
            "status": True,
            "message": "success",
            "data": _build_page([{"number": one} for one in opted_out], page, size),
        }
    if parts.path == CONTACTS:
        page, limit = int(parameters["page"]), int(parameters["limit"])
        tagged = [one for one in contacts if parameters.get("tagName") in one["tags"]]
        items = [{"Number": one["phone_number"][3:], "Tags": one["tags"], "Unsubscribe": False} for one in tagged]
        next_page = page + 1 if page * limit < len(items) else None
        return {"status": True, "data": {"items": items[(page - 1) * limit : page * limit], "next": next_page}}
    return None


def _build_page(entries: Sequence[object], page: int, size: int) -> dict[str, Any]:
    last = max(1, -(-len(entries) // size))
    return {
        "data": entries[(page - 1) * size : page * size],
        "total": len(entries),
        "limit": size,
        "current": page,
        "totalPages": last,
        "hasNextPage": page < last,
        "nextPage": page + 1 if page < last else None,
    }
