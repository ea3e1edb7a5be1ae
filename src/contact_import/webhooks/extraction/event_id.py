"""Find the sender's own id of a delivery: a delivery that is repeated must not become two imports.

Senders repeat a delivery whenever they did not receive the answer (https://www.standardwebhooks.com).
"""

import hashlib
from collections.abc import Iterator
from functools import cache

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.json_value import JsonValue
from contact_import.webhooks.provider import EventId
from contact_import.webhooks.registry import load_providers

_MAX_EVENT_ID_CHARS = 200


def find_event_id(request: HttpRequest, tree: JsonValue) -> str:
    """Return the sender's id of a delivery, "" if it has none that is unique.

    A wrong id is worse than none: two people under one id would be one import. So the first place that applies to the
    delivery decides, and all of its parts must be there.
    """
    for event_id in _list_event_ids():
        if _is_delivery_of(event_id, request, tree):
            parts = [[request.headers[name].strip()] for name in event_id.headers]
            parts += [list(_find_texts(tree, path.split("."))) for path in event_id.paths]
            return _normalize_event_id("\n".join(text for texts in parts for text in texts)) if all(parts) else ""
    return ""


@cache
def _list_event_ids() -> tuple[EventId, ...]:
    """Return the places of ids, headers first: only one sender uses the header, but many may use the key `id`."""
    event_ids = [one for provider in load_providers().values() for one in provider.event_ids]
    return tuple(sorted(event_ids, key=lambda one: not one.headers))


def _is_delivery_of(event_id: EventId, request: HttpRequest, tree: JsonValue) -> bool:
    return all(request.headers.get(name, "").strip() for name in event_id.headers) and all(
        any(True for _ in _find_nodes(tree, path.split("."))) for path in event_id.required
    )


def _normalize_event_id(event_id: str) -> str:
    """Return an id that is short, printable ASCII as it is, and the SHA-256 of any other."""
    if event_id.isprintable() and event_id.isascii() and len(event_id) <= _MAX_EVENT_ID_CHARS:
        return event_id
    return hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest() if event_id else ""


def _find_texts(tree: JsonValue, path: list[str]) -> Iterator[str]:
    return (node for node in _find_nodes(tree, path) if isinstance(node, str) and node)


def _find_nodes(tree: JsonValue, path: list[str]) -> Iterator[JsonValue]:
    if not path:
        yield tree
    elif isinstance(tree, dict):
        # XML writes an array of one element as that element.
        if path[0] == "*":
            yield from _find_nodes(tree, path[1:])
        elif path[0] in tree:
            yield from _find_nodes(tree[path[0]], path[1:])
    elif isinstance(tree, list):
        for node in tree if path[0] == "*" else tree[int(path[0]) : int(path[0]) + 1] if path[0].isdecimal() else []:
            yield from _find_nodes(node, path[1:])
