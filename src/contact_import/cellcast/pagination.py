"""Read responses that have several pages.

developer.cellcast.com does not define how a page says that there is another, so any known sign of one counts:
`{"data": {"items": […], "pagination": {"current": 1, "totalPages": 3, "hasNextPage": true}}}`, a `total`, or a full
page. A list that may be incomplete is an error: a missing page of the opt-out list would let people through.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed, query
from contact_import.fields.phone import Phone, read_phone

_MAX_PAGES = 20_000  # two million opt-outs at 100 a page; an endpoint that never ends must not hold a run
_LIST_KEYS = ("items", "data", "docs", "contacts", "optouts", "list", "records", "rows", "results")
_PAGINATION_KEYS = ("pagination", "paging", "meta", "page")
_PAGINATION_FIELDS = {"hasNextPage", "nextPage", "next", "totalPages", "total"}
_NO_LIST = "the response contains no list"
_EMPTY_PAGE = "a page was empty although others should follow"
_REPEATED_PAGE = "the same page was returned twice"
_INCOMPLETE = "only {} of {} entries were returned"
_TOO_MANY_PAGES = f"there are more than {_MAX_PAGES:,} pages"


def read_all_pages(
    client: CellcastClient, build_path: Callable[[int], str], page_size: int, handle_entry: Callable[[object], None]
) -> QueryFailed | None:
    """Call `handle_entry` with each entry of all pages. Return None, or why the pages could not be read to the end.

    `build_path` returns the path of a page, counted from 1; `page_size` is the number of entries that it asks for.
    """
    seen, previous_page = 0, ""
    for page in range(1, _MAX_PAGES + 1):
        answer = query(client, build_path(page))
        if isinstance(answer, QueryFailed):
            return answer
        entries = _find_entries(answer)
        if entries is None:
            return QueryFailed(_NO_LIST)
        for entry in entries:
            handle_entry(entry)
        seen += len(entries)
        total = _find_int(answer, "total")
        if not _has_more(answer, page, len(entries), seen, page_size):
            return QueryFailed(_INCOMPLETE.format(seen, total)) if total is not None and seen < total else None
        if not entries:
            return QueryFailed(_EMPTY_PAGE)
        # An endpoint that ignores the page number would be queried until `_MAX_PAGES`.
        serialized_page = json.dumps(entries)
        if serialized_page == previous_page:
            return QueryFailed(_REPEATED_PAGE)
        previous_page = serialized_page
    return QueryFailed(_TOO_MANY_PAGES)


def find_phone_number(entry: object, keys: tuple[str, ...]) -> str | None:
    """Return the phone number of an entry in E.164 form, None if it has none.

    `keys` are the names that the number may have. Cellcast returns numbers without the leading 0, as `403816000`.
    """
    if isinstance(entry, Mapping):
        entry = next((entry[name] for name in keys if entry.get(name) not in (None, "")), None)
    if not isinstance(entry, str | int) or isinstance(entry, bool):
        return None
    found = read_phone(str(entry), region="AU", mobile_only=False)
    return found.e164 if isinstance(found, Phone) else None


def _find_entries(answer: Mapping[str, Any]) -> list[object] | None:
    data_block = answer.get("data")
    if isinstance(data_block, list):
        return data_block
    for block in (data_block, answer):
        if isinstance(block, Mapping):
            for name in _LIST_KEYS:
                if isinstance(found := block.get(name), list):
                    return found
    return None


def _has_more(answer: Mapping[str, Any], page: int, count: int, seen: int, page_size: int) -> bool:
    """Return whether another page follows, by the fields of the response or, without any, because this page is full."""
    paginated = [block for block in _find_blocks(answer) if _PAGINATION_FIELDS & block.keys()]
    if not paginated:
        return count >= page_size
    pages, total = _find_int(answer, "totalPages"), _find_int(answer, "total")
    return (
        any(block.get("hasNextPage") is True or bool(block.get("nextPage") or block.get("next")) for block in paginated)
        or (pages is not None and page < pages)
        or (total is not None and count >= page_size and seen < total)
    )


def _find_int(answer: Mapping[str, Any], name: str) -> int | None:
    for block in _find_blocks(answer):
        value = block.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal() and len(value) < 12:
            return int(value)
    return None


def _find_blocks(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that may have the number of pages or of entries."""
    data_block = answer.get("data")
    for block in (data_block, answer):
        if isinstance(block, Mapping):
            yield block
            yield from (block[name] for name in _PAGINATION_KEYS if isinstance(block.get(name), Mapping))
