"""Answers that come in pages. Where nobody says how they are built, any sign that there is more counts."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered, ask
from contact_import.fields.phone import Phone, read_phone

_MOST_PAGES = 20_000
_LISTS = ("items", "data", "docs", "contacts", "optouts", "list", "records", "rows", "results")
_PAGINGS = ("pagination", "paging", "meta", "page")
_NO_LIST = "the answer has no list in it"
_EMPTY = "a page was empty, and others should have come"
_SAME = "the same page came twice"
_TOO_FEW = "{} of {} entries came"
_TOO_MANY = f"there are more than {_MOST_PAGES:,} pages"


def read_all(line: Line, path_of: Callable[[int], str], size: int, take: Callable[[object], None]) -> Unanswered | None:
    """Hand each entry of all pages, counted from 1, to `take`. Give why that could not be done to the end."""
    seen, before = 0, ""
    for page in range(1, _MOST_PAGES + 1):
        answer = ask(line, path_of(page))
        if isinstance(answer, Unanswered):
            return answer
        entries = _entries(answer)
        if entries is None:
            return Unanswered(_NO_LIST)
        for entry in entries:
            take(entry)
        seen += len(entries)
        total = _whole(answer, "total")
        if not _has_more(answer, page, len(entries), seen, size):
            return Unanswered(_TOO_FEW.format(seen, total)) if total is not None and seen < total else None
        if not entries:
            return Unanswered(_EMPTY)
        # An endpoint that does not heed the page would be asked for ever.
        this = json.dumps(entries)
        if this == before:
            return Unanswered(_SAME)
        before = this
    return Unanswered(_TOO_MANY)


def number_in(entry: object, names: tuple[str, ...]) -> str | None:
    """The number of an entry in E.164 form: it may come back as `403816000`."""
    if isinstance(entry, Mapping):
        entry = next((entry[name] for name in names if entry.get(name) not in (None, "")), None)
    if not isinstance(entry, str | int) or isinstance(entry, bool):
        return None
    found = read_phone(str(entry), region="AU", mobile_only=False)
    return found.e164 if isinstance(found, Phone) else None


def _entries(answer: Mapping[str, Any]) -> list[object] | None:
    inner = answer.get("data")
    if isinstance(inner, list):
        return inner
    for block in (inner, answer):
        if isinstance(block, Mapping):
            for name in _LISTS:
                if isinstance(found := block.get(name), list):
                    return found
    return None


def _has_more(answer: Mapping[str, Any], page: int, count: int, seen: int, size: int) -> bool:
    told = [block for block in _blocks(answer) if _PAGE_SIGNS & block.keys()]
    if not told:
        return count >= size
    pages, total = _whole(answer, "totalPages"), _whole(answer, "total")
    return (
        any(block.get("hasNextPage") is True or bool(block.get("nextPage") or block.get("next")) for block in told)
        or (pages is not None and page < pages)
        or (total is not None and count >= size and seen < total)
    )


_PAGE_SIGNS = {"hasNextPage", "nextPage", "next", "totalPages", "total"}


def _whole(answer: Mapping[str, Any], name: str) -> int | None:
    for block in _blocks(answer):
        value = block.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isdecimal() and len(value) < 12:
            return int(value)
    return None


def _blocks(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where what is told of the pages may stand."""
    inner = answer.get("data")
    for block in (inner, answer):
        if isinstance(block, Mapping):
            yield block
            yield from (block[name] for name in _PAGINGS if isinstance(block.get(name), Mapping))
